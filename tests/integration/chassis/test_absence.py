"""Away longer than erasures live: what was erased meanwhile is found by comparing the rows with the topic, and erased
by the service's own handler, once. The same comparison can be made at any time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in.absences import Absences
from services.chassis.kafka_in.rebuilds import rebuild_beside, rows_of, why_held
from services.chassis.kafka_in.reconciling import Differences, Reconciling
from services.chassis.kafka_in.subscriptions import Projects
from services.chassis.model.documents import is_newer
from services.chassis.model.events import Incoming
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import NOTES, TALLIES, Note, Noted, NoteErased, Rig, Tally
from tests.integration.chassis.test_logs import at, has, is_said
from tests.integration.chassis.test_partitions import noted
from tests.support.kafka import ce_headers, configure, read_all, send
from tests.support.waiting import eventually
from tests.support.whole import COMPACTED_SOON

KEYS = [f"k{n}" for n in range(30)]
GONE, CHANGED, ERASED_TOTAL = KEYS[0], KEYS[1], -1
ROWS = Projects(TALLIES.name, living={"total": {"$ne": ERASED_TOTAL}})


async def keep(uow: UnitOfWork, event: Incoming[Noted | None]) -> None:
    """A row a key; an erasure leaves its sequence, and tells others."""
    row = await uow.get_or(TALLIES, Tally(id=event.key))
    if not is_newer(event.sequence, row):
        return
    total = ERASED_TOTAL if event.data is None else event.data.n
    uow.put(TALLIES, row.model_copy(update={"sequence": event.sequence, "total": total}))
    if event.data is None:
        told = await uow.get_or(NOTES, Note(id=f"gone-{event.key}"))
        uow.put(NOTES, told.model_copy(update={"total": told.total + 1}), Noted(n=1))


def erasure(key: str, sequence: int) -> tuple[bytes, None, Sequence[tuple[str, bytes | None]]]:
    return key.encode(), None, ce_headers(f"{key}-{sequence}", NoteErased.event_type, sequence)


async def compacted_away(rig: Rig, key: str) -> bool:
    """Begins a segment, so that Kafka cleans the one before."""
    await send(rig.bootstrap, rig.incoming, [noted("filler", 1)])
    left = await read_all(rig.bootstrap, rig.incoming)
    return not [record for record in left if record.key == key.encode()]


async def make_compacted(rig: Rig) -> None:
    await rig.make_topics(rig.incoming, rig.notes, partitions=1)
    await configure(rig.bootstrap, rig.incoming, {"cleanup.policy": "compact"} | COMPACTED_SOON)


async def totals(rig: Rig) -> dict[str, int]:
    return {row["_id"]: row["total"] for row in await rig.database.db.tallies.find().to_list(None)}


async def told(rig: Rig) -> list[Any]:
    return list(await rig.database.db.outbox.find({"key": f"gone-{GONE}".encode()}).to_list(None))


async def is_erased(rig: Rig) -> bool:
    return (await totals(rig))[GONE] == ERASED_TOTAL


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_was_erased_during_a_long_absence_is_erased_before_the_member_is_ready(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def careless(self: Absences, *of: Any) -> None:
        for reading in of[1].values():
            reading.is_judged = True

    if not guarded:
        monkeypatch.setattr(Absences, "judge", careless)
    await make_compacted(rig)
    await send(rig.bootstrap, rig.incoming, [noted(key, 1) for key in KEYS])
    async with Group(rig, keep, rows=ROWS):
        await eventually(lambda: has(rig, KEYS), "all rows are there")
    await send(rig.bootstrap, rig.incoming, [erasure(GONE, 2), noted(CHANGED, 2)])
    await eventually(lambda: compacted_away(rig, GONE), "the erasure came and went", 90)
    member = Group(rig, keep, rows=ROWS, watched=True)
    async with member:
        assert member.reconciling
        await eventually(lambda: has(rig, ["filler"]), "the member is at the end of the log")
        if not guarded:
            await eventually(lambda: member.watch.has_judged, "it counts as ready")
            assert not await is_erased(rig) and (await member.reconciling.compare()).missing == {GONE: 1}
            return
        await eventually(lambda: is_erased(rig), "the row is erased")
        await eventually(lambda: not is_said(rig, rows_of(rig.incoming))(), "the member is ready")
        assert (await member.reconciling.compare()).are_none
    # Away once more: nothing is missed, and nothing is said twice.
    async with Group(rig, keep, rows=ROWS, watched=True) as consumer:
        await eventually(lambda: consumer.has_joined, "back")
        await eventually(lambda: not rig.database.conditions.all(), "compared once more")
    assert len(await told(rig)) == 1 and (await totals(rig))[CHANGED] == 1


async def test_a_comparison_changes_nothing_and_what_it_found_is_mended_once(rig: Rig) -> None:
    """Rows that lost an update, a row too many, and a row that is not there: restored from an old backup, perhaps."""
    await rig.make_topics(rig.incoming, rig.notes, partitions=3)
    await send(rig.bootstrap, rig.incoming, [noted(key, 1) for key in KEYS])
    await send(rig.bootstrap, rig.incoming, [noted(CHANGED, 2)])
    member = Group(rig, keep, rows=ROWS)
    assert member.reconciling
    async with member:
        await eventually(lambda: has(rig, KEYS), "all rows are there")
    rows = rig.database.db.tallies
    await rows.insert_one({"_id": "stray", "sequence": 4, "total": 1, "revision": 1, "at": 1})
    await rows.update_one({"_id": CHANGED}, {"$set": {"sequence": 1}})
    await rows.delete_one({"_id": KEYS[2]})
    for _ in range(2):
        found = await member.reconciling.compare()
        assert found == Differences(30, {"stray": 4}, {CHANGED: range(2, 3), KEYS[2]: range(1, 2)})
    for _ in range(2):
        await member.reconciling.apply(found)
        assert (await member.reconciling.compare()).are_none
    after = await totals(rig)
    assert after["stray"] == ERASED_TOTAL and after[KEYS[2]] == 1
    assert await rig.count_rows(key=b"gone-stray") == 1


def careless_of_its_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the guard away: whatever the topic does not have was erased."""

    async def is_the_same(self: Reconciling, log: object) -> bool:
        return False

    monkeypatch.setattr(Reconciling, "_has_new_log", is_the_same)


@pytest.mark.parametrize("guarded", [True, False])
async def test_rows_of_a_topic_that_was_made_again_wait_for_an_operator_however_few_they_are(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of thirty was not sent again: the new log does not say whether it was erased."""
    if not guarded:
        careless_of_its_log(monkeypatch)
    await rig.make_topics(rig.incoming, rig.notes, partitions=1)
    await send(rig.bootstrap, rig.incoming, [noted(key, 1) for key in KEYS])
    member = Group(rig, keep, rows=ROWS, watched=True)
    async with member:
        await eventually(lambda: has(rig, KEYS), "all rows are there")
        await rig.make_incoming_again()
        await send(rig.bootstrap, rig.incoming, [noted(key, 2) for key in KEYS[1:]])
        await eventually(lambda: at(rig, len(KEYS) - 1), "the new log is read", 30)
        await member.rebuilds.plan(rig.incoming, "an absence")
        if not guarded:
            await eventually(lambda: is_erased(rig), "it is erased, and no one was asked")
            return
        await eventually(lambda: is_held(rig), "an operator is told")
    # A restart, and whoever looks next, tells it again.
    async with Group(rig, keep, rows=ROWS, watched=True) as consumer:
        await eventually(lambda: consumer.has_joined and is_held(rig), "an operator is told again")
        assert member.reconciling and not await is_erased(rig)
        assert (await rebuild_beside(member.reconciling)).held and not await is_erased(rig)
        assert (await rebuild_beside(member.reconciling, erase=True)).held is None and await is_erased(rig)
        await eventually(lambda: not is_said(rig, rows_of(rig.incoming))(), "it is acknowledged")
    assert (await member.reconciling.compare()).has_new_log is False


def is_held(rig: Rig) -> bool:
    found = [found for found in rig.database.conditions.all() if found.part == rows_of(rig.incoming)]
    return any(one.command and "made again" in one.detail and "--erase" in one.command for one in found)


def test_what_looks_like_a_mistake_waits_for_an_operator() -> None:
    def missing(n: int) -> dict[str, int]:
        return {f"k{i}": 1 for i in range(n)}

    assert why_held(Differences(10_000, missing(1500))) is None and why_held(Differences(25, missing(20))) is None
    assert "more than are erased" in (why_held(Differences(100, missing(50))) or "")
    assert "beginning was removed" in (why_held(Differences(100, missing(1), has_beginning=False)) or "")
    assert "made again" in (why_held(Differences(100, missing(1), has_new_log=True)) or "")
    assert why_held(Differences(100, {}, {"a": range(2, 3)}, has_beginning=False, has_new_log=True)) is None
