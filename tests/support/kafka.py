"""Topics made, records sent, whole logs read: what tests do with the real Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.structs import RecordMetadata

from schemas.registry import registry
from tests.support.waiting import eventually

PARTITIONS = 3
"""Of a topic, in tests of one service: more than one, so that there are orders to get wrong."""
QUIET = 10
"""So often 300 ms without a record are the end of what can be read."""
Headers = Sequence[tuple[str, bytes | None]]
SENT_BY_TESTS: set[tuple[str, int, int]] = set()
"""Topic, partition and offset of what tests have sent: no service has written it."""


@asynccontextmanager
async def admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def make_topics(
    bootstrap: str, *names: str, partitions: int = 4, replication: int = 1, config: Mapping[str, str] | None = None
) -> None:
    await create(bootstrap, [NewTopic(name, partitions, replication, topic_configs=config) for name in names])


async def make_few_partitions(bootstrap: str, prefix: str) -> None:
    """The topics of the registry with its settings, and with a few of their partitions: to make and delete all of them
    takes a second of a processor. Tests of whole systems have all."""
    made = [
        NewTopic(topic.full_name(prefix), min(topic.partitions, PARTITIONS), 1, topic_configs=topic.settings())
        for topic in registry()
    ]
    await create(bootstrap, made)


async def create(bootstrap: str, wanted: Iterable[NewTopic]) -> None:
    """Those that are not there yet."""
    wanted = list(wanted)
    async with admin(bootstrap) as client:
        await client.create_topics(wanted)
        names = {topic.name for topic in wanted}

        async def there() -> bool:
            return names <= set(await client.list_topics())

        await eventually(there, f"Kafka shows {sorted(names)}")


async def delete_topics(bootstrap: str, *, beginning_with: str) -> None:
    async with admin(bootstrap) as client:
        names = [name for name in await client.list_topics() if name.startswith(beginning_with)]
        if names:
            await client.delete_topics(names)


@asynccontextmanager
async def producing(bootstrap: str, **settings: Any) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, **({"acks": "all", "enable_idempotence": True} | settings))
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


def ce_headers(id: str, type: str, sequence: int, **extra: str) -> list[tuple[str, bytes | None]]:
    """The attributes of the contract that our readers look at, and `extra` (ce_time, traceparent, ...)."""
    named = {"ce_id": id, "ce_type": type, "ce_sequence": f"{sequence:020d}", "content-type": "application/json"}
    return [(name, value.encode()) for name, value in (named | extra).items()]


async def configure(bootstrap: str, topic: str, configs: dict[str, Any]) -> None:
    """Sets these configurations of a topic that is there, and no others."""
    async with admin(bootstrap) as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=configs)])


async def send(
    bootstrap: str,
    topic: str,
    records: Iterable[tuple[bytes | None, bytes | None, Headers]],
    *,
    partition: int | None = None,
) -> None:
    """(key, value, headers) each, in order."""
    async with producing(bootstrap) as producer:
        sent = [
            await producer.send(topic, value, key=key, headers=list(headers), partition=partition)
            for key, value, headers in records
        ]
        await note(sent)


async def note(sent: Iterable[Awaitable[RecordMetadata]]) -> None:
    """Waits until they are sent, and notes that it was a test that sent them."""
    SENT_BY_TESTS.update((at.topic, at.partition, at.offset) for at in await asyncio.gather(*sent))


async def read_all(bootstrap: str, topic: str, *, committed: bool = True) -> list[ConsumerRecord[Any, Any]]:
    """Everything on a topic, in the order of each partition, as a reader of committed records sees it. What was
    committed a moment ago may not be readable yet, so it reads to where the log ends, open transactions or not, or
    until nothing has come for a while."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed" if committed else "read_uncommitted",
    )
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        places = [
            TopicPartition(topic, p)
            for p in sorted(consumer.partitions_for_topic(topic) or await _partitions(bootstrap, topic))
        ]
        if not places:
            return []
        consumer.assign(places)
        ends = await _ends(bootstrap, places)
        found: list[ConsumerRecord[Any, Any]] = []
        quiet = 0
        while quiet < QUIET and any([await consumer.position(p) < ends[p] for p in places]):
            batches = await consumer.getmany(timeout_ms=300)
            quiet = 0 if batches else quiet + 1
            found += [record for records in batches.values() for record in records]
        return sorted(found, key=lambda r: (r.partition, r.offset))
    finally:
        await consumer.stop()


async def _ends(bootstrap: str, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_uncommitted")
    await consumer.start()
    try:
        return dict(await consumer.end_offsets(places))
    finally:
        await consumer.stop()


async def _partitions(bootstrap: str, topic: str) -> list[int]:
    async with admin(bootstrap) as client:
        described = await client.describe_topics([topic])
    return [p["partition"] for found in described for p in found["partitions"]]
