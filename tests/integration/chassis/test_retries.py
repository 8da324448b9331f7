"""Dead letters that are sent again: the same checks, one effect, and nothing lost or doubled by a kill."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in import checkpoint
from services.chassis.kafka_in.dead_letters import (
    MAX_RESENT,
    OURS,
    DeadLetter,
    retry_row,
    why_not_to_resend,
)
from services.chassis.kafka_in.retries import RetryReader
from services.chassis.model.events import Incoming
from services.chassis.model.refusals import Refused
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import TALLIES, Noted, Rig, Tally, count, project
from tests.support.kafka import ce_headers, read_all, send
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
TYPE = Noted.event_type
KILLS = (
    "decided",
    "written, not committed",
    "all written",
    "committed",
    "rows in hand",
    "acknowledged, not committed",
    "published, not deleted",
    "deleted",
)


async def fails(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    """A rule of a former version."""
    raise Refused("closed", "not taken")


async def letters(rig: Rig) -> list[DeadLetter]:
    """Everything on the topic of dead letters."""
    await rig.drain()
    return [DeadLetter.read(record) for record in await read_all(rig.bootstrap, rig.dead)]


async def send_again(rig: Rig, *chosen: DeadLetter) -> list[Any]:
    """As an operator does it; returns all of the topic of retries."""
    await rig.database.clock.refresh(rig.database.client)
    at = rig.database.clock.now_us()
    rows = [retry_row(letter, topic=rig.again, by="ops", at=at + n) for n, letter in enumerate(chosen)]
    await rig.database.db.outbox.insert_many(rows)
    await rig.drain()
    return await read_all(rig.bootstrap, rig.again)


async def dead(rig: Rig, n: int, **options: Any) -> list[DeadLetter]:
    """`n` events that were refused."""
    await rig.make_topics(rig.incoming, rig.dead, rig.again, rig.notes)
    await rig.apply(rig.consumer(fails, **options), await rig.fill(n))
    return await letters(rig)


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_is_sent_again_twice_has_one_effect_and_keeps_its_id(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await dead(rig, 7)
    again = await send_again(rig, *found, *found)
    assert sorted(dict(r.headers)["ce_id"] for r in again) == sorted(2 * [b"e%d" % n for n in range(7)])
    assert all(dict(r.headers)["dlq_resent_by"] == b"ops" for r in again)
    if not guarded:
        monkeypatch.setattr(RetryReader, "inbox", False)
    await rig.apply(rig.consumer(count), again)
    assert await rig.tally() == (7 if guarded else 14)
    assert await rig.count_rows(topic=rig.dead) == 0


async def test_an_older_state_that_is_sent_again_overwrites_no_newer_one(rig: Rig) -> None:
    [letter] = await dead(rig, 1)
    newer = (b"k0", b'{"n": 100}', ce_headers("newer", TYPE, 2))
    await send(rig.bootstrap, rig.incoming, [newer], partition=letter.origin.partition if letter.origin else 0)
    consumer = rig.consumer(project)
    await rig.apply(consumer, (await read_all(rig.bootstrap, rig.incoming))[-1:])
    assert await rig.tally("k0") == 100
    await rig.apply(consumer, await send_again(rig, letter))
    row = await rig.database.one(TALLIES, "k0")
    assert row and (row.total, row.sequence) == (100, 2)
    assert await rig.count_rows(topic=rig.dead) == 0


async def test_a_newer_state_that_is_sent_again_takes_effect(rig: Rig) -> None:
    """The control of the test above."""
    await rig.make_topics(rig.incoming, rig.dead, rig.again, rig.notes)
    records = await rig.fill(8)
    last = max(records, key=lambda r: dict(r.headers)["ce_id"] == b"e7")
    await rig.apply(rig.consumer(project), [r for r in records if r.partition != last.partition or r is not last])
    await rig.apply(rig.consumer(fails), [last])
    [letter] = await letters(rig)
    await rig.apply(rig.consumer(project), await send_again(rig, letter))
    row = await rig.database.one(TALLIES, "k0")
    assert row and (row.total, row.sequence) == (7, 2)


async def test_what_fails_again_is_a_dead_letter_again_and_is_counted_up_to_a_bound(rig: Rig) -> None:
    [letter] = await dead(rig, 1)
    first, tried = letter, 0
    readable = frozenset({rig.incoming})
    consumer = rig.consumer(fails)
    while why_not_to_resend(letter, readable=readable) is None:
        again = await send_again(rig, letter)
        tried += 1
        await rig.apply(consumer, again)
        letter = next(one for one in await letters(rig) if one.origin and one.origin.resent == tried)
    assert tried == MAX_RESENT
    assert letter.origin and first.origin and letter.origin.topic == rig.incoming
    assert (letter.origin.partition, letter.origin.offset) == (first.origin.partition, first.origin.offset)
    assert len({one.digest for one in await letters(rig)}) == MAX_RESENT + 1
    kept = [header for header in letter.headers if not header[0].startswith(OURS)]
    assert kept == [header for header in first.headers if not header[0].startswith(OURS)]


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_refused_event_is_not_remembered_as_done(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be lost when it is sent again, without a line."""
    if not guarded:
        monkeypatch.setattr(checkpoint, "has_effect", lambda decision: True)
    found = await dead(rig, 3, inbox=True)
    await rig.apply(rig.consumer(count, inbox=True), await send_again(rig, *found))
    assert await rig.tally() == (3 if guarded else 0)


async def test_sources_are_checked_as_on_the_public_topic(rig: Rig) -> None:
    [letter] = await dead(rig, 1)
    await rig.apply(rig.consumer(count, source="/magpie/notes"), await send_again(rig, letter))
    [row] = await rig.database.db.outbox.find({"topic": rig.dead}).to_list(None)
    assert b"source" in dict(row["headers"])["dlq_reason"] and await rig.tally() == 0


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"dlq_topic": "elsewhere", "dlq_partition": "0", "dlq_offset": "0"},
        {"dlq_topic": "{incoming}", "dlq_partition": "-1", "dlq_offset": "0"},
        {"dlq_topic": "{incoming}", "dlq_partition": "0", "dlq_offset": "9" * 40},
        {"dlq_topic": "{again}", "dlq_partition": "0", "dlq_offset": "0"},
    ],
)
async def test_a_record_without_an_origin_is_a_dead_letter(rig: Rig, headers: dict[str, str]) -> None:
    await rig.make_topics(rig.incoming, rig.dead, rig.again, rig.notes)
    named = {name: text.format(incoming=rig.incoming, again=rig.again) for name, text in headers.items()}
    await send(rig.bootstrap, rig.again, [(b"k", b'{"n": 1}', ce_headers("e", TYPE, 1, **named))])
    await rig.apply(rig.consumer(count), await read_all(rig.bootstrap, rig.again))
    [letter] = await letters(rig)
    assert await rig.tally() == 0 and letter.reason.startswith("Unreadable")


async def test_headers_of_a_stranger_do_not_pose_as_ours(rig: Rig) -> None:
    await rig.make_topics(rig.incoming, rig.dead, rig.again, rig.notes)
    posing = ce_headers("e", TYPE, 1, dlq_resent="4", dlq_resent_by="root", dlq_value_cut_from="9", dlq_topic="other")
    await send(rig.bootstrap, rig.incoming, [(b"k", b"{no json", posing)])
    await rig.apply(rig.consumer(count), await read_all(rig.bootstrap, rig.incoming))
    [letter] = await letters(rig)
    assert letter.origin and (letter.origin.topic, letter.origin.resent) == (rig.incoming, 0)
    assert letter.cut_from is None and letter.origin.resent_by == ""


async def test_a_restarted_member_goes_on_behind_records_without_an_id(rig: Rig) -> None:
    """The checkpoint knows the record at its offset again, whatever was wrong with it."""
    await rig.make_topics(rig.incoming, rig.dead, rig.again, partitions=1)
    odd = [("ce_id", b"e1"), ("ce_type", None)]
    await send(rig.bootstrap, rig.incoming, [(b"k", b"x", odd), (b"k", b"x", [("x", b"y")])])
    for expected in (2, 2):
        async with Group(rig, count):
            await eventually(partial(at_checkpoint, rig, expected), "read")
    assert await rig.count_rows(topic=rig.dead) == 2


async def at_checkpoint(rig: Rig, offset: int) -> bool:
    return (await rig.database.db.cursors.find_one({}) or {}).get("next") == offset


@asynccontextmanager
async def chain(rig: Rig, step: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "tests.integration.chassis.victim", rig.bootstrap, rig.uri]
    process = await asyncio.create_subprocess_exec(*command, rig.database.db.name, rig.prefix, step, "again", cwd=ROOT)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("step", KILLS)
async def test_a_kill_while_letters_are_sent_again_loses_and_doubles_nothing(step: str, rig: Rig) -> None:
    found = await dead(rig, 50)
    await rig.database.clock.refresh(rig.database.client)
    at = rig.database.clock.now_us()
    rows = [retry_row(letter, topic=rig.again, by="ops", at=at + n) for n, letter in enumerate(found)]
    await rig.database.db.outbox.insert_many(rows)
    async with chain(rig, step) as victim:
        async with asyncio.timeout(60):
            assert await victim.wait() == -signal.SIGKILL
    async with chain(rig, "none"):

        async def all_done() -> bool:
            return await rig.tally() >= 50 and await rig.count_rows() == 0

        await eventually(all_done, "everything done", 60)
    tally = await rig.database.one(TALLIES, "sum")
    assert isinstance(tally, Tally) and tally.total == 50
    assert len({dict(r.headers)["ce_id"] for r in await read_all(rig.bootstrap, rig.again)}) == 50
