"""A projection is built beside the one that there is, compared by hashes, and taken over under traffic: nothing is sent
or planned, and a member that commits at the same moment wins."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from pymongo import InsertOne

from services.chassis.commit.beside import BesideUnitOfWork
from services.chassis.commit.decision import Decision, NoGuard
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in import beside as rows_beside
from services.chassis.kafka_in.beside import NAMED, Beside
from services.chassis.kafka_in.consumer import Consumer
from services.chassis.kafka_in.decoding import Record
from services.chassis.kafka_in.rebuilds import rebuild_beside
from services.chassis.kafka_in.reconciling import Differences, Reconciling
from services.chassis.model.documents import is_newer
from services.chassis.model.events import Cause, Incoming
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import NOTES, TALLIES, TELL, KeyJob, Note, Noted, NoteErased, Rig
from tests.integration.chassis.test_absence import ERASED_TOTAL, ROWS
from tests.integration.chassis.test_absence import keep as keep_row
from tests.support.kafka import Headers, ce_headers, read_all, send
from tests.support.waiting import eventually

KEYS = [f"k{n:03}" for n in range(120)]
ERASED, DAMAGED, BUSY = KEYS[:10], KEYS[10:60], KEYS[60:]
WRONG = 77


async def keep(uow: UnitOfWork, event: Incoming[Noted | None]) -> None:
    """A row a key; each event that moves it also plans a job and tells others, an erasure twice."""
    is_news = is_newer(event.sequence, await uow.get(TALLIES, event.key))
    await keep_row(uow, event)
    if is_news:
        told = await uow.get_or(NOTES, Note(id=f"told-{event.key}"))
        uow.put(NOTES, told.model_copy(update={"total": told.total + 1}), Noted(n=event.sequence))
        uow.enqueue(TELL, KeyJob(key=event.key), cause=event.id)


def said(key: str, sequence: int) -> tuple[bytes, bytes, Headers]:
    body = Noted(n=1000 + sequence).model_dump_json().encode()
    return key.encode(), body, ce_headers(f"{key}-{sequence}", Noted.event_type, sequence)


def erased(key: str, sequence: int) -> tuple[bytes, None, Headers]:
    return key.encode(), None, ce_headers(f"{key}-{sequence}", NoteErased.event_type, sequence)


@asynccontextmanager
async def traffic(rig: Rig) -> AsyncIterator[list[int]]:
    """Each busy key changes again and again; the last sequence is in the list."""
    last, goes_on = [2], True

    async def change() -> None:
        while goes_on:
            last[0] += 1
            await send(rig.bootstrap, rig.incoming, [said(key, last[0]) for key in BUSY])

    changing = asyncio.ensure_future(change())
    try:
        yield last
    finally:
        goes_on = False
        await changing


async def sequences(rig: Rig) -> dict[str, int]:
    return {row["_id"]: row["sequence"] for row in await rig.database.db.tallies.find().to_list(None)}


async def expected(rig: Rig) -> dict[str, int]:
    """The rules, said once more: the last record of each key."""
    found: dict[str, int] = {}
    for record in await read_all(rig.bootstrap, rig.incoming):
        value = None if record.value is None else Noted.model_validate_json(record.value).n
        found[(record.key or b"").decode()] = ERASED_TOTAL if value is None else value
    return found


async def left(rig: Rig) -> list[str]:
    return [name for name in await rig.database.db.list_collection_names() if NAMED in name]


async def prepared(rig: Rig, member: Group) -> None:
    """All is read; then some rows say what no record has said."""

    async def is_read() -> bool:
        found = await sequences(rig)
        return found.keys() == set(KEYS) and set(found.values()) == {2}

    await eventually(is_read, "all rows are there")
    await rig.database.db.tallies.update_many({"_id": {"$in": DAMAGED}}, {"$set": {"total": WRONG}})


async def filled(rig: Rig) -> None:
    await rig.make_topics(rig.incoming, rig.notes, partitions=3)
    await send(rig.bootstrap, rig.incoming, [said(key, 1) for key in KEYS])
    await send(rig.bootstrap, rig.incoming, [erased(k, 2) if k in ERASED else said(k, 2) for k in KEYS])


async def counts(rig: Rig) -> tuple[int, int]:
    return await rig.database.db.outbox.count_documents({}), await rig.database.db.jobs.count_documents({})


async def also_sending(self: Beside, uow: BesideUnitOfWork) -> None:
    """What a rebuild would do that keeps all that its decisions write."""
    await self._built.bulk_write(list(uow.rows()))
    rows = [operation for name, operation in uow.writes() if name == "outbox"]
    assert all(isinstance(row, InsertOne) for row in rows)
    await self.database.db.outbox.bulk_write(rows)  # type: ignore[arg-type]


@pytest.mark.parametrize("guarded", [True, False])
async def test_rows_are_taken_over_under_traffic_and_nothing_is_sent(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(Beside, "_write", also_sending)
    await filled(rig)
    member = Group(rig, keep, rows=ROWS)
    async with member:
        await prepared(rig, member)
        before = await counts(rig)
        assert member.reconciling and before == (250, 240)
        if not guarded:
            await rebuild_beside(member.reconciling)
            assert (await counts(rig))[0] == 500
            return
        checked = await rebuild_beside(member.reconciling, check=True)
        assert set(checked.content.other) == set(DAMAGED) and not checked.is_as_built and checked.after is None
        async with traffic(rig) as last:
            done = await rebuild_beside(member.reconciling)

        async def is_quiet() -> bool:
            found = await sequences(rig)
            return all(found[key] == last[0] for key in BUSY)

        await eventually(is_quiet, "the traffic has been read")
        assert set(done.content.other) == set(DAMAGED) and done.content.hash != done.content.beside
        assert done.after and done.after.hash == done.after.beside and last[0] > 2
        events = (last[0] - 2) * len(BUSY)
        assert await counts(rig) == (250 + events, 240 + events), "what the traffic caused, and once"
        again = await rebuild_beside(member.reconciling, check=True)
        assert again.is_as_built and again.content.rows == len(KEYS) and again.content.hash == again.content.beside
    found = {row["_id"]: row["total"] for row in await rig.database.db.tallies.find().to_list(None)}
    assert found == await expected(rig) and not await left(rig)


@pytest.mark.parametrize("guarded", [True, False])
async def test_each_record_that_a_row_is_behind_is_handled_whoever_comes_first(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rebuild overtakes a member that stands still, at whatever record, for as long as it may."""
    if not guarded:
        monkeypatch.setattr(Differences, "has_newer", is_last)
    await filled(rig)
    member = Group(rig, keep, rows=ROWS)
    async with member:
        await prepared(rig, member)
        assert member.reconciling
        goes_on, apply = asyncio.Event(), Consumer.apply

        async def held(self: Consumer, batches: Any) -> None:
            await goes_on.wait()
            await apply(self, batches)

        monkeypatch.setattr(Consumer, "apply", held)
        await send(rig.bootstrap, rig.incoming, [said(BUSY[0], n) for n in (3, 4, 5)])
        done = await rebuild_beside(member.reconciling)
        assert set(done.found.newer) == {BUSY[0]} and await has_read(rig, 5)
        overtaken = (253, 243) if guarded else (251, 241)
        assert await counts(rig) == overtaken
        goes_on.set()
        await send(rig.bootstrap, rig.incoming, [said(BUSY[0], 6)])
        await eventually(partial(has_read, rig, 6), "the member has read it")
        assert await counts(rig) == (overtaken[0] + 1, overtaken[1] + 1)


def is_last(self: Differences, record: Record) -> bool:
    """What a rebuild would handle that passes over the records before the last one."""
    key, sequence = (record.key or b"").decode(), int(dict(record.headers)["ce_sequence"] or 0)
    return key in self.newer and sequence == self.newer[key][-1]


async def test_what_members_have_refused_is_refused_once(rig: Rig) -> None:
    """The row stays behind such a record, so each rebuild meets it again."""
    await filled(rig)
    member = Group(rig, keep, rows=ROWS)
    async with member:
        await prepared(rig, member)
        assert member.reconciling
        key, _, headers = said(BUSY[0], 3)
        await send(rig.bootstrap, rig.incoming, [(key, b"{}", headers), said(BUSY[1], 3)])
        await eventually(lambda: is_refused(rig, 1), "its dead letter is there")
        for _ in range(2):
            done = await rebuild_beside(member.reconciling)
            assert done.found.newer == {BUSY[0]: range(3, 4)} and done.refused == 1
        assert await is_refused(rig, 1)


async def is_refused(rig: Rig, times: int) -> bool:
    return await rig.database.db.outbox.count_documents({"topic": rig.dead}) == times


async def has_read(rig: Rig, sequence: int) -> bool:
    return (await sequences(rig))[BUSY[0]] == sequence


async def built(rig: Rig, reconciling: Reconciling) -> Beside:
    beside = Beside(database=rig.database, names=rig.topics, reader=reconciling.reader, projects=ROWS)
    await beside.begin()
    await reconciling.compare(beside)
    return beside


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_later_record_that_is_handled_meanwhile_stays(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(Beside, "_as_compared", lambda self, stored: {"_id": stored["_id"]})
    await filled(rig)
    member = Group(rig, keep, rows=ROWS)
    async with member:
        await prepared(rig, member)
        assert member.reconciling
        beside = await built(rig, member.reconciling)
        paired, looks = Beside._paired, [0]

        async def and_then_a_record_is_handled(self: Beside, ids: Any) -> Any:
            found = await paired(self, ids)
            looks[0] += 1
            if looks[0] == 2:  # the first look compares, the second one is about to replace
                later = {"$set": {"sequence": 3, "total": 3}, "$inc": {"revision": 1}}
                await rig.database.db.tallies.update_one({"_id": DAMAGED[0]}, later)
            return found

        monkeypatch.setattr(Beside, "_paired", and_then_a_record_is_handled)
        await beside.switch()
        await beside.end()
    row = await rig.database.db.tallies.find_one({"_id": DAMAGED[0]})
    assert row and (row["sequence"], row["total"]) == ((3, 3) if guarded else (2, 1002))


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_decision_about_the_row_of_before_is_made_again(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    successor = Beside._successor
    if not guarded:
        monkeypatch.setattr(
            Beside, "_successor", lambda self, old, new: successor(self, old, new) | {"revision": old["revision"]}
        )
    await filled(rig)
    member, seen = Group(rig, keep, rows=ROWS), list[int]()
    async with member:
        await prepared(rig, member)
        assert member.reconciling
        beside = await built(rig, member.reconciling)

        async def decide(uow: UnitOfWork) -> None:
            row = await uow.get(TALLIES, DAMAGED[0])
            assert row is not None
            seen.append(row.total)
            if len(seen) == 1:
                await beside.switch()
            uow.put(TALLIES, row.model_copy(update={"total": row.total + 1}))

        decision = Decision(decide=decide, cause=Cause("a command"))
        await rig.committer().commit(deque([decision]), NoGuard())
        await beside.end()
    row = await rig.database.db.tallies.find_one({"_id": DAMAGED[0]})
    assert row and (seen, row["total"]) == (([WRONG, 1002], 1003) if guarded else ([WRONG], WRONG + 1))


async def test_what_a_killed_one_left_is_taken_away_and_goes_by_itself(rig: Rig) -> None:
    await filled(rig)
    member = Group(rig, keep, rows=ROWS)
    async with member:
        await prepared(rig, member)
        assert member.reconciling
        killed = await built(rig, member.reconciling)
        indexes = await rig.database.db[killed.name].index_information()
        assert any(index.get("expireAfterSeconds") == rows_beside.LEFT_SECONDS for index in indexes.values())
        assert await rig.database.db[killed.name].count_documents({}) == len(KEYS)
        done = await rebuild_beside(member.reconciling)
        assert done.after and not done.after.other and not await left(rig)
