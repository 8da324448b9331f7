"""Kafka out: one relay per database sends the outbox in order; a new relay fences the one before it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from aiokafka.structs import RecordMetadata
from pymongo.errors import PyMongoError

from ..model.documents import Doc
from ..model.failures import Unavailable, safe_text
from ..mongo.change_signal import ChangeSignal
from ..mongo.database import Database
from ..mongo.errors import explain
from ..mongo.lease import Lease
from ..ops import metrics
from ..ops.aiokafka_repairs import install_repairs
from ..ops.health import Heartbeat
from ..ops.kafka_connection import KafkaConnection
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from ..ops.traces import OFF, Traces
from .row_spans import begin_spans

log = logger(__name__)
TOPIC_REFUSES = (
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    InvalidTopicError,
    UnknownTopicOrPartitionError,
)
TURN_SECONDS = 10.0
"""A turn that takes longer is abandoned together with its producer: aiokafka retries some errors without end."""
BUSY_ROWS = 8
"""After a turn with this many rows more are expected, so the relay looks again after a pause instead of waiting for a
signal."""
LONGEST_PAUSE_SECONDS = 0.05
METADATA_SECONDS = 5.0
STOP_SECONDS = 3.0
PART = "relay"
"""As `/readyz` names it while it is degraded."""


Sending = asyncio.Future[RecordMetadata]


class TopicRefuses(Exception):
    """One topic takes no records for now; the others do."""

    def __init__(self, topic: str, error: BaseException) -> None:
        super().__init__(f"{topic}: {type(error).__name__}")
        self.topic = topic


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayOptions:
    """`transactional_id`: one per topic prefix and database; a producer that starts with it fences the one before.
    `batch`: rows in a turn. `aside_seconds`: how long a topic that refuses is left out."""

    connection: KafkaConnection
    transactional_id: str
    batch: int = 1000
    lease_seconds: float = 5.0
    aside_seconds: float = 30.0
    traces: Traces = OFF


def pause_seconds(rows: int, turn_seconds: float) -> float:
    """How long to gather rows after a turn that sent `rows` and took `turn_seconds`.

    A turn costs about the same for ten rows as for fifty. So a pause pays where many rows come, and where a turn is
    dear; a few rows that met by chance on a slow machine do not wait for others that do not come."""
    return min(LONGEST_PAUSE_SECONDS, turn_seconds * rows / BUSY_ROWS)


class Relay:
    """Guarantee: the events of one aggregate reach their topic in the order of its revisions, each at least once.

    After a crash at most one batch is repeated, exactly, and before anything newer, because rows are deleted before the
    next Kafka transaction commits."""

    def __init__(self, database: Database, options: RelayOptions, *, heartbeat: Heartbeat) -> None:
        self._database, self._options, self._heartbeat = database, options, heartbeat
        self._lease = Lease(database, "relay", seconds=options.lease_seconds)
        self._aside = dict[str, float]()
        self._known_topics: set[str] = set()
        self._published: list[str] = []
        """Rows of the last committed Kafka transaction that are not deleted yet."""
        self._outbox = database.snapshot("outbox")

    async def serve(self) -> None:
        """Runs until cancelled; then releases the lease."""
        try:
            await run_forever(
                self._lead_if_possible,
                backoff=Backoff(0.5, 2.0),
                report=self._report,
                heartbeat=self._heartbeat,
            )
        finally:
            await self._leave()

    def _report(self, error: BaseException) -> None:
        log.warning("relay_starts_again", error=explain(error))
        if isinstance(error, PyMongoError | Unavailable):  # that Kafka is away is said by its probe
            self._database.conditions.degraded(PART, f"it starts again: {explain(error)}")

    async def _lead_if_possible(self) -> None:
        try:
            if await self._lease.hold():
                await self._lead()
        finally:
            metrics.relay_leading.set(0)
        self._database.conditions.mended(PART)  # another replica leads
        await asyncio.sleep(self._lease.seconds / 3)

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(2):
                await self._lease.release()
        except Exception as error:  # it ends by itself, only later
            log.info("lease_not_given_back", error=explain(error))

    async def _lead(self) -> None:
        """The order matters: lease, then producer (which fences the one before), then the first read. So everything
        that is sent was read after every earlier relay had been fenced."""
        signal = ChangeSignal(self._database, "outbox", await_ms=int(self._lease.seconds * 300))
        async with self._producer() as producer, aclosing(signal):
            metrics.relay_leading.set(1)
            self._published = []
            self._known_topics.clear()  # a topic that has been deleted since would hold up every turn
            # The lease is checked before each turn, but only the fence keeps a frozen relay from writing afterwards.
            while await self._lease.hold():
                self._heartbeat.beat()
                async with asyncio.timeout(TURN_SECONDS):
                    began = time.monotonic()
                    sent = await self._turn(producer)
                    self._database.conditions.mended(PART)
                    if sent:
                        signal.ignore(self._published)
                    if sent < min(self._options.batch, BUSY_ROWS):
                        await self._delete_during(signal.wait())
                    elif sent < self._options.batch:
                        pause = pause_seconds(sent, time.monotonic() - began)
                        await self._delete_during(asyncio.sleep(pause))

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        install_repairs()
        producer = AIOKafkaProducer(
            **self._options.connection.options(),
            transactional_id=self._options.transactional_id,
            acks="all",
            linger_ms=0,  # a turn sends its whole batch at once, so waiting for more gains nothing
            max_batch_size=262_144,
            transaction_timeout_ms=60_000,
        )
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await producer.start()
            yield producer
        finally:
            await _stop(producer)

    async def _turn(self, producer: AIOKafkaProducer) -> int:
        """Reads one batch and publishes it; its rows are deleted during the next turn. Returns the number of rows:
        fewer than a batch were all that there was."""
        rows = await self._due()
        try:
            await self._check_topics(producer, rows)
            if rows:
                await self._publish(producer, rows)
        except TopicRefuses as refusal:
            self._set_aside(refusal)
            return self._options.batch
        return len(rows)

    async def _delete_during(self, waiting: Awaitable[None]) -> None:
        """Deletes what was published while there is nothing else to do."""
        deleting = asyncio.ensure_future(self._delete())
        try:
            await waiting
        finally:
            await deleting

    async def _due(self) -> list[Doc]:
        """The first rows of the outbox, in one snapshot, from its very beginning each time. A plain query may pass a
        position before its row is committed, and then find the next event of the same aggregate."""
        now = time.monotonic()
        for topic in [topic for topic, until in self._aside.items() if until < now]:
            del self._aside[topic]
            metrics.relay_aside.labels(topic).set(0)
        query: Doc = {"topic": {"$nin": list(self._aside)}} if self._aside else {}
        # Rows of the last turn may still be there: they are deleted while this turn is on its way.
        if self._published:
            query["_id"] = {"$nin": self._published}
        rows: list[Doc] = await self._outbox.find(query).sort("_id", 1).limit(self._options.batch).to_list(None)
        return rows

    async def _check_topics(self, producer: AIOKafkaProducer, rows: list[Doc]) -> None:
        """Looks before the transaction, as a missing topic would keep it open for its whole timeout.

        Raises TopicRefuses for a topic that is missing, and KafkaError or TimeoutError where Kafka does not answer at
        all."""
        for topic in {row["topic"] for row in rows} - self._known_topics:
            try:
                async with asyncio.timeout(METADATA_SECONDS):
                    await producer.partitions_for(topic)
            except (TimeoutError, KafkaError) as error:
                if topic not in (await producer.client.fetch_all_metadata()).topics():
                    raise TopicRefuses(topic, error) from error
            self._known_topics.add(topic)

    async def _publish(self, producer: AIOKafkaProducer, rows: list[Doc]) -> None:
        """Publishes all rows or none, as far as readers of committed records can tell. Commits only after the rows of
        the transaction before are deleted, so that a crash repeats one batch at most."""
        deleting = asyncio.ensure_future(self._delete())
        spans = begin_spans(self._options.traces, rows)
        try:
            await producer.begin_transaction()
            try:
                sent = [await self._send(producer, row) for row in rows]
                await self._acknowledged(rows, sent)
            except TopicRefuses:
                # Aborted here; every other error ends the producer, and with it its transaction.
                await producer.abort_transaction()
                raise
        finally:
            await deleting
        await producer.commit_transaction()
        for span in spans:
            span.end()
        self._published = [row["_id"] for row in rows]

    async def _delete(self) -> None:
        if self._published:
            await self._database.collection("outbox").delete_many({"_id": {"$in": self._published}})
            metrics.relay_rows.inc(len(self._published))
            self._published = []

    async def _send(self, producer: AIOKafkaProducer, row: Doc) -> Sending:
        try:
            sending: Sending = await producer.send(
                row["topic"], row["value"], key=row["key"], headers=wire_headers(row["headers"])
            )
            return sending
        except TOPIC_REFUSES as error:
            raise TopicRefuses(row["topic"], error) from error

    async def _acknowledged(self, rows: list[Doc], sent: list[Sending]) -> None:
        for row, result in zip(rows, await asyncio.gather(*sent, return_exceptions=True), strict=True):
            if isinstance(result, TOPIC_REFUSES):
                raise TopicRefuses(row["topic"], result) from result
            if isinstance(result, BaseException):
                raise result

    def _set_aside(self, refusal: TopicRefuses) -> None:
        log.error("topic_set_aside", topic=refusal.topic, seconds=self._options.aside_seconds, error=str(refusal))
        self._aside[refusal.topic] = time.monotonic() + self._options.aside_seconds
        self._known_topics.discard(refusal.topic)
        metrics.relay_aside.labels(refusal.topic).set(1)


def wire_headers(headers: Mapping[str, str] | Sequence[Sequence[str | bytes | None]]) -> list[tuple[str, bytes | None]]:
    """Headers of a row as the producer takes them: our own are a mapping of text, those of a dead letter raw pairs."""
    if isinstance(headers, Mapping):
        return [(name, value.encode()) for name, value in headers.items()]
    return [(str(name), value if isinstance(value, bytes) else None) for name, value in headers]


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stops a producer within STOP_SECONDS. Errors are logged, so that they do not hide why it is stopped."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except Exception as error:
        log.info("producer_not_stopped", error=safe_text(error))
