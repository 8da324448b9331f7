"""Kafka out: one relay a database drains the outbox in order; whoever takes over shuts the one before out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)

from . import metrics
from .connection import survive_broken_lines
from .database import Database
from .documents import Doc
from .errors import Pace, meaning, reason
from .events import wire_headers
from .health import Heartbeat
from .lease import Lease
from .logs import logger
from .waking import Waking

log = logger(__name__)
survive_broken_lines()
TOPIC_REFUSES = (
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    InvalidTopicError,
    UnknownTopicOrPartitionError,
)
TURN_SECONDS = 10.0
"""A turn that takes longer is thrown away with its producer: aiokafka retries some errors without end."""
FEW = 8
"""Rows in a turn, from which on more are on their way: instead of waiting to be told, it looks again after a moment."""
GATHER_SECONDS = 0.05
"""That moment. A turn costs much the same for ten rows as for fifty."""
METADATA_SECONDS = 5.0
STOP_SECONDS = 3.0


class TopicRefuses(Exception):
    """This topic takes no records for now; the others are fine."""

    def __init__(self, topic: str, error: BaseException) -> None:
        super().__init__(f"{topic}: {type(error).__name__}")
        self.topic = topic


class Relay:
    """Guarantee: the events of one aggregate reach their topic in the order of its revisions, each at least once. A
    repeat after a crash is at most one batch, exact, and comes before anything newer, because rows are deleted before
    the next Kafka transaction commits."""

    def __init__(
        self,
        database: Database,
        *,
        bootstrap: str,
        transactional_id: str,
        heartbeat: Heartbeat,
        batch: int = 1000,
        lease_seconds: float = 5.0,
        aside_seconds: float = 30.0,
    ) -> None:
        """`transactional_id`: one per topic prefix and database; starting a producer with it fences whoever ran."""
        self._database, self._bootstrap, self._transactional_id = database, bootstrap, transactional_id
        self._heartbeat, self._batch = heartbeat, batch
        self._lease = Lease(database, "relay", seconds=lease_seconds)
        self._aside_seconds, self._aside = aside_seconds, dict[str, float]()
        self._known: set[str] = set()
        self._published: list[str] = []
        """Rows of the last committed Kafka transaction that are not deleted yet."""
        self._outbox = database.snapshot("outbox")

    async def serve(self) -> None:
        """Runs until cancelled; then gives the lease back."""
        try:
            pace = Pace(0.5, 2.0)
            while True:
                self._heartbeat.beat()
                try:
                    if await self._lease.hold():
                        await self._lead()
                    pace.reset()
                    await asyncio.sleep(self._lease.seconds / 3)
                except Exception as error:
                    log.warning("relay_starts_again", error=reason(meaning(error)))
                    await pace.wait()
                finally:
                    metrics.relay_leading.set(0)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(2):
                await self._lease.give_back()
        except Exception as error:  # it runs out by itself
            log.info("lease_not_given_back", error=reason(meaning(error)))

    async def _lead(self) -> None:
        """Order matters: lease, then producer (which fences the one before), then the first read. So whatever is sent
        was found after every earlier relay had been shut out."""
        waking = Waking(self._database, "outbox", patience_ms=int(self._lease.seconds * 300))
        async with self._producer() as producer, aclosing(waking):
            metrics.relay_leading.set(1)
            self._published = []
            self._known.clear()  # a topic that has been deleted since would hold up every turn
            while await self._lease.hold():
                self._heartbeat.beat()
                async with asyncio.timeout(TURN_SECONDS):
                    sent = await self._turn(producer)
                    if sent:
                        waking.know(self._published)
                    if sent < min(self._batch, FEW):
                        await self._meanwhile(waking.wait())
                    elif sent < self._batch:
                        await self._meanwhile(asyncio.sleep(GATHER_SECONDS))

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            transactional_id=self._transactional_id,
            acks="all",
            linger_ms=0,
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
        """One batch: read, publish; its rows are deleted while the next one is on its way. How many rows it was: fewer
        than a batch were all that there was."""
        rows = await self._due()
        try:
            await self._know_topics(producer, rows)
            if rows:
                await self._publish(producer, rows)
        except TopicRefuses as refusal:
            self._set_aside(refusal)
            return self._batch
        return len(rows)

    async def _meanwhile(self, waiting: Awaitable[None]) -> None:
        """What was published is deleted while nothing else is to be done."""
        deleting = asyncio.ensure_future(self._delete())
        try:
            await waiting
        finally:
            await deleting

    async def _due(self) -> list[Doc]:
        """From the very start each time, in one snapshot: a plain query may pass a position before its row is
        committed and then find the next event of the same aggregate."""
        now = time.monotonic()
        for topic in [topic for topic, until in self._aside.items() if until < now]:
            del self._aside[topic]
            metrics.relay_aside.labels(topic).set(0)
        query: Doc = {"topic": {"$nin": list(self._aside)}} if self._aside else {}
        if self._published:
            query["_id"] = {"$nin": self._published}
        rows: list[Doc] = await self._outbox.find(query).sort("_id", 1).limit(self._batch).to_list(None)
        oldest = int(rows[0]["_id"][:16], 16) if rows else 0
        metrics.relay_oldest.set(max(0.0, (self._database.clock.now_us() - oldest) / 1e6) if oldest else 0)
        return rows

    async def _know_topics(self, producer: AIOKafkaProducer, rows: list[Doc]) -> None:
        """Asked before the transaction: a missing topic would hold it open for its whole timeout. Raises KafkaError,
        TimeoutError where it is Kafka that says nothing, of this topic or any other."""
        for topic in {row["topic"] for row in rows} - self._known:
            try:
                async with asyncio.timeout(METADATA_SECONDS):
                    await producer.partitions_for(topic)
            except (TimeoutError, KafkaError) as error:
                if topic not in (await producer.client.fetch_all_metadata()).topics():
                    raise TopicRefuses(topic, error) from error
            self._known.add(topic)

    async def _publish(self, producer: AIOKafkaProducer, rows: list[Doc]) -> None:
        """All of them or none, as far as readers of committed records can tell; committed only after the rows of the
        transaction before are gone."""
        deleting = asyncio.ensure_future(self._delete())
        try:
            await producer.begin_transaction()
            try:
                sent = [await self._send(producer, row) for row in rows]
                await self._acknowledged(rows, sent)
            except TopicRefuses:
                await producer.abort_transaction()
                raise
        finally:
            await deleting
        await producer.commit_transaction()
        self._published = [row["_id"] for row in rows]

    async def _delete(self) -> None:
        if self._published:
            await self._database.collection("outbox").delete_many({"_id": {"$in": self._published}})
            metrics.relay_rows.inc(len(self._published))
            self._published = []

    async def _send(self, producer: AIOKafkaProducer, row: Doc) -> asyncio.Future[Any]:
        try:
            sending: asyncio.Future[Any] = await producer.send(
                row["topic"], row["value"], key=row["key"], headers=wire_headers(row["headers"])
            )
            return sending
        except TOPIC_REFUSES as error:
            raise TopicRefuses(row["topic"], error) from error

    async def _acknowledged(self, rows: list[Doc], sent: list[asyncio.Future[Any]]) -> None:
        for row, result in zip(rows, await asyncio.gather(*sent, return_exceptions=True), strict=True):
            if isinstance(result, TOPIC_REFUSES):
                raise TopicRefuses(row["topic"], result) from result
            if isinstance(result, BaseException):
                raise result

    def _set_aside(self, refusal: TopicRefuses) -> None:
        log.error("topic_set_aside", topic=refusal.topic, seconds=self._aside_seconds, error=str(refusal))
        self._aside[refusal.topic] = time.monotonic() + self._aside_seconds
        self._known.discard(refusal.topic)
        metrics.relay_aside.labels(refusal.topic).set(1)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Whatever goes wrong with it must not hide why it is stopped."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await producer.stop()
    except Exception as error:
        log.info("producer_not_stopped", error=reason(error))
