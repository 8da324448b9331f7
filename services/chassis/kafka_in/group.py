"""Membership in a consumer group: FastStream's subscriber on an aiokafka consumer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import KafkaMessage as Envelope

from ..model.failures import safe_text
from ..ops.aiokafka_repairs import install_repairs
from ..ops.health import Heartbeat
from ..ops.logs import logger
from ..ops.loops import ANY_ERROR, Backoff, raise_if_cancelling, retry
from .consumer import Consumer
from .decoding import Record
from .polling import PollingConsumer

log = logger(__name__)
MAX_FETCH_BYTES = 8 * 1024 * 1024
REQUEST_MS = 15_000
"""A connection that a firewall has dropped is given up after this. No answer of Kafka takes longer: a fetch waits half
a second for records, a join for members whose session (6 s) must end, and 8 MB need 4.5 Mbit/s."""
METADATA_MS = 20_000
"""How old the knowledge of topics and their leaders may be."""
JOIN_SECONDS, LEAVE_SECONDS = 60.0, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """How a consumer takes part in its group. `instance_id` makes it a static member: one that is back within its
    session gets its partitions again without a rebalance."""

    group: str
    instance_id: str | None = None
    session_ms: int = 6_000
    max_records: int = 1000
    """In one poll, over all partitions."""


def subscribe(broker: KafkaBroker, consumer: Consumer, topics: Iterable[str], membership: Membership) -> Any:
    """The one way to listen: at least once from Kafka, one effect in MongoDB. The offsets committed to Kafka are for
    its tools only; the checkpoint decides. Returns FastStream's subscriber."""
    install_repairs()
    subscriber: Any = broker.subscriber(
        *topics,
        group_id=membership.group,
        group_instance_id=membership.instance_id,
        session_timeout_ms=membership.session_ms,
        heartbeat_interval_ms=membership.session_ms // 3,
        rebalance_timeout_ms=60_000,
        max_records=membership.max_records,
        batch=True,
        batch_timeout_ms=1,
        ack_policy=AckPolicy.MANUAL,
        # A position that is not in the log is looked into, and never passed over.
        auto_offset_reset="none",
        # Uncommitted records of a transaction are harmless: the relay's only aborts are repeated exactly.
        isolation_level="read_uncommitted",
        fetch_max_bytes=MAX_FETCH_BYTES,
        fetch_max_wait_ms=500,
        parser=_envelope,
        decoder=_no_decoding,
        listener=consumer,
    )

    @subscriber  # type: ignore[untyped-decorator]
    async def on_batch(message: KafkaMessage) -> None:
        await consumer.process(cast(tuple[Record, ...], message.raw_message))

    consumer.attach(lambda: subscriber.consumer)
    return subscriber


async def join(broker: KafkaBroker, heartbeat: Heartbeat) -> None:
    """Returns when each subscriber is a member of its group; tries again for as long as Kafka is away."""

    async def start() -> None:
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await connect(broker, heartbeat)
        except ANY_ERROR as error:
            raise_if_cancelling()
            log.warning("kafka_not_there_yet", error=safe_text(error))
            heartbeat.beat()
            await leave(broker)  # FastStream's broker must be stopped before it can start again
            raise

    await retry(start, backoff=Backoff(0.5, 5.0), report=_reported_already, heartbeat=heartbeat)


def _reported_already(error: BaseException) -> None:
    """Before the broker was stopped, which may take a while."""


async def connect(broker: KafkaBroker, heartbeat: Heartbeat) -> None:
    """Starts the broker's subscribers, each with a `PollingConsumer`."""
    await broker.connect()
    config: Any = broker.config.broker_config
    if config.builder.func is not _consumer:  # a broker that could not be stopped is still connected
        config.builder = partial(_consumer, heartbeat, config.builder.keywords)
    await broker.start()


async def leave(broker: KafkaBroker) -> None:
    """Stops the broker within LEAVE_SECONDS; errors are logged, so that a shutdown continues."""
    try:
        async with asyncio.timeout(LEAVE_SECONDS):
            await broker.stop()
    except ANY_ERROR as error:
        raise_if_cancelling()
        log.warning("consumer_not_stopped", error=safe_text(error))


def _consumer(heartbeat: Heartbeat, connection: Mapping[str, Any], **options: Any) -> PollingConsumer:
    make: Any = PollingConsumer  # aiokafka has no types here
    ages = {"request_timeout_ms": REQUEST_MS, "metadata_max_age_ms": METADATA_MS}
    consumer: PollingConsumer = make(**{**connection, **options, **ages})
    consumer.heartbeat = heartbeat
    return consumer


async def _envelope(records: tuple[Record, ...], original: Callable[[object], Awaitable[object]]) -> Envelope:
    """Nothing is decoded here: one null header would make FastStream skip the whole batch."""
    return Envelope(body=b"", raw_message=records, consumer=None)  # type: ignore[arg-type]


async def _no_decoding(message: object) -> None:
    """Bodies are parsed record by record, so that a bad one can be refused alone."""
