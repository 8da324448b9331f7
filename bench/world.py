"""The event that goes through every variant: eleven fields, about 640 bytes as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.envelope import Event
from services.chassis.documents import Collection, Document

PARTITIONS, KEYS = 4, 1000


class Ordered(Event):
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
    order: Ordered


EFFECTS = Collection("effects", Effect, topic="effects")


def order(n: int) -> Ordered:
    return Ordered(
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


def headers(event: Ordered) -> list[tuple[str, bytes]]:
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


async def make_topics(bootstrap: str, names: Sequence[str]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
    finally:
        await admin.close()


async def fill(bootstrap: str, topic: str, many: int) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, acks="all", enable_idempotence=True, linger_ms=5, max_batch_size=131_072
    )
    await producer.start()
    try:
        for start in range(0, many, 2000):
            batch = [order(n) for n in range(start, min(many, start + 2000))]
            sent = [
                await producer.send(topic, e.model_dump_json().encode(), key=e.key.encode(), headers=headers(e))
                for e in batch
            ]
            await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def arrived(bootstrap: str, topic: str, many: int, *, seconds: float = 240) -> None:
    """Returns when a reader of committed records has seen `many`; raises TimeoutError."""
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_bytes=1 << 24,
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, p) for p in range(PARTITIONS)])
        seen = 0
        async with asyncio.timeout(seconds):
            while seen < many:
                batches = await consumer.getmany(timeout_ms=200, max_records=5000)
                seen += sum(len(records) for records in batches.values())
    finally:
        await consumer.stop()
