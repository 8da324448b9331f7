"""A partition's checkpoint: how far its records have taken effect, compared and moved in the same transaction.

The collection is called `cursors`, and so is the label of the metric: stored and shown names do not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from pymongo import InsertOne, UpdateOne

from ..commit.decision import Decision
from ..commit.unit_of_work import Operation
from ..model.documents import Doc
from ..model.failures import Rejected
from ..model.refusals import Refused
from ..mongo.database import Database
from ..ops import metrics
from .decoding import Record

MAX_UNEXPECTED = 20
"""Unexpected failures in succession that become dead letters; with the next one the partition pauses, as a bug must not
turn a whole topic into dead letters."""


class PartitionPaused(Exception):
    """Record after record of this partition fails, for a reason that cannot lie in the records: stop reading it, alert,
    and try again now and then."""


class LogReplaced(Exception):
    """The checkpoint belongs to another log than these records: the topic was deleted and created again."""


def checkpoint_id(group: str, partition: TopicPartition) -> str:
    """The `_id` of a checkpoint."""
    return f"{group}/{partition.topic}/{partition.partition}"


@dataclass(slots=True, eq=False, kw_only=True)
class RecordDecision(Decision):
    """A decision about one record. `id` is its `ce_id`, or topic, partition and offset where it has none; `topic` is
    that of the dead letters."""

    record: Record
    id: str
    topic: str
    group: str
    checkpoint: CheckpointGuard
    skipped: bool = False
    repeated: bool = False
    """It had taken effect before, so it was not decided."""

    @property
    def failed_unexpectedly(self) -> bool:
        """Whether it failed by what no rule and no data check has refused: a bug, perhaps."""
        return self.refusal is not None and not isinstance(self.refusal, Refused | Rejected)


def has_effect(decision: RecordDecision) -> bool:
    """What was refused has none: it may be sent again, and is then no repetition."""
    return decision.refusal is None


@dataclass(slots=True)
class CheckpointGuard:
    """Skips redelivered records. A second owner of the partition, or one that slept past its session, finds that the
    checkpoint has moved, and commits nothing. With `inbox`, an event that comes again elsewhere in the log is
    recognised by its id."""

    database: Database
    group: str
    partition: TopicPartition
    inbox: bool = False
    topic_id: str | None = None
    """Of the log from which the records come; None where that is not known."""
    is_replay: bool = False
    """Whether the records are read beside the group: what is refused becomes a dead letter by its members alone."""
    at: int = 0
    next: int | None = None
    unexpected: int = 0
    """Records in succession that failed unexpectedly, as last committed."""
    _seen: set[str] = field(default_factory=set)
    _admitted: list[RecordDecision] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _repeated: Counter[str] = field(default_factory=Counter)
    _last: RecordDecision | None = None
    _failing: int = 0
    _us: int = 0

    async def refresh(self, decisions: Iterable[Decision]) -> None:
        """Reads the checkpoint, and which of these events the inbox knows. Raises the driver's errors, or LogReplaced
        where the checkpoint is that of another log."""
        stored = (
            await self.database.collection("cursors").find_one({"_id": checkpoint_id(self.group, self.partition)}) or {}
        )
        if self.topic_id is not None and stored.get("topic_id", self.topic_id) != self.topic_id:
            raise LogReplaced(f"{self.partition.topic}/{self.partition.partition}: the checkpoint is of another log")
        self.next, self.at = stored.get("next"), stored.get("at", 0)
        self.unexpected = stored.get("unexpected", 0)
        if self.inbox:
            ids = [self._inbox_id(d) for d in decisions if isinstance(d, RecordDecision)]
            found = await self.database.collection("inbox").find({"_id": {"$in": ids}}, {"_id": 1}).to_list(None)
            self._seen = {doc["_id"] for doc in found}

    def begin(self) -> None:
        """Begins an attempt at a batch."""
        self._admitted, self._ids, self._last, self._failing = [], set(), None, self.unexpected
        self._repeated = Counter()
        # `at` of a partition's effects grows with each commit, whichever replica's clock wrote the last one.
        self._us = max(self.database.clock.now_us(), self.at + 1)

    def admits(self, decision: Decision) -> bool:
        """False for a record that has taken effect before."""
        assert isinstance(decision, RecordDecision)
        self._last = decision
        decision.repeated = not self._is_to_be_decided(decision)
        if not decision.repeated:
            self._admitted.append(decision)
        return not decision.repeated

    def _is_to_be_decided(self, decision: RecordDecision) -> bool:
        if decision.record.offset < (self.next or 0):
            self._repeated["cursor"] += 1
            return False
        if self.inbox and not self._is_new(decision):
            self._repeated["inbox"] += 1
            return False
        return True

    def stops(self, decision: Decision) -> bool:
        """Ends the batch after too many unexpected failures, so that those before the bug are still committed."""
        assert isinstance(decision, RecordDecision)
        self._failing = self._failing + 1 if decision.failed_unexpectedly else 0
        return self._failing >= MAX_UNEXPECTED

    @property
    def is_exhausted(self) -> bool:
        """Whether the next unexpected failure pauses the partition instead of becoming a dead letter."""
        return self._failing >= MAX_UNEXPECTED

    def guards(self) -> Iterable[tuple[str, Operation]]:
        """Moves the checkpoint, on condition that it is where this guard has read it, and fills the inbox."""
        last = self._last
        if last is None or last.record.offset < (self.next or 0):
            return
        move: Doc = {
            "next": last.record.offset + 1,
            "at": self._us,
            "unexpected": self._failing,
        }
        if self.topic_id is not None:
            move["topic_id"] = self.topic_id
        id = checkpoint_id(self.group, self.partition)
        # Inserting the first checkpoint, or moving it from where it was read: a second owner's write finds neither.
        if self.next is None:
            yield "cursors", InsertOne({"_id": id, **move})
        else:
            unmoved: Doc = {"_id": id, "next": self.next}
            if self.topic_id is not None:
                unmoved["topic_id"] = {"$in": [self.topic_id, None]}
            yield "cursors", UpdateOne(unmoved, {"$set": move})
        if self.inbox:
            now = self.database.now()
            for decision in filter(has_effect, self._admitted):
                yield "inbox", InsertOne({"_id": self._inbox_id(decision), "seen_at": now})

    def committed(self) -> None:
        """Counts what was skipped, and remembers the checkpoint without reading it again."""
        for recognised_by, records in self._repeated.items():
            metrics.records_repeated.labels(self.partition.topic, recognised_by).inc(records)
        last = self._last
        if last is not None and last.record.offset >= (self.next or 0):
            self.next, self.at, self.unexpected = last.record.offset + 1, self._us, self._failing

    @property
    def must_refresh(self) -> bool:
        """Whether it has to read before the next batch: a guard that was kept from the last one knows its checkpoint;
        only the inbox has to be asked each time."""
        return self.next is None or self.inbox

    def _is_new(self, decision: RecordDecision) -> bool:
        id = self._inbox_id(decision)
        if id in self._seen or id in self._ids:
            return False
        self._ids.add(id)
        return True

    def _inbox_id(self, decision: RecordDecision) -> str:
        return f"{self.group}/{decision.id}"


@dataclass(slots=True)
class CheckpointGuards:
    """Those of several partitions, whose records take effect in one transaction. Decisions of a partition stand in the
    order of its log, so a batch that is cut anywhere still ends each partition at a record of its own."""

    each: Sequence[CheckpointGuard]

    @property
    def at(self) -> int:
        """The latest of them."""
        return max(guard.at for guard in self.each)

    async def refresh(self, decisions: Iterable[Decision]) -> None:
        """Reads all checkpoints. Raises what `CheckpointGuard.refresh` raises."""
        waiting = list(decisions)
        for guard in self.each:
            await guard.refresh([one for one in waiting if _guard_of(one) is guard])

    def begin(self) -> None:
        """Begins an attempt at a batch."""
        for guard in self.each:
            guard.begin()

    def admits(self, decision: Decision) -> bool:
        """False for a record that has taken effect before."""
        return _guard_of(decision).admits(decision)

    def stops(self, decision: Decision) -> bool:
        """Ends the batch after too many unexpected failures in one partition."""
        return _guard_of(decision).stops(decision)

    def guards(self) -> Iterable[tuple[str, Operation]]:
        """Moves every checkpoint of the batch."""
        return (operation for guard in self.each for operation in guard.guards())

    def committed(self) -> None:
        """Remembers every checkpoint."""
        for guard in self.each:
            guard.committed()


def _guard_of(decision: Decision) -> CheckpointGuard:
    assert isinstance(decision, RecordDecision)
    return decision.checkpoint
