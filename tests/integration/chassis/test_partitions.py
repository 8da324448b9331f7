"""Topics that change under their readers: more partitions, and partitions that compaction has emptied."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from aiokafka.admin import NewPartitions

from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in.consumer import Consumer
from services.chassis.model.events import Incoming
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import TALLIES, Noted, NoteErased, Rig, Tally, count, project, sequences
from tests.support.kafka import Headers, admin, ce_headers, configure, producing, read_all, send
from tests.support.waiting import eventually
from tests.support.whole import COMPACTED_SOON

KEYS = [f"k{n}" for n in range(12)]
BEFORE, AFTER = range(1, 6), range(6, 10)
UNKNOWN = "magpie.test.filler"


def noted(key: str, sequence: int) -> tuple[bytes, bytes, Headers]:
    return (
        key.encode(),
        Noted(n=1).model_dump_json().encode(),
        ce_headers(f"{key}-{sequence}", Noted.event_type, sequence),
    )


async def blindly(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    """Without its guard: the last record that is read wins."""
    row = await uow.get_or(TALLIES, Tally(id=event.key))
    uow.put(TALLIES, row.model_copy(update={"sequence": event.sequence}))


async def rows(rig: Rig) -> dict[str, int]:
    return {row["_id"]: row["sequence"] for row in await rig.database.db.tallies.find().to_list(None)}


@pytest.mark.parametrize("guarded", [True, False])
async def test_after_a_topic_has_grown_the_highest_sequence_wins_whatever_its_partition(
    rig: Rig, guarded: bool
) -> None:
    await rig.make_topics(rig.incoming, rig.notes, partitions=4)
    await send(rig.bootstrap, rig.incoming, [noted(key, n) for n in BEFORE for key in KEYS])
    async with admin(rig.bootstrap) as client:
        await client.create_partitions({rig.incoming: NewPartitions(total_count=8)})
    await send(rig.bootstrap, rig.incoming, [noted(key, n) for n in AFTER for key in KEYS])
    records = await read_all(rig.bootstrap, rig.incoming)
    places = {key: {r.partition for r in records if r.key == key.encode()} for key in KEYS}
    assert any(len(found) == 2 for found in places.values()), "some keys have two partitions now"
    # The worst order: the partitions that came later are read first.
    await rig.apply(rig.consumer(project if guarded else blindly), sorted(records, key=lambda r: -r.partition))
    assert (await rows(rig) == dict.fromkeys(KEYS, max(AFTER))) is guarded
    if guarded:
        await rig.database.db.tallies.delete_many({})
        async with Group(rig, project, group="fresh"):
            await eventually(lambda: _all_at_the_last(rig), "read from the start by a group, in any order")


async def _all_at_the_last(rig: Rig) -> bool:
    return await rows(rig) == dict.fromkeys(KEYS, max(AFTER))


async def test_a_compacted_partition_that_was_emptied_is_caught_up_with(rig: Rig) -> None:
    """Offsets before, at and behind the checkpoint are gone, with markers of transactions between them."""
    await rig.make_topics(rig.incoming, partitions=1)
    async with producing(rig.bootstrap, transactional_id=f"{rig.prefix}.t") as producer:
        for sequence in (1, 2, 3):
            async with producer.transaction():
                for key in KEYS:
                    _, value, headers = noted(key, sequence)
                    await producer.send(rig.incoming, value, key=key.encode(), headers=headers)
        await producer.begin_transaction()
        await producer.send(rig.incoming, b"{}", key=KEYS[0].encode(), headers=ce_headers("aborted", UNKNOWN, 9))
        await producer.abort_transaction()
    records = await read_all(rig.bootstrap, rig.incoming)
    assert sequences(records) == {key: [1, 2, 3] for key in KEYS}
    await rig.apply(rig.consumer(count), records[:10])
    # Only now: compaction must not run before the log was read.
    config = {"cleanup.policy": "compact"} | COMPACTED_SOON
    await configure(rig.bootstrap, rig.incoming, config)
    await eventually(lambda: _emptied(rig), "compaction has emptied the partition", 60)
    for group in ("g", "fresh"):
        async with Group(rig, count, group=group) as consumer:
            await eventually(partial(_no_lag, consumer), f"{group} is at the end", 20)
            assert await rig.tally() == 10, "what is gone is counted by no one"
    await send(rig.bootstrap, rig.incoming, [noted("new", 1)])
    async with Group(rig, count):
        await eventually(lambda: _tallied(rig, 11), "what comes after the hole")


async def _emptied(rig: Rig) -> bool:
    """Erases everything, and begins a segment, so that Kafka cleans the one before. Its last record stays."""
    erased = [(key.encode(), None, ce_headers(f"gone-{key}", NoteErased.event_type, 4)) for key in KEYS]
    # Of a type that no one reads, as the group is not to see the erasures either.
    hidden = [(key, value, ce_headers("gone", UNKNOWN, 4)) for key, value, _ in erased]
    await send(rig.bootstrap, rig.incoming, [*hidden, (b"filler", b"{}", ce_headers("filler", UNKNOWN, 1))])
    left = await read_all(rig.bootstrap, rig.incoming, committed=False)
    return not [record for record in left if dict(record.headers)["ce_type"] == Noted.event_type.encode()]


async def _no_lag(consumer: Consumer) -> bool:
    kafka: Any = consumer._kafka()
    if kafka is None or not kafka.assignment():
        return False
    places = list(kafka.assignment())
    ends = await kafka.end_offsets(places)
    return all([await kafka.position(place) == ends[place] for place in places])


async def _tallied(rig: Rig, n: int) -> bool:
    return await rig.tally() == n
