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
ASKED_EVERY_SECONDS, ANSWERS_WITHIN_SECONDS = 0.5, 2.0
"""How often Kafka is asked whether it is there; without an answer for longer than that it was away."""
RECOVERED_AFTER_SECONDS = 10.0
"""After Kafka was away: until then the services read and send again, whose members first have to be found missing."""
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
    answered_at: float = 0.0
    """When Kafka last said that it is there; 0: never yet."""
    recovered_at: float = 0.0
    """Until when what was held up by an outage of Kafka may still be under way."""

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

    def is_quiet(self, seconds: float) -> bool:
        """Whether there is nothing new for so long; silence of a Kafka that is away, or was just now, says nothing."""
        now = time.monotonic()
        is_there = now - self.answered_at < ANSWERS_WITHIN_SECONDS and now > self.recovered_at
        return is_there and now - self.last_at >= seconds

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
            places = [TopicPartition(name, p) for name in names for p in range(PARTITIONS)]
            consumer.assign(places)
            while True:
                await self._ask(consumer, places)
                for place, records in (await consumer.getmany(timeout_ms=200)).items():
                    for record in records:
                        self._take(names[place.topic], record)
        finally:
            await asyncio.shield(consumer.stop())  # also when cancelled: its connections would stay open

    async def _ask(self, consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> None:
        """Reading alone does not tell an empty topic from a Kafka that is away. Waits for it; raises KafkaError."""
        if time.monotonic() - self.answered_at > ASKED_EVERY_SECONDS:
            await consumer.end_offsets(places)
            now = time.monotonic()
            if 0 < self.answered_at < now - ANSWERS_WITHIN_SECONDS:
                self.recovered_at = now + RECOVERED_AFTER_SECONDS
            self.answered_at = now

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
