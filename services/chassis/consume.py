"""Kafka in: one batch of one partition is one list of decisions behind its cursor."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from . import metrics
from .cursor import CursorGuard, PartitionPaused
from .database import Database
from .errors import Pace, Unavailable, must_go_on, reason
from .health import Heartbeat
from .logs import logger
from .placing import place
from .records import Reader
from .settle import Decision, Settler, refresh

log = logger(__name__)
AT_ONCE = 4
"""Partitions whose transactions run side by side."""
REVOKED_AFTER_SECONDS = 5.0
PAUSE_SECONDS = 60.0
LOOK_SECONDS = 5.0
PLACE_SECONDS = 20.0


class Consumer(ConsumerRebalanceListener):
    """Applies the batches of one group. Its partitions run side by side, each in transactions of its own."""

    def __init__(
        self,
        database: Database,
        settler: Settler,
        readers: Mapping[str, Reader],
        *,
        group: str,
        bootstrap: str,
        heartbeat: Heartbeat,
    ) -> None:
        """`readers` by the full name of their topic."""
        self._database, self._settler, self._readers = database, settler, readers
        self._group, self._bootstrap, self._heartbeat = group, bootstrap, heartbeat
        self._guards: dict[TopicPartition, CursorGuard] = {}
        self._batch: asyncio.Task[None] | None = None
        self._placing: asyncio.Task[None] | None = None
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._pace = Pace(0.5, 5.0)
        self._kafka: Callable[[], AIOKafkaConsumer | None] = lambda: None
        self.has_joined = False
        self.paused: dict[TopicPartition, float] = {}

    def follow(self, kafka: Callable[[], AIOKafkaConsumer | None]) -> None:
        self._kafka = kafka

    # -- records

    async def take(self, records: Iterable[ConsumerRecord[Any, Any]]) -> None:
        """Returns when each partition's records have taken effect, or are to come again."""
        self._batch = asyncio.ensure_future(self._take(records))
        try:
            await asyncio.shield(self._batch)
        except asyncio.CancelledError:
            if not self._batch.cancelled():
                self._batch.cancel()
                raise
        finally:
            self._batch = None

    async def _take(self, records: Iterable[ConsumerRecord[Any, Any]]) -> None:
        batches: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
        for record in records:
            batches.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        undone = [tp for tp in await asyncio.gather(*(self._try(tp, batch) for tp, batch in batches.items())) if tp]
        if undone:
            await self._pace.wait()
        else:
            self._pace.reset()

    async def _try(self, tp: TopicPartition, records: list[ConsumerRecord[Any, Any]]) -> TopicPartition | None:
        """Applies one partition's records; where that cannot be now, gives back what is undecided."""
        async with self._at_once:
            try:
                await self.apply(tp, records)
                return None
            except PartitionPaused as paused:
                self._pause(tp, str(paused))
            except Unavailable as error:
                log.warning("batch_comes_again", topic=tp.topic, partition=tp.partition, error=str(error))
            self._give_back(tp, records)
            return tp

    async def apply(self, tp: TopicPartition, records: list[ConsumerRecord[Any, Any]]) -> None:
        """One partition's records take effect, or their dead letters are written. Raises Unavailable or
        PartitionPaused; what was decided before stays."""
        reader = self._readers[tp.topic]
        guard = self._guards.pop(tp, None) or CursorGuard(
            self._database, self._group, tp, inbox=reader.subscription.inbox
        )
        waiting: deque[Decision] = deque(reader.decision(record, guard) for record in records)
        if guard.next is None or guard.inbox:
            await refresh(guard, waiting)
        await self._settler.settle(waiting, guard)
        self._guards[tp] = guard  # only after success: a failed one is read again

    def _give_back(self, tp: TopicPartition, records: list[ConsumerRecord[Any, Any]]) -> None:
        """The cursor skips what has taken effect before, so the whole batch may come again."""
        kafka = self._kafka()
        if kafka is not None and tp in kafka.assignment():
            kafka.seek(tp, records[0].offset)

    def _pause(self, tp: TopicPartition, why: str) -> None:
        log.error("partition_paused", topic=tp.topic, partition=tp.partition, seconds=PAUSE_SECONDS, reason=why)
        self.paused[tp] = time.monotonic() + PAUSE_SECONDS
        metrics.consumer_paused.labels(tp.topic).set(sum(p.topic == tp.topic for p in self.paused))
        kafka = self._kafka()
        if kafka is not None and tp in kafka.assignment():
            kafka.pause(tp)

    # -- assignment

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Lets the batch in flight finish, for a while: fewer records are decided twice. Safety rests on the cursor."""
        if self._placing:
            self._placing.cancel()
        if self._batch is not None:
            _, late = await asyncio.wait({self._batch}, timeout=REVOKED_AFTER_SECONDS)
            for batch in late:
                log.warning("batch_abandoned")
                batch.cancel()
        self._guards.clear()
        self.paused.clear()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        kafka = self._kafka()
        if kafka is None or not assigned:
            self.has_joined = True
            return
        kafka.pause(*assigned)
        self._placing = asyncio.ensure_future(self._place(kafka, set(assigned)))

    async def _place(self, kafka: AIOKafkaConsumer, assigned: set[TopicPartition]) -> None:
        """Goes to where the cursors stand, as soon as MongoDB can say."""
        pace = Pace(0.2, 3.0)
        while True:
            try:
                async with asyncio.timeout(PLACE_SECONDS):  # its reader waits for 40 s on a half-open line, and again
                    await place(kafka, assigned, database=self._database, group=self._group, bootstrap=self._bootstrap)
                break
            except (Exception, asyncio.CancelledError) as error:  # until it is done, nobody reads these partitions
                must_go_on()
                log.warning("cursors_not_read", error=reason(error))
                self._heartbeat.beat()
                await pace.wait()
        kafka.resume(*(assigned & kafka.assignment()))
        self.has_joined = True

    # -- looking after it

    async def look_after(self) -> None:
        """Runs until cancelled: measures lag, tells Kafka's tools where we are, tries paused partitions again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            kafka = self._kafka()
            if kafka is None or (self._placing and not self._placing.done()):
                continue
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._look(kafka)
            except (KafkaError, TimeoutError, AssertionError) as error:
                must_go_on()
                log.info("lag_not_measured", error=reason(error))

    async def _look(self, kafka: AIOKafkaConsumer) -> None:
        now = time.monotonic()
        for tp in [tp for tp, until in self.paused.items() if until < now]:
            del self.paused[tp]
            metrics.consumer_paused.labels(tp.topic).set(sum(p.topic == tp.topic for p in self.paused))
            if tp in kafka.assignment():
                kafka.resume(tp)
        assigned = list(kafka.assignment())
        if not assigned:
            return
        ends = await kafka.end_offsets(assigned)
        lag = dict.fromkeys(self._readers, 0)
        for tp in assigned:
            lag[tp.topic] += max(0, ends[tp] - await kafka.position(tp))
        for topic, records in lag.items():
            metrics.consumer_lag.labels(topic).set(records)
        done = {tp: guard.next for tp, guard in self._guards.items() if guard.next is not None}
        if done:
            await kafka.commit(done)
