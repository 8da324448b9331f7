"""Promises 4, 7 and 10: one effect a record, whoever reads it and however often; dead letters; bounds."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from faststream import AckPolicy

from services.chassis.commit.commands import Commands
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in.checkpoint import MAX_UNEXPECTED, CheckpointGuard, PartitionPaused
from services.chassis.model.events import Incoming
from services.chassis.model.failures import Unavailable
from services.chassis.model.refusals import Refused
from services.chassis.mongo.database import Database
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import (
    NOTES,
    OTHERS,
    TALLIES,
    Note,
    Noted,
    NoteErased,
    Rig,
    Tally,
    add,
    count,
    project,
    sequences,
)
from tests.support.kafka import Headers, ce_headers, producing, read_all, send
from tests.support.waiting import eventually

TYPE = Noted.event_type


async def test_four_partitions_and_commands_on_one_aggregate_lose_nothing(rig: Rig, lane: Commands) -> None:
    await rig.make_topics(rig.incoming, rig.notes)

    async def count_hot(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        await add("hot")(uow)

    await rig.fill(400)
    async with Group(rig, count_hot, max_records=4):
        for _ in range(25):
            await asyncio.gather(*(lane.run(add("hot"), patient=True) for _ in range(8)))

        async def total() -> bool:
            note = await rig.database.one(NOTES, "hot")
            return note is not None and note.total == 600

        await eventually(total, "600 additions", 60)
    await rig.drain()
    assert sequences(await read_all(rig.bootstrap, rig.notes)) == {"hot": list(range(1, 601))}


async def test_a_second_owner_and_a_redelivery_have_no_effect(rig: Rig) -> None:
    """Two processes believe they own the partition and take the same records at the same time."""
    await rig.make_topics(rig.incoming)
    records = await rig.fill(100, partition=0)
    await asyncio.gather(*(rig.apply(rig.consumer(count, max_decisions=10), records) for _ in range(2)))
    await rig.apply(rig.consumer(count), records)
    assert await rig.tally() == 100


async def test_without_the_cursor_a_second_owner_counts_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CheckpointGuard, "guards", lambda self: ())
    await rig.make_topics(rig.incoming)
    records = await rig.fill(100, partition=0)
    for _ in range(2):
        await rig.apply(rig.consumer(count, max_decisions=10), records)
    assert await rig.tally() > 100


@pytest.mark.parametrize("inbox", [True, False])
async def test_the_same_event_at_another_offset_has_no_effect_where_the_inbox_is_kept(inbox: bool, rig: Rig) -> None:
    await rig.make_topics(rig.incoming)
    await rig.fill(30, partition=0)
    records = await rig.fill(30, partition=0)
    assert len(records) == 60
    consumer = rig.consumer(count, inbox=inbox)
    for start in range(0, 60, 25):
        await rig.apply(consumer, records[start : start + 25])
    assert await rig.tally() == (30 if inbox else 60)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_rewind_with_emptied_cursors_changes_nothing(
    guarded: bool, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What holds is in the documents: the source's sequence in each projection, ids derived from the cause."""
    if not guarded:
        monkeypatch.setattr("tests.integration.chassis.rig.is_newer", lambda sequence, row: True)
    await rig.make_topics(rig.incoming)
    records = await rig.fill(140)

    async def state() -> list[Any]:
        names = ("tallies", "notes", "jobs", "outbox")
        return [await rig.database.db[name].find().sort("_id", 1).to_list(None) for name in names]

    await rig.apply(rig.consumer(project), records)
    before = await state()
    assert [len(rows) for rows in before] == [7, 140, 140, 140]
    await rig.database.db.cursors.delete_many({})
    await rig.apply(rig.consumer(project), records)
    assert (await state() == before) is guarded


async def test_poison_between_good_records_is_dead_lettered_alone(rig: Rig) -> None:
    """Whatever is wrong with a record, its neighbours are processed, in order, and the reason repeats no payload."""
    await rig.make_topics(rig.incoming, rig.dead)
    await rig.database.db.tallies.insert_one({"_id": "taken", "revision": 1, "at": 1, "unique_n": 7})

    async def handle(uow: UnitOfWork, event: Incoming[Noted | None]) -> None:
        if event.data is None:
            raise Refused("no-erasures", "no erasures here")
        if event.data.n == 4:
            raise ValueError("secret payload text")
        blob = b"x" * 17_000_000 if event.data.n == 8 else b""
        unique = 7 if event.data.n == 7 else None
        tally = await uow.get(TALLIES, event.key) or Tally(id=event.key)
        uow.put(TALLIES, tally.model_copy(update={"total": event.data.n, "blob": blob, "unique_n": unique}))

    def head(i: int) -> list[tuple[str, bytes | None]]:
        return ce_headers(f"e{i}", TYPE, 1)

    def without(i: int, name: str) -> list[tuple[str, bytes | None]]:
        return [(n, v) for n, v in head(i) if n != name]

    odd: dict[int, tuple[bytes | None, bytes | None, Headers]] = {
        2: (b"bad json", b"{secret payload text", head(2)),
        3: (b"fine", b'{"n": 3}', [*head(3), ("foreign", None), ("binary", b"\xff\xfe")]),
        5: (b"bad type", b'{"n": "secret payload text"}', head(5)),
        6: (b"erasure", None, ce_headers("e6", NoteErased.event_type, 1)),
        9: (b"not utf8", b"\xff\xfe", head(9)),
        10: (b"null id", b'{"n": 10}', [*without(10, "ce_id"), ("ce_id", None)]),
        11: (b"two ids", b'{"n": 11}', [*head(11), ("ce_id", b"again")]),
        12: (b"empty erasure", b"", ce_headers("e12", NoteErased.event_type, 1)),
        13: (b"bare null", None, []),
        14: (None, b'{"n": 14}', head(14)),
        15: (b"shouted", b'{"n": 15}', [(n.upper(), v) for n, v in head(15)]),
        16: (b"structured", b"{}", [*without(16, "content-type"), ("content-type", b"application/cloudevents+json")]),
        17: (b"sequence", b'{"n": 17}', [*without(17, "ce_sequence"), ("ce_sequence", b"abc")]),
        18: (b"minus", b'{"n": 18}', [*without(18, "ce_sequence"), ("ce_sequence", b"-1")]),
        19: (b"unpadded", b'{"n": 19}', [*without(19, "ce_sequence"), ("ce_sequence", b"10")]),
        20: (
            b"charset",
            b'{"n": 20}',
            [*without(20, "content-type"), ("content-type", b"application/json; charset=utf-8")],
        ),
        21: (b"bare json", b'{"n": 21}', without(21, "content-type")),
        22: (b"unknown type", b"{not even json", ce_headers("e22", "magpie.note.invented", 1)),
        23: (b"lone surrogate", b'{"n": 1, "text": "\\ud800"}', head(23)),
    }
    plain = [(f"k{i}".encode(), b'{"n": %d}' % i, head(i)) for i in range(24)]
    await send(rig.bootstrap, rig.incoming, [odd.get(i, plain[i]) for i in range(24)], partition=0)
    async with Group(rig, handle):

        async def all_taken() -> bool:
            cursor = await rig.database.db.cursors.find_one({}) or {}
            return bool(cursor.get("next") == 24)

        await eventually(all_taken, "the batch is through")
    await rig.drain()
    good = {t.id for t in await rig.database.find(TALLIES, {"_id": {"$ne": "taken"}})}
    assert good == {"k0", "k1", "fine", "unpadded", "charset", "bare json"}
    dead = {r.key: r for r in await read_all(rig.bootstrap, rig.dead)}
    assert set(dead) == {
        *(b"bad json,bad type,erasure,not utf8,null id,two ids,empty erasure,bare null,shouted".split(b",")),
        *(b"structured,sequence,minus,lone surrogate,k4,k7,k8".split(b",")),
        None,
    }
    assert dead[b"bad json"].value == b"{secret payload text" and dead[b"empty erasure"].value == b""
    assert dead[b"erasure"].value is None and dict(dead[b"null id"].headers)["ce_id"] is None
    reasons = {key: dict(r.headers)["dlq_reason"].decode() for key, r in dead.items()}
    assert not any("secret" in text for text in reasons.values()), reasons
    assert "lower case" in reasons[b"shouted"] and "Structured" in reasons[b"structured"]


async def test_a_value_too_large_for_a_dead_letter_is_cut_and_marked(rig: Rig) -> None:
    await rig.make_topics(rig.incoming, rig.dead, config={"max.message.bytes": "2000000"})
    async with producing(rig.bootstrap, max_request_size=2_000_000) as producer:
        await producer.send_and_wait(rig.incoming, b"x" * 1_500_000, key=b"k", headers=ce_headers("e", TYPE, 1))
    await rig.apply(rig.consumer(count), await read_all(rig.bootstrap, rig.incoming))
    row = await rig.database.db.outbox.find_one({})
    assert row and len(row["value"]) == 900_000
    assert dict(row["headers"])["dlq_value_cut_from"] == b"1500000"


async def test_a_dead_letter_is_withdrawn_with_its_decision(rig: Rig, lane: Commands) -> None:
    """The gate opens between the refusal and its commit: the refusal no longer holds, so no dead letter."""
    await rig.make_topics(rig.incoming)
    records = await rig.fill(3, partition=0)
    tries: Counter[int] = Counter()

    async def open_gate(uow: UnitOfWork) -> None:
        await uow.get(OTHERS, "gate")
        uow.put(OTHERS, Note(id="gate"))

    async def through_gate(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        gate = await uow.get(OTHERS, "gate")
        tries[event.data.n] += 1
        if event.data.n == 1 and tries[1] == 1:
            await lane.run(open_gate)
        if gate is None:
            raise Refused("closed", "the gate is closed")
        await count(uow, event)

    await rig.apply(rig.consumer(through_gate), records)
    assert (await rig.tally(), await rig.count_rows(topic=rig.dead)) == (3, 0)


async def test_a_bug_does_not_empty_a_topic_into_the_dead_letters(rig: Rig) -> None:
    """Unexpected failures become dead letters until 20 in succession; then the partition pauses, and goes on by itself
    when the bug is gone."""
    await rig.make_topics(rig.incoming)
    records = await rig.fill(60, partition=0)
    broken = True

    async def buggy(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        if broken and event.data.n >= 10:
            raise KeyError("a bug")
        await count(uow, event)

    for _ in range(3):
        with pytest.raises(PartitionPaused):
            await rig.apply(rig.consumer(buggy), records)
        assert (await rig.tally(), await rig.count_rows(topic=rig.dead)) == (10, MAX_UNEXPECTED)
    broken = False
    await rig.apply(rig.consumer(buggy), records)
    assert (await rig.tally(), await rig.count_rows(topic=rig.dead)) == (60 - MAX_UNEXPECTED, MAX_UNEXPECTED)


async def test_an_outage_dead_letters_nothing(rig: Rig) -> None:
    await rig.make_topics(rig.incoming)
    records = await rig.fill(5, partition=0)
    away = Database("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200", rig.database.db.name, source="/away")
    with pytest.raises(Unavailable):
        await rig.apply(Rig(rig.bootstrap, away, rig.prefix, "").consumer(count), records)
    away.close()
    await rig.apply(rig.consumer(count), records)
    assert (await rig.tally(), await rig.count_rows()) == (5, 0)


async def test_a_batch_too_large_for_one_transaction_is_split(rig: Rig) -> None:
    await rig.make_topics(rig.incoming)
    records = await rig.fill(200, partition=0)

    async def blow_up(uow: UnitOfWork, event: Incoming[Noted]) -> None:
        id = f"t{event.data.n}"
        uow.put(TALLIES, (await uow.get(TALLIES, id) or Tally(id=id)).model_copy(update={"blob": b"x" * 300_000}))

    async def transactions() -> int:
        return int((await rig.database.client.admin.command("serverStatus"))["transactions"]["totalCommitted"])

    before = await transactions()
    await rig.apply(rig.consumer(blow_up), records)
    assert await rig.database.db.tallies.count_documents({}) == 200
    assert await transactions() - before >= 7


async def test_a_member_goes_on_at_its_cursor_whatever_kafka_remembers(rig: Rig) -> None:
    """Offsets committed in Kafka are for its tools: here they are behind, and ahead, of what took effect."""
    await rig.make_topics(rig.incoming)
    await rig.fill(50, partition=0)
    async with Group(rig, count):
        await eventually(lambda: _tallied(rig, 50), "first fifty")
    await rig.fill(50, partition=0)
    async with Group(rig, count) as consumer:
        await eventually(lambda: _tallied(rig, 100), "all")
        assert consumer.has_joined


async def _tallied(rig: Rig, n: int) -> bool:
    return await rig.tally() == n


@pytest.mark.parametrize("records", [20, 80])
async def test_a_topic_made_anew_is_read_from_its_beginning(records: int, rig: Rig) -> None:
    """Its end lies before the cursor, or another record stands at the cursor's last offset."""
    await rig.make_topics(rig.incoming, partitions=1)
    await rig.fill(50)
    async with Group(rig, count):
        await eventually(lambda: _tallied(rig, 50), "the old topic")
    await rig.make_incoming_again()
    body = [(b"k", b'{"n": 1}', ce_headers(f"new{i}", TYPE, i + 1)) for i in range(records)]
    await send(rig.bootstrap, rig.incoming, body)
    async with Group(rig, count):
        await eventually(lambda: _tallied(rig, 50 + records), "the new topic")


async def test_transaction_markers_do_not_count_as_lag(rig: Rig) -> None:
    await rig.make_topics(rig.incoming, partitions=1)
    async with producing(rig.bootstrap, transactional_id=f"{rig.prefix}.t") as producer:
        for n in range(3):
            async with producer.transaction():
                await producer.send(rig.incoming, b'{"n": 1}', key=b"k", headers=ce_headers(f"e{n}", TYPE, n + 1))
        await producer.begin_transaction()
        await producer.abort_transaction()
    async with Group(rig, count) as consumer:
        await eventually(lambda: _tallied(rig, 3), "three records")

        async def no_lag() -> bool:
            kafka = consumer._kafka()
            assert kafka
            places = list(kafka.assignment())
            ends = await kafka.end_offsets(places)
            return all([await kafka.position(p) == ends[p] for p in places])

        await eventually(no_lag, "position at the end, markers included", 10)


async def test_everything_that_listens_listens_safely(rig: Rig) -> None:
    """The defaults of FastStream and aiokafka lose data; the one way to subscribe has none of them."""
    await rig.make_topics(rig.incoming)
    group = Group(rig, count)
    async with group:
        for listening in group.broker.subscribers:
            subscriber: Any = listening
            options = subscriber._connection_args
            assert subscriber.ack_policy is AckPolicy.MANUAL
            assert options["auto_offset_reset"] == "none", "a position that is not in the log is looked into"
            assert options["enable_auto_commit"] is False
            assert options["isolation_level"] == "read_uncommitted"
            assert options["session_timeout_ms"] == 6000
            assert type(subscriber.consumer).__name__ == "PollingConsumer"
