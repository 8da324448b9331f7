"""A partition's cursor: how far its records have taken effect, compared and moved in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord, TopicPartition
from pymongo import InsertOne, UpdateOne

from . import metrics
from .database import Database
from .documents import Doc
from .errors import Refused, Rejected
from .settle import Decision
from .uow import Operation

MOST_UNEXPECTED = 20
"""Unexpected failures in succession that become dead letters; a bug must not empty a topic into them."""


class PartitionPaused(Exception):
    """Every record of this partition fails for a reason that is none of the record's: stop, alert, try now and then."""


def cursor_id(group: str, place: TopicPartition) -> str:
    return f"{group}/{place.topic}/{place.partition}"


@dataclass(slots=True, eq=False, kw_only=True)
class RecordDecision(Decision):
    """One record on its way. `id` is its `ce_id`, or what stands for one that has none."""

    record: ConsumerRecord[Any, Any]
    id: str
    topic: str
    group: str
    cursor: CursorGuard
    passed_over: bool = False

    @property
    def failed_unexpectedly(self) -> bool:
        return self.refusal is not None and not isinstance(self.refusal, Refused | Rejected)


@dataclass(slots=True)
class CursorGuard:
    """A redelivery is skipped; a second owner of the partition, or one that slept past its session, finds the cursor
    moved and commits nothing. With `inbox`, an event that comes again elsewhere in the log is known by its id too."""

    database: Database
    group: str
    place: TopicPartition
    inbox: bool = False
    at: int = 0
    next: int | None = None
    unexpected: int = 0
    """Records in succession that failed unexpectedly, as committed."""
    _seen: set[str] = field(default_factory=set)
    _admitted: list[RecordDecision] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _repeated: Counter[str] = field(default_factory=Counter)
    _last: RecordDecision | None = None
    _failing: int = 0
    _us: int = 0

    async def refresh(self, decisions: Iterable[Decision]) -> None:
        stored = await self.database.collection("cursors").find_one({"_id": cursor_id(self.group, self.place)}) or {}
        self.next, self.at = stored.get("next"), stored.get("at", 0)
        self.unexpected = stored.get("unexpected", 0)
        if self.inbox:
            ids = [self._inbox_id(d) for d in decisions if isinstance(d, RecordDecision)]
            found = await self.database.collection("inbox").find({"_id": {"$in": ids}}, {"_id": 1}).to_list(None)
            self._seen = {doc["_id"] for doc in found}

    def begin(self) -> None:
        self._admitted, self._ids, self._last, self._failing = [], set(), None, self.unexpected
        self._repeated = Counter()
        self._us = max(self.database.clock.now_us(), self.at + 1)

    def admits(self, decision: Decision) -> bool:
        assert isinstance(decision, RecordDecision)
        self._last = decision
        if decision.record.offset < (self.next or 0):
            self._repeated["cursor"] += 1
            return False
        if self.inbox and not self._is_new(decision):
            self._repeated["inbox"] += 1
            return False
        self._admitted.append(decision)
        return True

    def stops(self, decision: Decision) -> bool:
        assert isinstance(decision, RecordDecision)
        self._failing = self._failing + 1 if decision.failed_unexpectedly else 0
        return self._failing >= MOST_UNEXPECTED

    @property
    def is_exhausted(self) -> bool:
        """The next unexpected failure pauses the partition instead of becoming a dead letter."""
        return self._failing >= MOST_UNEXPECTED

    def guards(self) -> Iterable[tuple[str, Operation]]:
        last = self._last
        if last is None or last.record.offset < (self.next or 0):
            return
        move: Doc = {
            "next": last.record.offset + 1,
            "at": self._us,
            "last": {"offset": last.record.offset, "id": last.id},
            "unexpected": self._failing,
        }
        id = cursor_id(self.group, self.place)
        if self.next is None:
            yield "cursors", InsertOne({"_id": id, **move})
        else:
            yield "cursors", UpdateOne({"_id": id, "next": self.next}, {"$set": move})
        if self.inbox:
            now = self.database.now()
            for decision in self._admitted:
                yield "inbox", InsertOne({"_id": self._inbox_id(decision), "seen_at": now})

    def committed(self) -> None:
        for known_by, records in self._repeated.items():
            metrics.records_repeated.labels(self.place.topic, known_by).inc(records)
        last = self._last
        if last is not None and last.record.offset >= (self.next or 0):
            self.next, self.at, self.unexpected = last.record.offset + 1, self._us, self._failing

    def _is_new(self, decision: RecordDecision) -> bool:
        id = self._inbox_id(decision)
        if id in self._seen or id in self._ids:
            return False
        self._ids.add(id)
        return True

    def _inbox_id(self, decision: RecordDecision) -> str:
        return f"{self.group}/{decision.id}"
