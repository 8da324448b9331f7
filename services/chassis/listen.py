"""Membership in a consumer group: FastStream's subscriber on an aiokafka consumer, until it is told to leave."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import KafkaMessage as Envelope

from . import metrics
from .connection import survive_broken_lines
from .consume import Consumer
from .errors import Pace, must_go_on, reason
from .health import Heartbeat
from .logs import logger

log = logger(__name__)
survive_broken_lines()
MAX_FETCH_BYTES = 8 * 1024 * 1024
PATIENCE_MS = 1000
REQUEST_MS = 15_000
"""A line that a firewall has forgotten is given up after it, and no answer of Kafka takes so long: a fetch waits half
a second for records, a join for those whose session (6 s) must run out, and 8 MB need 4.5 Mbit/s."""
JOIN_SECONDS, LEAVE_SECONDS = 60.0, 5.0


class PatientConsumer(AIOKafkaConsumer):
    """Waits for records itself, and says that it is alive while it does: FastStream would sleep between empty polls
    and see what has come only afterwards."""

    heartbeat: Heartbeat | None = None
    _fetcher: Any
    _coordinator: Any

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None) -> Any:
        records = await super().getmany(*partitions, timeout_ms=PATIENCE_MS, max_records=max_records)
        if self.heartbeat and not self.has_ended:
            self.heartbeat.beat()
        return records

    @property
    def has_ended(self) -> bool:
        """aiokafka's fetcher, or its membership, ends at an error that it does not know: no record comes any more.
        Then the heart stops, and the process ends itself."""
        tasks = [task for part in (self._fetcher, self._coordinator) for task in _tasks(part)]
        return any(task.done() for task in tasks)


def _tasks(part: Any) -> list[asyncio.Task[None]]:
    """Of a fetcher or a coordinator, those that last as long as it does."""
    names = ("_fetch_task", "_coordination_task")
    return [task for name in names if (task := getattr(part, name, None)) is not None]


def subscribe(broker: KafkaBroker, consumer: Consumer, topics: Iterable[str], *, group: str, **options: Any) -> Any:
    """The one way to listen: at least once from Kafka, one effect in MongoDB. Offsets in Kafka are for its tools; the
    cursor decides."""
    settings: dict[str, Any] = {
        "session_timeout_ms": 6_000,
        "heartbeat_interval_ms": 2_000,
        "rebalance_timeout_ms": 60_000,
        "max_records": 1000,
    } | options
    subscriber: Any = broker.subscriber(
        *topics,
        group_id=group,
        batch=True,
        batch_timeout_ms=1,
        ack_policy=AckPolicy.MANUAL,
        auto_offset_reset="earliest",
        isolation_level="read_uncommitted",
        fetch_max_bytes=MAX_FETCH_BYTES,
        fetch_max_wait_ms=500,
        parser=_envelope,
        decoder=_leave,
        listener=consumer,
        **settings,
    )

    @subscriber  # type: ignore[untyped-decorator]
    async def on_batch(message: KafkaMessage) -> None:
        await consumer.take(cast(tuple[ConsumerRecord[Any, Any], ...], message.raw_message))

    consumer.follow(lambda: subscriber.consumer)
    return subscriber


async def join(broker: KafkaBroker, heartbeat: Heartbeat) -> None:
    """Returns when each subscriber is a member of its group; tries for as long as Kafka is away."""
    pace = Pace(0.5, 5.0)
    while True:
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await connect(broker, heartbeat)
            metrics.dependency_up.labels("kafka").set(1)
            return
        except (Exception, asyncio.CancelledError) as error:  # a service that does not listen must not seem to live
            must_go_on()
            log.warning("kafka_not_there_yet", error=reason(error))
            heartbeat.beat()
            await leave(broker)
            await pace.wait()


async def connect(broker: KafkaBroker, heartbeat: Heartbeat) -> None:
    """Starts the broker's subscribers with consumers that wait patiently."""
    await broker.connect()
    config: Any = broker.config.broker_config
    if config.builder.func is not _patient:  # a broker that could not be stopped is still connected
        config.builder = partial(_patient, heartbeat, config.builder.keywords)
    await broker.start()


async def leave(broker: KafkaBroker) -> None:
    """In time, whatever its libraries make of it: what follows must be done all the same."""
    try:
        async with asyncio.timeout(LEAVE_SECONDS):
            await broker.stop()
    except (Exception, asyncio.CancelledError) as error:
        must_go_on()
        log.warning("consumer_not_stopped", error=reason(error))


def _patient(heartbeat: Heartbeat, connection: Mapping[str, Any], **options: Any) -> PatientConsumer:
    make: Any = PatientConsumer  # aiokafka has no types here
    consumer: PatientConsumer = make(**{**connection, **options, "request_timeout_ms": REQUEST_MS})
    consumer.heartbeat = heartbeat
    return consumer


async def _envelope(records: Any, original: Callable[[Any], Awaitable[Any]]) -> Envelope:
    """Nothing is decoded here: one null header would make FastStream skip the whole batch."""
    return Envelope(body=b"", raw_message=records, consumer=None)  # type: ignore[arg-type]


async def _leave(message: Any) -> None:
    """Bodies are parsed record by record, where a bad one can be refused alone."""
