"""Promises 5 and 6: events leave in the order of revisions; one relay a database, fenced."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pymongo.read_concern import ReadConcern

from services.chassis.commit.commands import Commands
from services.chassis.commit.outbox import Position, Said, event_row
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_out import relay
from services.chassis.model.events import Cause
from services.chassis.ops import metrics
from tests.integration.chassis.lines import kafka_behind_a_proxy
from tests.integration.chassis.rig import NOTES, Decide, Note, Noted, Rig, add, in_order, running, sequences
from tests.support.kafka import read_all
from tests.support.waiting import eventually

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


async def tell(rig: Rig, first: int, last: int) -> None:
    """Events of five aggregates, as committed decisions would have left them."""
    for n in range(first, last + 1):
        rows = [
            event_row(
                Said(Noted(n=n), id=f"{k}-{n}", cause=Cause("c"), source="/t"),
                Position(topic=rig.notes, key=f"k{k}", sequence=n, at=n),
                rig.topics,
            )
            for k in range(5)
        ]
        await rig.database.db.outbox.insert_many(rows)


async def sent(rig: Rig, n: int, topic: str | None = None) -> bool:
    records = await read_all(rig.bootstrap, topic or rig.notes)
    return len({(r.key, r.value) for r in records}) >= n


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


@pytest.mark.parametrize("fence", ["fenced", "plain"])
async def test_a_relay_frozen_past_its_lease_cannot_write_older_after_newer(fence: str, rig: Rig) -> None:
    """It stops with a batch in hand, another takes over and sends newer ones, then it thaws. Without the fence the old
    batch comes after the new."""
    await rig.make_topics(rig.notes)
    await tell(rig, 1, 4)
    command = [sys.executable, "-m", "tests.integration.chassis.frozen_relay", rig.bootstrap, rig.uri]
    frozen = subprocess.Popen([*command, rig.database.db.name, rig.prefix, fence], cwd=ROOT)
    try:
        await eventually(lambda: state(frozen.pid) == "T", "the relay stops itself")
        async with running(rig.relay(lease_seconds=1.0).serve()):
            await eventually(lambda: sent(rig, 20), "the second relay has taken over")
            await tell(rig, 5, 8)
            await eventually(lambda: sent(rig, 40), "newer rows are out")
            os.kill(frozen.pid, signal.SIGCONT)
            await asyncio.sleep(2)
            await tell(rig, 9, 10)
            await eventually(lambda: sent(rig, 50), "the relay still works")
    finally:
        frozen.kill()
        frozen.wait()
    found = sequences(await read_all(rig.bootstrap, rig.notes))
    assert all(set(numbers) == set(range(1, 11)) for numbers in found.values())
    assert all(in_order(numbers) for numbers in found.values()) is (fence == "fenced")


async def test_what_follows_a_crowd_goes_together(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a turn of many rows it looks again after a moment, instead of once for each that comes. A turn is one
    transaction, whose end takes an offset of its own: two turns leave one gap."""
    monkeypatch.setattr("services.chassis.kafka_out.relay.pause_seconds", lambda rows, turn_seconds: 3.0)
    await rig.make_topics(rig.notes, partitions=1)
    await tell(rig, 1, 2)
    async with running(rig.relay().serve()):
        await eventually(lambda: sent(rig, 10), "the crowd is out")
        for n in range(3, 9):
            await tell(rig, n, n)
        await eventually(lambda: sent(rig, 40), "the rest is out")
    offsets = [record.offset for record in await read_all(rig.bootstrap, rig.notes)]
    assert offsets == [*range(10), *range(11, 41)]


@pytest.mark.parametrize(
    ("rows", "turn_ms", "pause_ms"),
    [(8, 6, 6), (16, 6, 12), (80, 6, 50), (8, 20, 20), (500, 6, 50), (12, 100, 50)],
)
def test_a_pause_grows_with_the_crowd_and_with_what_a_turn_costs(rows: int, turn_ms: int, pause_ms: int) -> None:
    assert round(relay.pause_seconds(rows, turn_ms / 1000) * 1000, 6) == pause_ms


@pytest.mark.parametrize("level", ["local", "majority", "snapshot"])
async def test_the_outbox_must_be_read_in_one_snapshot(level: str, rig: Rig) -> None:
    """A longer query passes the place of a row that is committed a moment later, and then finds the next event of the
    same aggregate."""
    outbox = rig.database.db.get_collection("outbox", read_concern=ReadConcern(level))
    await rig.database.db.outbox.insert_many([{"_id": f"{at:016x}:y"} for at in range(100, 400)])
    cursor = outbox.find().sort("_id", 1).limit(500)
    found = [(await cursor.next())["_id"]]
    await rig.database.db.outbox.insert_one({"_id": f"{50:016x}:x"})  # revision 1, stamped early, committed now
    await rig.database.db.outbox.insert_one({"_id": f"{500:016x}:x"})  # revision 2
    found += [row["_id"] async for row in cursor]
    passed_over = f"{500:016x}:x" in found and f"{50:016x}:x" not in found
    assert passed_over is (level != "snapshot")
    assert rig.relay()._outbox.read_concern.level == "snapshot"


async def test_a_topic_that_refuses_waits_alone(rig: Rig, lane: Commands) -> None:
    """One topic is missing, one takes only small records: the third goes on, and later so do they."""
    small, missing = rig.topics.topic("small"), rig.topics.topic("missing")
    await rig.make_topics(rig.notes)
    await rig.make_topics(small, config={"max.message.bytes": "2000"})
    for topic, size in ((missing, 10), (small, 5000)):
        position = Position(topic=topic, key="k", sequence=1, at=1)
        said = Said(Noted(n=1, text="x" * size), id=topic, cause=Cause("c"), source="/t")
        row = event_row(said, position, rig.topics)
        await rig.database.db.outbox.insert_one(row)
    async with running(rig.relay(aside_seconds=2).serve()):
        await lane.run(add("a"))
        await lane.run(add("b"))
        await eventually(lambda: sent(rig, 2), "the healthy topic goes on", 40)

        async def only_theirs_wait() -> bool:
            return await rig.count_rows() == 2

        await eventually(only_theirs_wait, "only the rows of the refusing topics wait")
        await rig.make_topics(missing)
        await eventually(lambda: sent(rig, 1, missing), "the missing topic is caught up", 40)
        assert await rig.count_rows(topic=small) == 1


async def test_a_kafka_that_says_nothing_is_no_topic_that_refuses(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set aside for that, a topic would wait on when Kafka is long back."""
    monkeypatch.setattr(relay, "METADATA_SECONDS", 0.5)
    monkeypatch.setattr(relay, "TURN_SECONDS", 2.0)
    async with kafka_behind_a_proxy(tmp_path) as line:
        far = replace(rig, bootstrap=line.address)

        def leads() -> bool:
            return bool(metrics.relay_leading._value.get())

        def is_set_aside() -> bool:
            return bool(metrics.relay_aside.labels(far.notes)._value.get())

        async with running(far.relay(aside_seconds=300.0).serve()):
            await eventually(leads, "the relay leads, and knows the topics that are there")
            await far.make_topics(far.notes)
            line.half_open()
            await tell(far, 1, 1)
            await eventually(lambda: not leads() or is_set_aside(), "the turn was given up")
            assert not is_set_aside()
            line.heal()
            await eventually(lambda: sent(far, 5), "the rows are out", 60)


async def test_a_thousand_commands_arrive_once_and_in_order(rig: Rig, lane: Commands) -> None:
    await rig.make_topics(rig.notes)
    async with running(rig.relay(batch=50).serve()):
        for _ in range(20):
            await asyncio.gather(*(lane.run(add(f"n{i % 10}"), patient=True) for i in range(50)))
        await eventually(lambda: _drained(rig), "outbox drained")
    records = await read_all(rig.bootstrap, rig.notes)
    assert sequences(records) == {f"n{i}": list(range(1, 101)) for i in range(10)}
    headers = dict(records[0].headers)
    assert headers["ce_source"] == b"/magpie/test" and headers["ce_subject"] == records[0].key
    assert len(headers["ce_sequence"]) == 20


async def test_an_index_that_is_built_on_the_outbox_under_load_passes_nothing_over(rig: Rig, lane: Commands) -> None:
    """Snapshots fail for a moment after an index was made (error 246); the relay reads again."""
    await rig.make_topics(rig.notes)
    outbox, built = rig.database.db.outbox, 0

    async def building() -> None:
        nonlocal built
        while True:
            name = await outbox.create_index([("probe", 1)])
            await outbox.drop_index(name)
            built += 1

    async with running(rig.relay(batch=20).serve()) as serving, running(building()) as builds:
        for _ in range(10):
            await asyncio.gather(*(lane.run(add(f"n{i % 10}"), patient=True) for i in range(50)))
        await eventually(lambda: built >= 5 or builds.done(), "indexes were built")
        assert not builds.done()
        builds.cancel()
        await eventually(lambda: _drained(rig), "outbox drained")
        assert not serving.done()
    records = await read_all(rig.bootstrap, rig.notes)
    assert sequences(records) == {f"n{i}": list(range(1, 51)) for i in range(10)}


async def _drained(rig: Rig) -> bool:
    return await rig.count_rows() == 0


async def test_at_grows_with_the_revision_whatever_the_clock_says(rig: Rig, lane: Commands, monkeypatch: Any) -> None:
    """The clock of a replica that goes back must not put an event before its predecessor."""
    await lane.run(add("x"))
    monkeypatch.setattr(rig.database.clock, "now_us", lambda: 1_000_000)
    await lane.run(add("x"))
    rows = await rig.database.db.outbox.find().sort("_id", 1).to_list(None)
    assert [int(row["headers"]["ce_sequence"]) for row in rows] == [1, 2]


async def test_ids_of_what_an_event_caused_are_derived_and_of_what_a_person_caused_are_new(
    rig: Rig, lane: Commands
) -> None:
    def note(id: str) -> Decide:
        async def decide(uow: UnitOfWork) -> None:
            await uow.get(NOTES, id)
            uow.put(NOTES, Note(id=id), Noted(n=1))

        return decide

    await lane.run(note("by person"))
    await lane.run(note("by event"), cause=Cause("some-event"))
    ids = {row["headers"]["ce_subject"]: row["headers"]["ce_id"] async for row in rig.database.db.outbox.find()}
    assert (ids["by person"][14], ids["by event"][14]) == ("7", "5")
