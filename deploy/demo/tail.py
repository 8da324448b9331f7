"""Reads the real topics, as any other system would."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.common import Text, text_id

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
    things: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    """By type, which events there are: a repeat is the same one."""
    sequences: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    proposed_at: dict[str, float] = field(default_factory=dict)
    """By profile, when its first match was seen on the topic."""
    texts: dict[str, str] = field(default_factory=dict)
    renderings: dict[tuple[str, str], str] = field(default_factory=dict)
    """By text and language: a translation, or the terms that are known."""
    last_at: float = field(default_factory=time.monotonic)

    async def follow(self) -> None:
        """Runs until cancelled. Where Kafka goes away it reads everything again: what it kept is from one reading."""
        while True:
            try:
                await self._read()
            except KafkaError:
                await asyncio.sleep(PAUSE_SECONDS)

    def count(self, type: str) -> int:
        return len(self.things.get(type, ()))

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
            self.things.clear()
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
        if topic != "notifications":  # too many to read; what they tell of is on the other topics
            self.latest.append(seen)
        self.last_at = seen.at
        self.things.setdefault(seen.type, set()).add((seen.key, seen.sequence))
        self.sequences.setdefault((topic, seen.key), []).append(seen.sequence)
        self._learn(seen)

    def _learn(self, seen: Seen) -> None:
        if seen.type == "magpie.match.proposed":
            for party in seen.body["parties"]:
                self.proposed_at.setdefault(party, seen.at)
        elif seen.type == "magpie.text.translated":
            said = seen.body["translation"]
            self.renderings[seen.body["text_id"], said["lang"]] = said["text"]
        elif seen.topic == "profiles" and seen.body is not None:
            for said in _said(seen.body):
                self.texts[text_id(Text(**said))] = said["text"]


def _said(profile: dict[str, Any]) -> Iterator[dict[str, str]]:
    for entry in [*(profile.get("offers") or []), *(profile.get("needs") or [])]:
        yield entry["text"]
