"""The relay alone: how fast it drains an outbox, how soon a row is with its reader, what it costs while there is
nothing, and what it repeats after a kill."""

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
from services.chassis.database import Database
from services.chassis.documents import Doc
from services.chassis.events import Cause, derived_id, event_row

from .load import percentile
from .processes import cpu_seconds
from .world import arrived, eventually, make_topics, order, reader, watching

ROWS, KILLED_ROWS = 60_000, 20_000
BATCHES = (500, 1000)
BATCH = 1000
"""What the services have."""
PER_SECOND, SENT, IDLE_SECONDS = 20, 300, 10.0


class Outbox:
    """A database with an outbox, the topic of its events, and relays to put at it."""

    def __init__(self, servers: Servers) -> None:
        self.servers, self.prefix = servers, f"r{uuid.uuid4().hex[:6]}"
        self.topic = f"{self.prefix}.effects.v1"
        self.database = Database(servers.uri, f"{self.prefix}_bench", source="/bench")
        self._rows = 0

    async def prepare(self) -> None:
        await make_topics(self.servers.bootstrap, [self.topic])
        await self.database.prepare([])

    def row(self) -> Doc:
        """With the headers of the contract, as the unit of work would write it."""
        event = order(self._rows)
        self._rows += 1
        return event_row(
            event,
            topic=self.topic,
            key=event.key,
            sequence=event.seq,
            at=time.time_ns() // 1000 + self._rows,
            id=derived_id(self.prefix, event.id),
            cause=Cause(event.id, event.id),
            source="/bench",
        )

    async def fill(self, many: int) -> None:
        for start in range(0, many, 5000):
            rows = [self.row() for _ in range(start, min(many, start + 5000))]
            await self.database.db.outbox.insert_many(rows)

    def relay(self, batch: int) -> Child:
        directory = self.servers.kafka.directory.parent
        env = {"MAGPIE_KAFKA_BOOTSTRAP": self.servers.bootstrap, "MAGPIE_MONGO_URI": self.servers.uri}
        command = [sys.executable, "-m", "bench.relay_alone", self.database.db.name, self.prefix, str(batch)]
        return Child("relay", command, log=directory / "logs" / "bench-relay.log", env=env)


@asynccontextmanager
async def outbox(servers: Servers) -> AsyncIterator[Outbox]:
    made = Outbox(servers)
    await made.prepare()
    try:
        yield made
    finally:
        await made.database.client.drop_database(made.database.db.name)
        made.database.close()


async def drained(servers: Servers, batch: int) -> float:
    """Rows a second, from the first ones that a reader sees to the last."""
    async with outbox(servers) as full:
        await full.fill(ROWS)
        relay = full.relay(batch)
        try:
            await arrived(servers.bootstrap, full.topic, 1)
            pids, began = (relay.pid, servers.kafka.pid, servers.mongo.pid), time.monotonic()
            before = [cpu_seconds([pid]) for pid in pids]
            await arrived(servers.bootstrap, full.topic, ROWS)
            took = time.monotonic() - began
            used = [(cpu_seconds([pid]) - b) / ROWS * 1000 for pid, b in zip(pids, before, strict=True)]
        finally:
            relay.stop()
    parts = " / ".join(f"{ms:.3f}" for ms in used)
    print(f"  batch {batch:5} {ROWS / took:8.0f} rows/s   CPU ms a row {parts}", flush=True)
    return ROWS / took


async def latency(servers: Servers) -> dict[str, Any]:
    """Commit to reader of committed records, a row a transaction; then the relay with nothing to do."""
    async with outbox(servers) as empty, watching(servers.bootstrap, empty.topic) as seen:
        relay = empty.relay(BATCH)
        try:
            await _commit(empty, 20)
            await eventually(seen, 20)
            sent = await _commit(empty, SENT)
            await eventually(seen, 20 + SENT)
            before = cpu_seconds([relay.pid])
            await asyncio.sleep(IDLE_SECONDS)
            idle = (cpu_seconds([relay.pid]) - before) / IDLE_SECONDS * 100
        finally:
            relay.stop()
    waits = [seen[id] - at for id, at in sent.items()]
    found = {
        "relay_p50_ms": percentile(waits, 50),
        "relay_p95_ms": percentile(waits, 95),
        "relay_idle_cpu_percent": round(idle, 2),
    }
    print(f"  commit to reader p50 {found['relay_p50_ms']} ms, p95 {found['relay_p95_ms']} ms; idle {idle:.2f} % CPU")
    return found


async def _commit(empty: Outbox, many: int) -> dict[str, float]:
    """By order, when its row was committed."""
    committed: dict[str, float] = {}
    begin = time.monotonic()
    for n in range(many):
        await asyncio.sleep(max(0.0, begin + n / PER_SECOND - time.monotonic()))
        row = empty.row()
        async with await empty.database.client.start_session() as session, session.start_transaction():
            await empty.database.db.outbox.insert_one(row, session=session)
        committed[row["headers"]["ce_correlationid"]] = time.monotonic()
    return committed


async def repeated(servers: Servers, batch: int) -> int:
    """Records that come twice when a relay is killed at work and another one takes over."""
    async with outbox(servers) as full:
        await full.fill(KILLED_ROWS)
        for last in (False, True):
            relay = full.relay(batch)
            try:
                await arrived(servers.bootstrap, full.topic, KILLED_ROWS if last else KILLED_ROWS // 3)
                while last and await full.database.db.outbox.estimated_document_count():
                    await asyncio.sleep(0.05)
            finally:
                relay.kill()
        ids: list[bytes] = []
        async with reader(servers.bootstrap, full.topic) as consumer:
            while batches := await consumer.getmany(timeout_ms=2000, max_records=5000):
                ids += [dict(record.headers)["ce_id"] for records in batches.values() for record in records]
    assert len(set(ids)) == KILLED_ROWS, f"{KILLED_ROWS - len(set(ids))} lost"
    print(f"  killed at work, batch {batch}: {len(ids) - KILLED_ROWS} repeated", flush=True)
    return len(ids) - KILLED_ROWS


async def measure(servers: Servers, *, repeats: int) -> dict[str, Any]:
    rates: dict[int, list[float]] = {batch: [] for batch in BATCHES}
    for _ in range(repeats):
        for batch in BATCHES:
            rates[batch].append(await drained(servers, batch))
    medians = {batch: round(statistics.median(runs)) for batch, runs in rates.items()}
    return {
        "relay_rows_per_second": medians[BATCH],
        "relay_rows_per_second_best": round(max(rates[BATCH])),
        "relay_rows_per_second_by_batch": medians,
        **await latency(servers),
        "relay_repeated_after_kill": await repeated(servers, BATCH),
    }
