"""Kafka in: one batch of each partition is one list of decisions, guarded by its checkpoint."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from ..commit.committer import Committer, refresh
from ..commit.decision import Decision
from ..model.failures import Unavailable, safe_text
from ..mongo.database import Database
from ..ops import metrics
from ..ops.health import Heartbeat
from ..ops.logs import logger
from ..ops.loops import Backoff, Slices, run_forever
from ..ops.traces import OFF, Traces
from .checkpoint import CheckpointGuard, CheckpointGuards, LogReplaced, PartitionPaused
from .decoding import Record
from .polling import PollingConsumer
from .positions import Positions
from .retries import RetryReader
from .subscriptions import RecordReader

log = logger(__name__)
MAX_CONCURRENT_PARTITIONS = 4
"""Partitions whose transactions run side by side."""
MAX_TOGETHER = 200
"""Records of several partitions that take effect in one transaction. Of a fetch with more, each partition has enough
for one of its own, and they run side by side."""
Reader = RecordReader | RetryReader
"""What makes decisions of a topic's records."""
REVOKE_SECONDS = 5.0
PAUSE_SECONDS = 60.0
MONITOR_SECONDS = 5.0


class Consumer(ConsumerRebalanceListener):
    """Applies the batches of one consumer group. A few records are one transaction, of whichever partitions they are;
    many run side by side, each partition in transactions of its own. What has failed together is tried apart."""

    def __init__(
        self,
        database: Database,
        committer: Committer,
        readers: Mapping[str, Reader],
        *,
        group: str,
        heartbeat: Heartbeat,
        traces: Traces = OFF,
    ) -> None:
        """`readers` by the full name of their topic."""
        self._traces = traces
        self._database, self._committer, self._readers, self.group = database, committer, readers, group
        self.positions = Positions(
            database, group=group, heartbeat=heartbeat, settled=self._settled, forget=self._forget
        )
        self._guards: dict[TopicPartition, CheckpointGuard] = {}
        self._batch: asyncio.Task[None] | None = None
        self._is_apart = False
        self._turns = asyncio.Semaphore(MAX_CONCURRENT_PARTITIONS)
        self._backoff = Backoff(0.5, 5.0)
        self._kafka: Callable[[], PollingConsumer | None] = lambda: None
        self._was_assigned = self._has_joined = False
        self._told: dict[TopicPartition, int] = {}
        self.paused: dict[TopicPartition, float] = {}

    def attach(self, kafka: Callable[[], PollingConsumer | None]) -> None:
        """Says how to find the client: there is a new one after each failed start, and none before the first."""
        self._kafka = kafka

    @property
    def kafka(self) -> PollingConsumer | None:
        """The client; None before the first start."""
        return self._kafka()

    @property
    def has_joined(self) -> bool:
        """Whether it has once had partitions, if there are any for it, and known where to read them."""
        self._has_joined = self._has_joined or (self._was_assigned and self.positions.are_found)
        return self._has_joined

    # -- records

    async def process(self, records: Iterable[Record]) -> None:
        """Returns when the records of each partition have taken effect, or will be fetched again."""
        self._batch = asyncio.ensure_future(self._process(records))
        try:
            # Shielded: when the group rebalances, FastStream cancels this call, but the batch may finish (see below).
            await asyncio.shield(self._batch)
        except asyncio.CancelledError:
            if not self._batch.cancelled():
                self._batch.cancel()
                raise
        finally:
            self._batch = None

    async def _process(self, records: Iterable[Record]) -> None:
        batches: dict[TopicPartition, list[Record]] = {}
        for record in records:
            batches.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        # What was fetched before a partition was sought comes again, or belongs to a log that is no more.
        moved = set(kafka.moved) if (kafka := self._kafka()) is not None else set()
        batches = {tp: batch for tp, batch in batches.items() if tp not in moved}
        are_few = len(batches) > 1 and sum(map(len, batches.values())) <= MAX_TOGETHER
        shares = [batches] if are_few and not self._is_apart else [{tp: batch} for tp, batch in batches.items()]
        # Apart, one that cannot go on stops no other.
        self._is_apart = not all(await asyncio.gather(*(self._try(share) for share in shares)))
        if self._is_apart:
            await self._backoff.wait()
        else:
            self._backoff.reset()

    async def _try(self, batches: Mapping[TopicPartition, list[Record]]) -> bool:
        """Applies the records of these partitions. Where that is not possible now, rewinds them, and returns False."""
        async with self._turns:
            try:
                await self.apply(batches)
                return True
            except PartitionPaused as paused:
                for tp in batches if len(batches) == 1 else ():
                    self._pause(tp, str(paused))
            except LogReplaced as error:
                log.warning("batch_of_another_log", partitions=_named(batches), error=str(error))
                self.misfit(batches)
                return False
            except Unavailable as error:
                log.warning("batch_comes_again", partitions=_named(batches), error=str(error))
            for tp, records in batches.items():
                self._rewind(tp, records)
            return False

    def misfit(self, partitions: Iterable[TopicPartition]) -> None:
        """Looks once more for where these are read on: their position does not fit the log that is there."""
        if (kafka := self._kafka()) is not None:
            self.positions.find(kafka, partitions)

    async def _settled(self) -> None:
        if self._batch is not None:
            await asyncio.wait({self._batch})

    def _forget(self, partitions: Iterable[TopicPartition]) -> None:
        for tp in partitions:
            self._guards.pop(tp, None)
            self._told.pop(tp, None)

    async def apply(self, batches: Mapping[TopicPartition, list[Record]]) -> None:
        """The records of these partitions take effect, or become dead letters. Raises Unavailable, LogReplaced or
        PartitionPaused; what was committed before stays."""
        guards, waiting = dict[TopicPartition, CheckpointGuard](), deque[Decision]()
        for tp, records in batches.items():
            reader = self._readers[tp.topic]
            guards[tp] = guard = self._guards.pop(tp, None) or self._guard(tp, reader)
            decisions = await self._decisions(reader, records, guard)
            if guard.must_refresh:
                await refresh(guard, decisions)
            waiting.extend(decisions)
        await self._committer.commit(waiting, CheckpointGuards(list(guards.values())))
        self._guards |= guards  # kept only after success: after a failure the checkpoints are read again

    async def _decisions(self, reader: Reader, records: list[Record], guard: CheckpointGuard) -> list[Decision]:
        found, slices = list[Decision](), Slices()
        for record in records:
            decision = reader.decision(record, guard)
            if self._traces.are_on:
                decision.trace(self._traces)
            found.append(decision)
            await slices.turn()
        return found

    def _guard(self, tp: TopicPartition, reader: Reader) -> CheckpointGuard:
        reading = self.positions.readings.get(tp)
        topic_id = reading.topic_id if reading else None
        return CheckpointGuard(self._database, self.group, tp, inbox=reader.inbox, topic_id=topic_id)

    def _rewind(self, tp: TopicPartition, records: list[Record]) -> None:
        """Goes back to the beginning of the batch: the checkpoint skips the records that have taken effect."""
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

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Waits 5 s at most for the batch in flight, so that fewer records are decided twice. Correctness rests on the
        checkpoint alone."""
        self.positions.lose(self._kafka())
        if self._batch is not None:
            _, late = await asyncio.wait({self._batch}, timeout=REVOKE_SECONDS)
            for batch in late:
                log.warning("batch_abandoned")
                batch.cancel()
        # Another member may move these checkpoints now.
        self._guards.clear()
        self._told.clear()
        self.paused.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Looks for where the new partitions are read on; aiokafka waits for this call, so the search itself runs
        beside it."""
        kafka = self._kafka()
        if kafka is not None and assigned:
            kafka.misfit = self.misfit
            for tp in assigned:
                kafka.seek(tp, 0)  # any position: without one aiokafka would look for its own
            self.positions.find(kafka, assigned)
        self._was_assigned = True

    # -- monitoring

    async def monitor(self) -> None:
        """Runs until cancelled: commits offsets, by which the broker tells the lag, and resumes paused partitions."""
        await run_forever(
            self._monitor,
            backoff=Backoff(0.1, 0.1),
            report=lambda error: log.info("offsets_not_committed", error=safe_text(error)),
            # aiokafka asserts that a partition is assigned; one may have been revoked since we looked.
            catch=(KafkaError, TimeoutError, AssertionError),
        )

    async def _monitor(self) -> None:
        await asyncio.sleep(MONITOR_SECONDS)
        kafka = self._kafka()
        if kafka is None or not self.positions.are_found:
            return
        async with asyncio.timeout(MONITOR_SECONDS):
            self._resume_paused(kafka)
            await self._commit(kafka)

    def _resume_paused(self, kafka: PollingConsumer) -> None:
        now = time.monotonic()
        for tp in [tp for tp, until in self.paused.items() if until < now]:
            del self.paused[tp]
            metrics.consumer_paused.labels(tp.topic).set(sum(p.topic == tp.topic for p in self.paused))
            if tp in kafka.assignment():
                kafka.resume(tp)

    async def _commit(self, kafka: PollingConsumer) -> None:
        """Tells Kafka how far each partition is done. Only its lag depends on it: checkpoints say where to go on."""
        done = dict[TopicPartition, int]()
        for tp in kafka.assignment() & self.positions.readings.keys():
            guard = self._guards.get(tp)
            # Between batches the position is past the markers of transactions, which no record follows.
            if self._batch is None:
                done[tp] = await kafka.position(tp)
            elif guard is not None and guard.next is not None:
                done[tp] = guard.next
        changed = {tp: offset for tp, offset in done.items() if self._told.get(tp) != offset}
        if changed:
            await kafka.commit(changed)
            self._told |= changed


def _named(partitions: Iterable[TopicPartition]) -> list[str]:
    return [f"{tp.topic}/{tp.partition}" for tp in partitions]
