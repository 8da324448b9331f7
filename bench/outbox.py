"""The relay alone: how fast it sends an outbox, latency from commit to reader, idle cost, repetitions after a kill."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from deploy.local.processes import Child
from deploy.local.system import Servers
from services.chassis.commit.outbox import Position, Said, event_row
from services.chassis.model import Cause, Doc, derived_id
from services.chassis.model.topic_names import TopicNames
from services.chassis.mongo import Database

from .load import percentile_ms
from .processes import cpu_seconds
from .world import create_topics, open_reader, order, wait_for_records, wait_until_seen, watch_effects

ROWS, KILLED_ROWS = 60_000, 20_000
BATCHES = (500, 1000)
BATCH = 1000
"""The default of the services."""
PER_SECOND, TIMED_ROWS, IDLE_SECONDS = 20, 300, 10.0


class Outbox:
    """A database with an outbox, and the topic of its events."""

    def __init__(self, servers: Servers) -> None:
        """A random prefix separates its database and topic from those of other runs."""
        self.servers, self.prefix = servers, f"r{uuid.uuid4().hex[:6]}"
        self.topic = f"{self.prefix}.effects.v1"
        self.database = Database(servers.uri, f"{self.prefix}_bench", source="/bench")
        self._rows = 0

    async def prepare(self) -> None:
        """Creates the topic and the database."""
        await create_topics(self.servers.bootstrap, [self.topic])
        await self.database.prepare([])

    def next_row(self) -> Doc:
        """A new row with the headers of the contract, as the unit of work would write it."""
        event = order(self._rows)
        self._rows += 1
        at = time.time_ns() // 1000 + self._rows  # rows are sent in this order, so no two may be equal
        position = Position(topic=self.topic, key=event.key, sequence=event.seq, at=at)
        id, cause = derived_id(self.prefix, event.id), Cause(event.id, event.id)
        return event_row(Said(event, id=id, cause=cause, source="/bench"), position, TopicNames(self.prefix))

    async def fill(self, count: int) -> None:
        """Inserts `count` rows."""
        for start in range(0, count, 5000):
            rows = [self.next_row() for _ in range(start, min(count, start + 5000))]
            await self.database.db.outbox.insert_many(rows)

    def start_relay(self, batch: int) -> Child:
        """Starts a process with a relay for this outbox, with `batch` rows per transaction."""
        directory = self.servers.kafka.directory.parent
        env = {"MAGPIE_KAFKA_BOOTSTRAP": self.servers.bootstrap, "MAGPIE_MONGO_URI": self.servers.uri}
        command = [sys.executable, "-m", "bench.relay_alone", self.database.db.name, self.prefix, str(batch)]
        return Child("relay", command, log=directory / "logs" / "bench-relay.log", env=env)


@asynccontextmanager
async def open_outbox(servers: Servers) -> AsyncIterator[Outbox]:
    """A new empty outbox; its database is dropped at the end."""
    outbox = Outbox(servers)
    await outbox.prepare()
    try:
        yield outbox
    finally:
        await outbox.database.client.drop_database(outbox.database.db.name)
        outbox.database.close()


async def measure_throughput(servers: Servers, batch: int) -> float:
    """Rows per second, from the first row that a reader of the topic sees to the last one."""
    async with open_outbox(servers) as full:
        await full.fill(ROWS)
        relay = full.start_relay(batch)
        try:
            await wait_for_records(servers.bootstrap, full.topic, 1)
            pids, began = (relay.pid, servers.kafka.pid, servers.mongo.pid), time.monotonic()
            before = [cpu_seconds([pid]) for pid in pids]
            await wait_for_records(servers.bootstrap, full.topic, ROWS)
            took = time.monotonic() - began
            used = [(cpu_seconds([pid]) - b) / ROWS * 1000 for pid, b in zip(pids, before, strict=True)]
        finally:
            relay.stop()
    parts = " / ".join(f"{ms:.3f}" for ms in used)
    print(f"  batch {batch:5} {ROWS / took:8.0f} rows/s   CPU ms a row {parts}", flush=True)
    return ROWS / took


async def measure_latency(servers: Servers) -> dict[str, Any]:
    """Time from the commit of a row to a reader of committed records, with one row per transaction; then the CPU of an
    idle relay."""
    async with open_outbox(servers) as empty, watch_effects(servers.bootstrap, empty.topic) as seen:
        relay = empty.start_relay(BATCH)
        try:
            await _commit(empty, 20)  # the start of the relay does not count
            await wait_until_seen(seen, 20)
            sent = await _commit(empty, TIMED_ROWS)
            await wait_until_seen(seen, 20 + TIMED_ROWS)
            before = cpu_seconds([relay.pid])
            await asyncio.sleep(IDLE_SECONDS)
            idle = (cpu_seconds([relay.pid]) - before) / IDLE_SECONDS * 100
        finally:
            relay.stop()
    waits = [seen[id] - at for id, at in sent.items()]
    found = {
        "relay_p50_ms": percentile_ms(waits, 50),
        "relay_p95_ms": percentile_ms(waits, 95),
        "relay_idle_cpu_percent": round(idle, 2),
    }
    print(f"  commit to reader p50 {found['relay_p50_ms']} ms, p95 {found['relay_p95_ms']} ms; idle {idle:.2f} % CPU")
    return found


async def _commit(outbox: Outbox, count: int) -> dict[str, float]:
    """Commits rows at a steady pace. Returns by order when its row was committed."""
    committed: dict[str, float] = {}
    begin = time.monotonic()
    for n in range(count):
        await asyncio.sleep(max(0.0, begin + n / PER_SECOND - time.monotonic()))
        row = outbox.next_row()
        async with await outbox.database.client.start_session() as session, session.start_transaction():
            await outbox.database.db.outbox.insert_one(row, session=session)
        committed[row["headers"]["ce_correlationid"]] = time.monotonic()
    return committed


async def count_repetitions(servers: Servers, batch: int) -> int:
    """Number of records that are sent twice when a relay is killed during its work and another one takes over.

    Raises AssertionError if a record was lost."""
    async with open_outbox(servers) as full:
        await full.fill(KILLED_ROWS)
        for last in (False, True):
            relay = full.start_relay(batch)
            try:
                await wait_for_records(servers.bootstrap, full.topic, KILLED_ROWS if last else KILLED_ROWS // 3)
                while last and await full.database.db.outbox.estimated_document_count():
                    await asyncio.sleep(0.05)
            finally:
                relay.kill()  # SIGKILL: the relay cannot finish its transaction
        ids: list[bytes] = []
        async with open_reader(servers.bootstrap, full.topic) as consumer:
            while batches := await consumer.getmany(timeout_ms=2000, max_records=5000):
                ids += [dict(record.headers)["ce_id"] for records in batches.values() for record in records]
    assert len(set(ids)) == KILLED_ROWS, f"{KILLED_ROWS - len(set(ids))} lost"
    print(f"  killed at work, batch {batch}: {len(ids) - KILLED_ROWS} repeated", flush=True)
    return len(ids) - KILLED_ROWS


async def measure(servers: Servers, *, repeats: int) -> dict[str, Any]:
    """All figures of the relay. The throughput is the median of `repeats` runs for each batch size."""
    rates: dict[int, list[float]] = {batch: [] for batch in BATCHES}
    for _ in range(repeats):
        for batch in BATCHES:
            rates[batch].append(await measure_throughput(servers, batch))
    medians = {batch: round(statistics.median(runs)) for batch, runs in rates.items()}
    return {
        "relay_rows_per_second": medians[BATCH],
        "relay_rows_per_second_best": round(max(rates[BATCH])),
        "relay_rows_per_second_by_batch": medians,
        **await measure_latency(servers),
        "relay_repeated_after_kill": await count_repetitions(servers, BATCH),
    }
