"""Compares the rows of a service with the topic that they project, and applies what was missed: after an absence in
which erasures were written and compacted away, or whenever an operator wants to know.

The rows are kept: nothing is thrown away and read again. What lives here and is not in the topic was erased, and is
erased by the service's own handler, with all that follows from it; records that are newer than their rows are handled
as any other. Both are known by their sequences, so that nothing is sent twice, and members may go on reading
meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from ..commit.committer import Committer
from ..commit.decision import Decision, Guard, NoGuard
from ..model.documents import Doc
from ..model.failures import Unavailable
from ..ops.kafka_connection import KafkaConnection
from ..ops.loops import Slices
from ..ops.topic_facts import topic_facts
from .beside import Beside, ReplayGuard
from .checkpoint import checkpoint_id
from .decoding import Record
from .gaps import has_new_log
from .subscriptions import Projects, RecordReader

POLL_MS, QUIET_POLLS, RECORDS_A_POLL = 500, 20, 1000
MAX_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Differences:
    """What the rows and the topic do not have in common."""

    rows: int
    """Living rows."""
    missing: dict[str, int] = field(default_factory=dict)
    """Living rows of which the topic has no record, with their sequence: they were erased."""
    newer: dict[str, range] = field(default_factory=dict)
    """Keys of which the topic has later records than their row, with the sequences that these may have."""
    has_beginning: bool = True
    """Whether the log begins at its first offset. One that retention has cut does not say what was erased."""
    has_new_log: bool = False
    """Whether the rows were read from another log. One that was made again does not say what was erased either."""

    @property
    def are_none(self) -> bool:
        """Whether the rows are what the topic says."""
        return not self.missing and not self.newer

    def has_newer(self, record: Record) -> bool:
        """Whether the row of this record is behind it. Each of them is handled, not only the last one of a key: a
        member that is about to read those before it would find them handled already, with nothing said or planned."""
        return (_sequence(record) or 0) in self.newer.get(_key(record), ())


@dataclass(frozen=True)
class Reconciling:
    """One topic of one service. `topic` is its full name."""

    committer: Committer
    connection: KafkaConnection
    reader: RecordReader
    projects: Projects
    topic: str

    async def compare(self, beside: Beside | None = None) -> Differences:
        """Changes no row. `beside` is built of all records that are read. Raises the errors of both drivers, or
        Unavailable where the topic cannot be read to its end."""
        # The rows first: whatever stands in them was in the topic before.
        rows, living = await self._rows(), await self._living()
        newest: dict[str, int] = {}
        async with self._log() as log:
            has_beginning, has_new_log = not any(log.begins.values()), await self._has_new_log(log)
            async with aclosing(log.records()) as records:
                async for record in records:
                    key, sequence = _key(record), _sequence(record)
                    if sequence is not None:
                        newest[key] = max(sequence, newest.get(key, 0))
                    if beside is not None:
                        await beside.take(record)
        if beside is not None:
            await beside.flush()
        missing = {key: rows[key] for key in sorted(living - newest.keys()) if key in rows}
        behind = {key: range(rows.get(key, 0) + 1, last + 1) for key, last in newest.items()}
        newer = {key: sequences for key, sequences in behind.items() if sequences}
        return Differences(len(living), missing, newer, has_beginning, has_new_log)

    async def apply(self, found: Differences, *, erase: bool = True) -> None:
        """Erases what is missing, where `erase`, and handles what is newer. Raises as `compare`. May be
        called again."""
        now = self.committer.database.now()
        if erase:
            await self._commit([self.reader.erasure(k, sequence + 1, now) for k, sequence in found.missing.items()])
        if not found.newer:
            return
        async with self._log() as log, aclosing(log.records()) as records:
            waiting: dict[TopicPartition, list[Decision]] = {}
            async for record in records:
                if found.has_newer(record):
                    tp = TopicPartition(record.topic, record.partition)
                    guard = ReplayGuard(self.committer.database, self.reader.group, tp)
                    batch = waiting.setdefault(tp, [])
                    batch.append(self.reader.decision(record, guard))
                    if len(batch) >= MAX_AT_ONCE:
                        await self._commit(waiting.pop(tp), guard)
            for tp, batch in waiting.items():
                await self._commit(batch, ReplayGuard(self.committer.database, self.reader.group, tp))

    async def _commit(self, decisions: list[Decision], guard: Guard | None = None) -> None:
        await self.committer.commit(deque(decisions), guard or NoGuard())

    async def _has_new_log(self, log: _Log) -> bool:
        """As a member has found, or would find at its next start."""
        database = self.committer.database
        ids = [checkpoint_id(self.reader.group, tp) for tp in log.ends]
        others: Doc = {"_id": {"$in": ids}, "topic_id": {"$nin": [None, log.id]}}
        return await has_new_log(database, self.topic) or await database.db.cursors.find_one(others) is not None

    async def _rows(self) -> dict[str, int]:
        cursor = self.committer.database.db[self.projects.collection].find({}, {"sequence": 1})
        return {doc["_id"]: doc["sequence"] async for doc in cursor if "sequence" in doc}

    async def _living(self) -> set[str]:
        query = {"$and": [self.projects.living, {"gone": {"$ne": True}, "sequence": {"$gt": 0}}]}
        return {
            doc["_id"] async for doc in self.committer.database.db[self.projects.collection].find(query, {"_id": 1})
        }

    @asynccontextmanager
    async def _log(self) -> AsyncIterator[_Log]:
        # A reader of its own, outside the group: its members are not disturbed.
        reader = AIOKafkaConsumer(
            **self.connection.options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        await reader.start()
        try:
            facts = await topic_facts(reader._client, [self.topic])
            if self.topic not in facts:
                raise Unavailable(f"{self.topic} is not there")
            places = [TopicPartition(self.topic, n) for n in sorted(facts[self.topic].partitions)]
            reader.assign(places)
            begins, ends = await reader.beginning_offsets(places), await reader.end_offsets(places)
            yield _Log(reader, facts[self.topic].id, begins, ends)
        finally:
            await reader.stop()


@dataclass(frozen=True, slots=True)
class _Log:
    reader: AIOKafkaConsumer
    id: str
    begins: dict[TopicPartition, int]
    ends: dict[TopicPartition, int]

    async def records(self) -> AsyncGenerator[Record, None]:
        """All of it, as it ended when it was opened."""
        await self.reader.seek_to_beginning(*self.ends)
        quiet, slices = 0, Slices()
        while any([await self.reader.position(tp) < end for tp, end in self.ends.items()]):
            batches = await self.reader.getmany(timeout_ms=POLL_MS, max_records=RECORDS_A_POLL)
            quiet = 0 if batches else quiet + 1
            if quiet > QUIET_POLLS:
                raise Unavailable("the topic could not be read to its end")
            for records in batches.values():
                for record in records:
                    yield record
                    await slices.turn()


def _key(record: Record) -> str:
    return (record.key or b"").decode("utf-8", "replace")


def _sequence(record: Record) -> int | None:
    """None for a record that no row can follow: a dead letter, when it was read."""
    found = [value for name, value in record.headers if name == "ce_sequence" and value]
    return int(found[0]) if len(found) == 1 and found[0].isdigit() and len(found[0]) <= 20 else None
