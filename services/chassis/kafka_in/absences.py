"""How long the partitions of a member were not read: longer than erasures live, and some were missed."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from ..model.documents import Doc
from ..mongo.clock import instant
from ..mongo.database import SEEN, Database
from ..ops.logs import logger
from .checkpoint import checkpoint_id
from .gaps import RETENTION
from .positions import Reading
from .rebuilds import Rebuilds

log = logger(__name__)
SETTINGS_SECONDS = 300.0
POLICY, LIFETIME = "cleanup.policy", "delete.retention.ms"
DEFAULT_LIFETIME_MS = 86_400_000
"""Kafka's own; used where the settings of a topic may not be read."""


class Absences:
    """Plans a rebuild of the rows of a compacted topic, where its erasures may have come and gone unread."""

    def __init__(self, database: Database, group: str, rebuilds: Rebuilds) -> None:
        self._database, self._group, self._rebuilds = database, group, rebuilds
        self._lifetimes: dict[str, float | None] = {}
        self._asked_at = float("-inf")

    async def judge(self, admin: AIOKafkaAdminClient, readings: Mapping[TopicPartition, Reading]) -> None:
        """Looks at each partition once after it was sought, before it is written down that it is read. Raises the
        errors of both drivers."""
        await self._ask(admin)
        new = {tp: reading for tp, reading in readings.items() if not reading.is_judged}
        read_at = await self._read_at([tp for tp in new if tp.topic in self._rebuilds.topics])
        now = self._database.now()
        for tp, at in read_at.items():
            lifetime = self._lifetimes.get(tp.topic)
            if lifetime is not None and (away := (now - at).total_seconds()) > lifetime:
                why = f"it was not read for {away:.0f} s, and its erasures live for {lifetime:.0f} s"
                log.warning("away_longer_than_erasures_live", topic=tp.topic, partition=tp.partition, seconds=away)
                await self._rebuilds.plan(tp.topic, why)
        for reading in new.values():
            reading.is_judged = True

    async def look(self, gaps: Sequence[Doc]) -> None:
        """Plans a rebuild where retention removed records of a compacted topic, and lets what is due be done. A topic
        that was deleted and made again does not say what there was."""
        for gap in gaps:
            if gap["reason"] == RETENTION and self._lifetimes.get(gap["topic"]) is not None:
                await self._rebuilds.plan(gap["topic"], "records of it were removed before they were read")
        await self._rebuilds.look()

    async def _read_at(self, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, dt.datetime]:
        """When each one was last read to its end; one without a checkpoint is read from its start."""
        ids = {checkpoint_id(self._group, tp): tp for tp in partitions}
        query: Doc = {"_id": {"$in": list(ids)}}
        found = {ids[doc["_id"]]: instant(doc["at"]) async for doc in self._database.db.cursors.find(query, {"at": 1})}
        seen = {ids[doc["_id"]]: doc["at"] async for doc in self._database.db[SEEN].find(query, {"at": 1})}
        return {tp: max(at, seen.get(tp, at)) for tp, at in found.items()}

    async def _ask(self, admin: AIOKafkaAdminClient) -> None:
        """How long erasures of each topic live, in seconds; None for one that is not compacted."""
        if time.monotonic() - self._asked_at < SETTINGS_SECONDS:
            return
        wanted = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in self._rebuilds.topics]
        answers: list[Any] = await admin.describe_configs(wanted) if wanted else []
        for answer in answers:
            for _, _, _, topic, entries in answer.resources:
                settings = {name: value for name, value, *_ in entries}
                compacted = "compact" in settings.get(POLICY, "compact")
                lifetime = int(settings.get(LIFETIME, DEFAULT_LIFETIME_MS)) / 1000
                self._lifetimes[topic] = lifetime if compacted else None
        self._asked_at = time.monotonic()
