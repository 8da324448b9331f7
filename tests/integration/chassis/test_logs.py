"""Positions that no longer fit their log: topics made again, records removed too early, partitions without a reader.
Each is seen, said and mended; without its guard a member goes on, ready and with no lag, and has missed events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions, RecordsToDelete

from services.chassis.kafka_in import seeking
from services.chassis.kafka_in.consumer import Consumer
from services.chassis.kafka_in.known_ends import KnownEnds
from services.chassis.kafka_in.seeking import log_of
from services.chassis.kafka_in.watch import LogWatch, partitions_of, records_of
from services.chassis.mongo.database import GAPS
from services.chassis.ops import metrics
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import Rig, project
from tests.integration.chassis.test_partitions import noted, rows
from tests.support.kafka import admin, send
from tests.support.waiting import eventually

SEEN_SECONDS = 30.0
OLD, NEW = [f"old{n}" for n in range(50)], [f"new{n}" for n in range(80)]
STATIC: dict[str, Any] = {"instance_id": "twelve"}


async def has(rig: Rig, keys: Iterable[str]) -> bool:
    return set(keys) <= (await rows(rig)).keys()


async def say(rig: Rig, keys: Iterable[str]) -> None:
    await send(rig.bootstrap, rig.incoming, [noted(key, 1) for key in keys])


def is_said(rig: Rig, part: str) -> Callable[[], bool]:
    return lambda: part in [found.part for found in rig.database.conditions.all()]


async def at(rig: Rig, offset: int) -> bool:
    return bool((await rig.database.db.cursors.find_one({"next": offset})) is not None)


def forget_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the guard away: a log is known by its length only."""
    known = seeking.place

    def place(checkpoint: Any, seen: Any, **more: Any) -> seeking.Place:
        nameless = {name: value for name, value in (checkpoint or {}).items() if name != "topic_id"}
        return known(nameless or None, seen, **more)

    monkeypatch.setattr(seeking, "place", place)
    monkeypatch.setattr(LogWatch, "_compare_ids", lambda self, facts, assigned: None)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_topic_made_again_under_a_running_member_is_read_from_its_start(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new log is longer than what was read of the old one: to Kafka the position is a good one."""
    if not guarded:
        forget_ids(monkeypatch)
    await rig.make_topics(rig.incoming, partitions=1)
    await say(rig, OLD)
    async with Group(rig, project, watched=True, **STATIC):
        await eventually(lambda: has(rig, OLD), "the old log")
        await rig.make_incoming_again()
        await say(rig, NEW)
        began = time.monotonic()
        if guarded:
            await eventually(is_said(rig, log_of(rig.incoming)), "it is said", SEEN_SECONDS)
            print(f"seen after {time.monotonic() - began:.1f} s")
        await eventually(lambda: at(rig, len(NEW)), "the member is at the end of the new log", SEEN_SECONDS)
        if guarded:
            await eventually(lambda: has(rig, NEW), "all of the new log took effect", SEEN_SECONDS)
            print(f"whole after {time.monotonic() - began:.1f} s")
            await eventually(lambda: not is_said(rig, log_of(rig.incoming))(), "it is mended", SEEN_SECONDS)
        else:
            assert not await has(rig, NEW[:50]) and await has(rig, NEW[50:]), "its beginning was passed over"


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("records", [20, 80])
async def test_a_topic_made_again_while_a_static_member_restarts_is_read_from_its_start(
    rig: Rig, records: int, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        forget_ids(monkeypatch)
    await rig.make_topics(rig.incoming, partitions=1)
    await say(rig, OLD)
    async with Group(rig, project, **STATIC):
        await eventually(lambda: has(rig, OLD), "the old log")
    await rig.make_incoming_again()
    await say(rig, NEW[:records])
    async with Group(rig, project, watched=True, **STATIC):
        await eventually(lambda: at(rig, records), "the member is at the end of the new log", SEEN_SECONDS)
        # A log that is shorter than the checkpoint is recognised without its id, too.
        assert await has(rig, NEW[:records]) is (guarded or records < len(OLD))


@pytest.mark.long
async def test_a_topic_that_is_not_there_is_said_and_read_when_it_is_made(rig: Rig) -> None:
    await rig.make_topics(rig.incoming, partitions=1)
    await say(rig, OLD)
    async with Group(rig, project, watched=True, **STATIC):
        await eventually(lambda: has(rig, OLD), "the old log")
        async with admin(rig.bootstrap) as client:
            await client.delete_topics([rig.incoming])
        await eventually(is_said(rig, partitions_of(rig.incoming)), "it is said", SEEN_SECONDS)
        [found] = rig.database.conditions.all()
        assert found.command == "python -m services.chassis.topics apply" and "not there" in found.detail
        await rig.make_topics(rig.incoming, partitions=1)
        await say(rig, NEW)
        await eventually(lambda: has(rig, NEW), "the new log", SEEN_SECONDS)
        await eventually(lambda: not rig.database.conditions.all(), "nothing is degraded any more", SEEN_SECONDS)


async def remove_before(rig: Rig, offset: int) -> None:
    place = TopicPartition(rig.incoming, 0)
    async with admin(rig.bootstrap) as client:
        await client.delete_records({place: RecordsToDelete(before_offset=offset)})


def lost(rig: Rig) -> float:
    return float(metrics.records_lost.labels(rig.incoming, "retention")._value.get())


@pytest.mark.parametrize("runs", [True, False])
@pytest.mark.parametrize("guarded", [True, False])
async def test_records_that_retention_removed_unread_are_counted_and_said_until_acknowledged(
    rig: Rig, runs: bool, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """120 records were lost without a line; the member runs behind, or is away."""
    if not guarded:
        known = seeking.place
        monkeypatch.setattr(seeking, "place", lambda *found, **more: seeking.Place(known(*found, **more).start))
    await rig.make_topics(rig.incoming, partitions=1)
    await say(rig, OLD)
    group = Group(rig, project, watched=True, **STATIC)
    async with group as consumer:
        await eventually(lambda: has(rig, OLD), "all that was there")
        if runs:
            await _fall_behind(rig, consumer)
            await _told(rig, guarded)
    if not runs:
        await say(rig, [f"lost{n}" for n in range(120)])
        await remove_before(rig, 170)
        await say(rig, NEW)
        async with Group(rig, project, watched=True, **STATIC):
            await _told(rig, guarded)


async def _fall_behind(rig: Rig, consumer: Consumer) -> None:
    kafka = consumer.kafka
    assert kafka is not None
    place = TopicPartition(rig.incoming, 0)
    kafka.pause(place)
    await say(rig, [f"lost{n}" for n in range(120)])
    await remove_before(rig, 170)
    await say(rig, NEW)
    # What the client had fetched before it paused is not what this is about.
    kafka.seek(place, 50)
    kafka.resume(place)


async def _told(rig: Rig, guarded: bool) -> None:
    await eventually(lambda: has(rig, NEW), "what is still there", SEEN_SECONDS)
    if not guarded:
        assert lost(rig) == 0 and await rig.database.db[GAPS].count_documents({}) == 0
        return
    assert lost(rig) == 120
    await eventually(is_said(rig, records_of(rig.incoming)), "the loss is said", SEEN_SECONDS)
    [gap] = await rig.database.db[GAPS].find({}).to_list(None)
    assert (gap["first"], gap["begin"], gap["records"]) == (50, 170, 120)
    [found] = [found for found in rig.database.conditions.all() if found.part == records_of(rig.incoming)]
    assert "0: 50 to 169" in found.detail and found.command and "gaps acknowledge" in found.command
    await rig.database.db[GAPS].update_one({}, {"$set": {"acknowledged": {"by": "me"}}})
    await eventually(lambda: not is_said(rig, records_of(rig.incoming))(), "an operator has seen it", SEEN_SECONDS)


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_was_not_read_of_a_deleted_topic_is_counted_and_said(
    rig: Rig, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member is behind when it is made again. What was read is not counted, nor is it looked for in the new log."""
    if not guarded:
        monkeypatch.setattr(KnownEnds, "unread", lambda self, tp, topic_id, after: 0)
    place, unread = TopicPartition(rig.incoming, 0), [f"unread{n}" for n in range(120)]
    await rig.make_topics(rig.incoming, partitions=1)
    await say(rig, OLD)
    async with Group(rig, project, watched=True, **STATIC) as consumer:
        await eventually(lambda: has(rig, OLD), "all that was there")
        assert consumer.kafka is not None
        consumer.kafka.pause(place)
        await say(rig, unread)
        await eventually(lambda: consumer.positions.readings[place].end == 170, "its end is known", SEEN_SECONDS)
        await rig.make_incoming_again()
        await say(rig, NEW)
        await eventually(lambda: has(rig, NEW), "all of the new log took effect", SEEN_SECONDS)
        counted = metrics.records_lost.labels(rig.incoming, "deleted")._value.get()
        missed = len([key for key in unread if key not in await rows(rig)])
        assert missed >= counted == (missed if guarded else 0)
        if guarded:
            await eventually(is_said(rig, records_of(rig.incoming)), "the loss is said", SEEN_SECONDS)
            [gap] = await rig.database.db[GAPS].find({}).to_list(None)
            assert (gap["begin"], gap["reason"]) == (170, "deleted")


async def test_markers_of_transactions_that_retention_removed_are_no_loss(rig: Rig) -> None:
    """Behind a checkpoint there are only markers; when they age out, nothing is lost."""
    await rig.make_topics(rig.incoming, partitions=1)
    await say(rig, OLD)
    async with Group(rig, project, watched=True) as consumer:
        await eventually(lambda: has(rig, OLD), "all that was there")
        # As if the last two offsets were markers: the position is behind them, the checkpoint is not.
        await rig.database.db.cursors.update_one({}, {"$set": {"next": 48}})
        await eventually(lambda: _seen(rig, consumer, 50), "how far it was read is written down", SEEN_SECONDS)
    await remove_before(rig, 50)
    await say(rig, NEW)
    async with Group(rig, project, watched=True):
        await eventually(lambda: has(rig, NEW), "what came later")
        assert lost(rig) == 0 and await rig.database.db[GAPS].count_documents({}) == 0


async def _seen(rig: Rig, consumer: Consumer, offset: int) -> bool:
    return await rig.database.db.seen.find_one({"next": offset}) is not None


@pytest.mark.parametrize("guarded", [True, pytest.param(False, marks=pytest.mark.slow)])
async def test_partitions_that_were_added_are_read_within_a_minute_though_no_member_leads(
    rig: Rig, guarded: bool
) -> None:
    """12 become 16 under traffic. A static member that is back within its session starts no rebalance, and does not
    know that it leads, so it looks at no metadata."""
    await rig.make_topics(rig.incoming, partitions=12)
    await say(rig, OLD)
    async with Group(rig, project, **STATIC):
        await eventually(lambda: has(rig, OLD), "twelve partitions")
    async with Group(rig, project, watched=guarded, **STATIC) as consumer:
        await eventually(lambda: consumer.has_joined, "it is back")
        async with admin(rig.bootstrap) as client:
            await client.create_partitions({rig.incoming: NewPartitions(total_count=16)})
        began = time.monotonic()
        for n in range(16):
            await send(rig.bootstrap, rig.incoming, [noted(f"p{n}", 1)], partition=n)
        all_read = partial(has, rig, [f"p{n}" for n in range(16)])
        if guarded:
            await eventually(all_read, "sixteen partitions", 60)
            print(f"read after {time.monotonic() - began:.1f} s")
            await eventually(lambda: not rig.database.conditions.all(), "nothing is degraded any more", SEEN_SECONDS)
        else:
            await eventually(lambda: has(rig, [f"p{n}" for n in range(12)]), "the old partitions")
            with pytest.raises(AssertionError):
                await eventually(all_read, "nothing reads the new ones", 25)
