"""How far every consumer group is behind, as the broker says: a process that hangs is measured by the others."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from ..model.failures import safe_text
from ..ops import metrics
from ..ops.aiokafka_repairs import install_repairs
from ..ops.kafka_connection import KafkaConnection
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from ..ops.topic_facts import topic_facts

log = logger(__name__)
MEASURE_SECONDS, ANSWER_SECONDS = 10.0, 10.0
NOT_ALLOWED = (GroupAuthorizationFailedError, TopicAuthorizationFailedError)
Groups = Mapping[str, Sequence[str]]
"""The topics that each group reads, by their full names."""


class LagProbe:
    """Asks the broker for the committed offsets of all groups and for the ends of what they read, in all partitions
    that there are now. A group or topic that this principal may not see is left out, and told by those that may."""

    def __init__(self, connection: KafkaConnection, groups: Groups) -> None:
        self._connection, self._groups = connection, groups
        self._measured_at = time.monotonic()
        metrics.consumer_lag_age.set_function(lambda: time.monotonic() - self._measured_at)

    async def serve(self) -> None:
        """Runs until cancelled."""
        install_repairs()
        await run_forever(
            self._follow,
            backoff=Backoff(1.0, MEASURE_SECONDS),
            report=lambda error: log.info("lag_not_measured", error=safe_text(error)),
            catch=(KafkaError, OSError, TimeoutError, RuntimeError),
        )

    async def _follow(self) -> None:
        options = {**self._connection.options(), "request_timeout_ms": int(ANSWER_SECONDS * 1000)}
        admin = AIOKafkaAdminClient(**options)
        reader = AIOKafkaConsumer(**options, enable_auto_commit=False)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await admin.start()
                await reader.start()
            while True:
                async with asyncio.timeout(ANSWER_SECONDS):
                    places = await self._places(admin)
                    for group, topics in self._groups.items():
                        partitions = [tp for topic in topics for tp in places.get(topic, ())]
                        with suppress(*NOT_ALLOWED, GroupCoordinatorNotAvailableError):
                            await self._measure(admin, reader, group, partitions)
                self._measured_at = time.monotonic()
                await asyncio.sleep(MEASURE_SECONDS)
        finally:
            with suppress(KafkaError, OSError, RuntimeError):
                await reader.stop()
            await admin.close()

    async def _places(self, admin: AIOKafkaAdminClient) -> dict[str, list[TopicPartition]]:
        """As Kafka has them: operators add partitions, and the registry does not know."""
        facts = await topic_facts(admin._client, {topic for topics in self._groups.values() for topic in topics})
        return {topic: [TopicPartition(topic, n) for n in sorted(found.partitions)] for topic, found in facts.items()}

    async def _measure(
        self, admin: AIOKafkaAdminClient, reader: AIOKafkaConsumer, group: str, partitions: Sequence[TopicPartition]
    ) -> None:
        committed = await admin.list_consumer_group_offsets(group)
        begins = await reader.beginning_offsets(list(partitions))
        ends = await reader.end_offsets(list(partitions))
        for tp in partitions:
            known = committed.get(tp)
            # A group that has not read a partition yet has all of it before it.
            done = max(begins[tp], known.offset if known is not None else 0)
            metrics.consumer_lag.labels(group, tp.topic, tp.partition).set(max(0, ends[tp] - done))
