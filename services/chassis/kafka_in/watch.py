"""Looks every few seconds whether what a group reads is what there is: topics that went away or were made again,
partitions that no member reads, records that were removed before they were read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocol
from aiokafka.errors import KafkaError
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from ..model.failures import safe_text
from ..mongo.database import SEEN, Database
from ..ops.kafka_connection import KafkaConnection
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from ..ops.topic_facts import TopicFacts, topic_facts
from .absences import Absences
from .checkpoint import checkpoint_id
from .consumer import Consumer
from .gaps import described, open_gaps
from .polling import PollingConsumer
from .positions import Reading
from .rebuilds import Rebuilds
from .seeking import log_of

log = logger(__name__)
LOOK_SECONDS, FIRST_SECONDS, ANSWER_SECONDS = 5.0, 0.2, 10.0
SEEN_SECONDS = 60.0
"""So often it is written down that a partition without new records was read to its end."""
REJOIN_SECONDS, MAX_REJOIN_SECONDS = 10.0, 300.0
"""The pause after a rejoin that was asked for; it doubles while partitions stay unread."""
Facts = Mapping[str, TopicFacts]


class LogWatch:
    """Watches for one member. Kafka tells none of it by itself: a static member that is back within its session starts
    no rebalance, so that no one who leads looks at the metadata; and records are fetched by the name of a topic."""

    def __init__(
        self,
        connection: KafkaConnection,
        database: Database,
        consumer: Consumer,
        topics: Iterable[str],
        rebuilds: Rebuilds | None = None,
    ) -> None:
        """`topics` by their full names: what the member has subscribed."""
        self._connection, self._database, self._consumer = connection, database, consumer
        self._absences = Absences(database, consumer.group, rebuilds) if rebuilds else None
        self.has_judged = False
        """Whether it has looked once how long the member's partitions were not read before."""
        self._topics, self._conditions = frozenset(topics), database.conditions
        self._unread: frozenset[TopicPartition] = frozenset()
        self._rejoin_at, self._rejoin_pause = 0.0, REJOIN_SECONDS
        self._told: dict[TopicPartition, tuple[int, float]] = {}
        for topic in self._topics:
            self._conditions.mended(records_of(topic))
            self._conditions.mended(partitions_of(topic))
            self._conditions.mended(log_of(topic))

    async def serve(self) -> None:
        """Runs until cancelled."""
        await run_forever(
            self._follow,
            backoff=Backoff(0.5, LOOK_SECONDS),
            report=lambda error: log.info("logs_not_compared", error=safe_text(error)),
            # aiokafka asserts that a partition is assigned; one may have been revoked since we looked.
            catch=(KafkaError, PyMongoError, OSError, TimeoutError, RuntimeError, AssertionError),
        )

    async def _follow(self) -> None:
        admin = AIOKafkaAdminClient(**self._connection.options(), request_timeout_ms=int(ANSWER_SECONDS * 1000))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await admin.start()
            while True:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._look(admin)
                await asyncio.sleep(LOOK_SECONDS if self.has_judged else FIRST_SECONDS)
        finally:
            await admin.close()

    async def _look(self, admin: AIOKafkaAdminClient) -> None:
        facts = await topic_facts(admin._client, self._topics)
        kafka = self._consumer.kafka
        if kafka is not None:
            self._compare_ids(facts, kafka.assignment())
            await self._judge(admin)
            await self._compare_partitions(kafka, facts, await _assigned(admin, self._consumer.group))
            await self._note_what_is_read(kafka, facts)
        await self._tell_gaps()

    async def _judge(self, admin: AIOKafkaAdminClient) -> None:
        if not (self._consumer.has_joined and self._consumer.positions.are_found):
            return
        readings = dict(self._consumer.positions.readings)
        if self._absences is not None:
            await self._absences.judge(admin, readings)
        self.has_judged = True

    # -- topics that are other ones now

    def _compare_ids(self, facts: Facts, assigned: Iterable[TopicPartition]) -> None:
        readings = self._consumer.positions.readings
        others = [tp for tp in assigned if tp.topic in facts and not _is_of(readings.get(tp), facts[tp.topic].id)]
        if others and self._consumer.positions.are_found:
            self._consumer.misfit(others)

    # -- partitions that no member reads

    async def _compare_partitions(
        self, kafka: PollingConsumer, facts: Facts, assigned: set[TopicPartition] | None
    ) -> None:
        if assigned is None:
            return
        there = {TopicPartition(topic, n) for topic, found in facts.items() for n in found.partitions}
        unread = frozenset(there - assigned)
        # At two looks in succession: a rebalance may be under way.
        lasting, self._unread = unread & self._unread, unread
        for topic in self._topics:
            self._tell_partitions(topic, sorted(tp.partition for tp in lasting if tp.topic == topic), topic in facts)
        now = time.monotonic()
        if not lasting:
            self._rejoin_pause = REJOIN_SECONDS
        elif now >= self._rejoin_at:
            self._rejoin_at = now + self._rejoin_pause
            self._rejoin_pause = min(MAX_REJOIN_SECONDS, self._rejoin_pause * 2)
            log.warning("rejoins_for_unread_partitions", partitions=len(lasting))
            await kafka.rejoin()

    def _tell_partitions(self, topic: str, unread: list[int], is_there: bool) -> None:
        if not is_there:
            detail = "the topic is not there, or may not be seen; it is read from its start as soon as it is there"
            command = "python -m services.chassis.topics apply"
            self._conditions.degraded(partitions_of(topic), detail, command=command)
        elif unread:
            shown = ", ".join(map(str, unread[:10])) + (" and more" if len(unread) > 10 else "")
            detail = f"no member of the group reads partition {shown}; the group assigns them once more"
            self._conditions.degraded(partitions_of(topic), detail)
        else:
            self._conditions.mended(partitions_of(topic))

    # -- what was read, and what cannot be read any more

    async def _note_what_is_read(self, kafka: PollingConsumer, facts: Facts) -> None:
        """Writes down which partitions are read to their ends, and up to where. What was read when the last look began
        had been written before it."""
        there = {tp for tp in kafka.assignment() if tp.topic in facts}
        readings = {tp: reading for tp, reading in self._consumer.positions.readings.items() if tp in there}
        if not readings or not self._consumer.positions.are_found:
            return
        positions = {tp: await kafka.position(tp) for tp in readings}
        now, at_mongo, writes = time.monotonic(), self._database.clock.server_now(), []
        behind = {tp for tp, reading in readings.items() if reading.end is None or positions[tp] < reading.end}
        for topic in {tp.topic for tp in readings} - {tp.topic for tp in behind}:
            self._conditions.mended(log_of(topic))
        for tp, reading in readings.items():
            if tp in behind:
                continue
            told, at = self._told.get(tp, (-1, 0.0))
            if told != positions[tp] or now - at > SEEN_SECONDS:
                seen = {"$set": {"next": positions[tp], "topic_id": reading.topic_id, "at": at_mongo}}
                writes.append(UpdateOne({"_id": checkpoint_id(self._consumer.group, tp)}, [seen], upsert=True))
                self._told[tp] = (positions[tp], now)
        if writes:
            await self._database.db[SEEN].bulk_write(writes, ordered=False)
        for tp, end in (await kafka.end_offsets(list(readings))).items():
            readings[tp].end = end

    async def _tell_gaps(self) -> None:
        gaps = await open_gaps(self._database)
        if self._absences is not None:
            await self._absences.look(gaps)
        for topic in self._topics:
            if of_topic := [gap for gap in gaps if gap["topic"] == topic]:
                command = "python -m services.operate gaps acknowledge --all"
                self._conditions.degraded(records_of(topic), described(of_topic), command=command)
            else:
                self._conditions.mended(records_of(topic))


def records_of(topic: str) -> str:
    """The name of a part, for `/readyz`."""
    return f"records of {topic}"


def partitions_of(topic: str) -> str:
    """The name of a part, for `/readyz`."""
    return f"partitions of {topic}"


def _is_of(reading: Reading | None, topic_id: str) -> bool:
    return reading is not None and reading.topic_id == topic_id


async def _assigned(admin: AIOKafkaAdminClient, group: str) -> set[TopicPartition] | None:
    """The partitions that the members of a group read, as Kafka has it; None while it is being settled."""
    answers: list[Any] = await admin.describe_consumer_groups([group])
    code, _, state, _, _, members, *_ = answers[0].groups[0]
    if code or state != "Stable":
        return None
    found = set[TopicPartition]()
    for *_, assignment in members:
        if assignment:
            found |= set(ConsumerProtocol.ASSIGNMENT.decode(assignment).partitions())
    return found
