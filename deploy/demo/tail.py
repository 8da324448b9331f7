"""Reads the real topics, as any subscriber would."""

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
RETRY_SECONDS = 1.0
TOPICS = ("profiles", "matches", "meetings", "outcomes", "calendars", "forums", "translations", "notifications")


@dataclass(frozen=True)
class SeenEvent:
    """An event as it was read. `body` is None for an erasure; `at` is an instant of `time.monotonic()`."""

    topic: str
    type: str
    key: str
    sequence: int
    body: Any
    at: float


@dataclass
class Tail:
    """What was read from all topics since their beginning."""

    bootstrap: str
    prefix: str = "magpie"
    latest: deque[SeenEvent] = field(default_factory=lambda: deque(maxlen=400))
    events_by_type: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    """(key, sequence) of each event; a repetition of an event is not counted."""
    sequences: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """By (topic, key): the sequences in the order of reading, with repetitions."""
    proposed_at: dict[str, float] = field(default_factory=dict)
    """By profile: when its first match was read."""
    texts: dict[str, str] = field(default_factory=dict)
    """Original texts by text_id."""
    renderings: dict[tuple[str, str], str] = field(default_factory=dict)
    """By (text_id, language): a translation, or the known terms of the text."""
    last_at: float = field(default_factory=time.monotonic)
    """When the last event was read."""

    async def follow(self) -> None:
        """Reads until it is cancelled. After an error of Kafka it reads everything again from the beginning."""
        while True:
            try:
                await self._read()
            except KafkaError:
                await asyncio.sleep(RETRY_SECONDS)

    def count(self, type: str) -> int:
        """The number of different events of this type."""
        return len(self.events_by_type.get(type, ()))

    async def _read(self) -> None:
        names = {f"{self.prefix}.{topic}.v1": topic for topic in TOPICS}
        # Without a group: it reads all partitions itself, without a rebalance, and commits nothing.
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        try:
            await consumer.start()
            # The order of events is checked within one reading: what an earlier one has seen would come twice.
            self.events_by_type.clear()
            self.sequences.clear()
            consumer.assign([TopicPartition(name, p) for name in names for p in range(PARTITIONS)])
            while True:
                for place, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        self._take(names[place.topic], record)
        finally:
            await asyncio.shield(consumer.stop())  # also when cancelled: its connections would stay open

    def _take(self, topic: str, record: Any) -> None:
        headers = {name: value.decode() for name, value in record.headers if value is not None}
        event = SeenEvent(
            topic,
            headers.get("ce_type", ""),
            (record.key or b"").decode(),
            int(headers.get("ce_sequence", "0")),
            json.loads(record.value) if record.value is not None else None,
            time.monotonic(),
        )
        if topic != "notifications":  # too many to show, and their causes are on the other topics
            self.latest.append(event)
        self.last_at = event.at
        self.events_by_type.setdefault(event.type, set()).add((event.key, event.sequence))
        self.sequences.setdefault((topic, event.key), []).append(event.sequence)
        self._remember(event)

    def _remember(self, event: SeenEvent) -> None:
        """Keeps the texts and instants that the display and the measures need."""
        if event.type == "magpie.match.proposed":
            for party in event.body["parties"]:
                self.proposed_at.setdefault(party, event.at)
        elif event.type == "magpie.text.translated":
            translation = event.body["translation"]
            self.renderings[event.body["text_id"], translation["lang"]] = translation["text"]
        elif event.topic == "profiles" and event.body is not None:
            for text in _texts(event.body):
                self.texts[text_id(Text(**text))] = text["text"]


def _texts(profile: dict[str, Any]) -> Iterator[dict[str, str]]:
    for entry in [*(profile.get("offers") or []), *(profile.get("needs") or [])]:
        yield entry["text"]
