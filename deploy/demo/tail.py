"""Reads the real topics, as any other system would."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

PARTITIONS = 12
PAUSE_SECONDS = 1.0
TOPICS = ("profiles", "matches", "meetings", "translations", "notifications")


@dataclass(frozen=True)
class Seen:
    topic: str
    type: str
    key: str
    sequence: int
    body: Any
    at: float


@dataclass
class Tail:
    """Everything on the topics, from their beginning."""

    bootstrap: str
    prefix: str = "magpie"
    latest: deque[Seen] = field(default_factory=lambda: deque(maxlen=400))
    counts: dict[str, int] = field(default_factory=dict)
    sequences: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    proposed_at: dict[str, float] = field(default_factory=dict)
    """By profile, when its first match was seen on the topic."""
    last_at: float = field(default_factory=time.monotonic)

    async def follow(self) -> None:
        """Runs until cancelled. Where Kafka goes away it reads everything again: what it kept is from one reading."""
        while True:
            try:
                await self._read()
            except KafkaError:
                await asyncio.sleep(PAUSE_SECONDS)

    async def _read(self) -> None:
        names = {f"{self.prefix}.{topic}.v1": topic for topic in TOPICS}
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        try:
            await consumer.start()
            self.counts.clear()
            self.sequences.clear()
            consumer.assign([TopicPartition(name, p) for name in names for p in range(PARTITIONS)])
            while True:
                for place, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        self._take(names[place.topic], record)
        finally:
            await asyncio.shield(consumer.stop())

    def _take(self, topic: str, record: Any) -> None:
        headers = {name: value.decode() for name, value in record.headers if value is not None}
        seen = Seen(
            topic,
            headers.get("ce_type", ""),
            (record.key or b"").decode(),
            int(headers.get("ce_sequence", "0")),
            json.loads(record.value) if record.value is not None else None,
            time.monotonic(),
        )
        self.latest.append(seen)
        self.last_at = seen.at
        self.counts[seen.type] = self.counts.get(seen.type, 0) + 1
        self.sequences.setdefault((topic, seen.key), []).append(seen.sequence)
        if seen.type == "magpie.match.proposed":
            for party in seen.body["parties"]:
                self.proposed_at.setdefault(party, seen.at)
