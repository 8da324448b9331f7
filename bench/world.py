"""The event that goes through every variant (eleven fields, about 640 bytes of JSON), and helpers for its topics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.envelope import Event
from services.chassis.model import Collection, Document

PARTITIONS, KEYS = 4, 1000


class OrderChanged(Event):
    """An order; its effect emits the same event again."""

    event_type: ClassVar[str] = "bench.order.changed"
    topic: ClassVar[str] = "orders"
    id: str
    key: str
    seq: int
    t: float
    kind: str
    amount: float
    currency: str
    tags: list[str]
    note: str
    owner: str
    flags: dict[str, bool]


class Effect(Document):
    """What the service stores for an order."""

    order: OrderChanged


EFFECTS = Collection("effects", Effect, topic="effects")


def order(n: int) -> OrderChanged:
    """The order number `n`. Its key is one of KEYS, with the next sequence of that key."""
    return OrderChanged(
        id=f"e{n:09d}",
        key=f"k{n % KEYS}",
        seq=n // KEYS + 1,
        t=1.0,
        kind="order.changed",
        amount=12.5 + n % 7,
        currency="EUR",
        tags=["alpha", "beta", "gamma"],
        note="x" * 330,
        owner="user-" + "0" * 24,
        flags={"gift": False, "paid": True, "express": False},
    )


def headers(event: OrderChanged) -> list[tuple[str, bytes]]:
    """The headers of the contract, as the relay would send them."""
    named = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": event.id,
        "ce_type": event.event_type,
        "ce_source": "/bench",
        "ce_subject": event.key,
        "ce_time": "2026-01-01T00:00:00.000000+00:00",
        "ce_sequence": f"{event.seq:020d}",
        "ce_correlationid": event.id,
        "ce_causationid": event.id,
    }
    return [(name, value.encode()) for name, value in named.items()]


async def create_topics(bootstrap: str, names: Sequence[str], *, partitions: int = PARTITIONS) -> None:
    """Creates topics and waits until every partition has a leader: before that, producers fail and retry."""
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1) for name in names])
        async with asyncio.timeout(30):
            while any(_leaderless(topic, partitions) for topic in await admin.describe_topics(list(names))):
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)  # the metadata names a leader slightly before that broker knows it
    finally:
        await admin.close()


def _leaderless(topic: dict[str, Any], partitions: int) -> bool:
    led = [p for p in topic["partitions"] if not p["error_code"] and p["leader"] >= 0]
    return len(led) < partitions


async def fill(bootstrap: str, topic: str, count: int) -> None:
    """Sends the first `count` orders to a topic, as fast as possible."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5, max_batch_size=131_072
    )
    await producer.start()
    try:
        for start in range(0, count, 2000):
            batch = [order(n) for n in range(start, min(count, start + 2000))]
            sent = [
                await producer.send(topic, e.model_dump_json().encode(), key=e.key.encode(), headers=headers(e))
                for e in batch
            ]
            await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def wait_for_records(
    bootstrap: str, topic: str, count: int, *, partitions: int = PARTITIONS, seconds: float = 240
) -> None:
    """Waits until a reader of committed records has read `count` records. Raises TimeoutError."""
    async with open_reader(bootstrap, topic, partitions) as consumer:
        seen = 0
        async with asyncio.timeout(seconds):
            while seen < count:
                batches = await consumer.getmany(timeout_ms=200, max_records=5000)
                seen += sum(len(records) for records in batches.values())


@asynccontextmanager
async def open_reader(bootstrap: str, topic: str, partitions: int = PARTITIONS) -> AsyncIterator[Any]:
    """A consumer as another system would use it: committed records, from the beginning, without a group."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_bytes=1 << 24,
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, p) for p in range(partitions)])
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def watch_effects(bootstrap: str, topic: str) -> AsyncIterator[dict[str, float]]:
    """Reads effects in the background. Yields by order id when its event was first read (`time.monotonic()`)."""
    seen: dict[str, float] = {}

    async def watch(consumer: Any) -> None:
        async for record in consumer:
            seen.setdefault(OrderChanged.model_validate_json(record.value).id, time.monotonic())

    async with open_reader(bootstrap, topic) as consumer:
        following = asyncio.ensure_future(watch(consumer))
        try:
            yield seen
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def wait_until_seen(seen: dict[str, float], count: int, *, seconds: float = 60) -> None:
    """Waits until `seen` has `count` entries. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while len(seen) < count:
            await asyncio.sleep(0.05)
