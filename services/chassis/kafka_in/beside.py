"""The rows of a topic, built once more beside those of the service: by its own handlers, from the beginning of the
topic, into a collection of their own. Compared by hashes, and taken over one row at a time.

A row is replaced only if it still is what was compared, revision and sequence: a member that handles a later record
meanwhile wins, and one that had read the former row decides again. So members go on, no position moves, and a kill at
any moment leaves each row as it was or as it should be."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from pymongo import ReplaceOne

from ..commit.beside import BUILT_AT, BesideUnitOfWork
from ..commit.decision import Decision
from ..commit.unit_of_work import Operation
from ..model.documents import Doc
from ..model.failures import ConcurrentWrite, Unavailable
from ..model.topic_names import TopicNames
from ..mongo.database import Database, StoredCollection
from ..mongo.errors import classify
from ..ops.loops import Slices
from .checkpoint import CheckpointGuard
from .decoding import Record
from .subscriptions import Projects, RecordReader

ROWS_AT_ONCE, TURNS = 500, 5
LEFT_SECONDS = 86400
NAMED = ".beside."
NO_CONTENT = frozenset({"_id", "revision", "at", "guard", BUILT_AT})
"""Fields that count writes and say nothing of the topic."""


@dataclass(slots=True)
class ReplayGuard(CheckpointGuard):
    """For records that are read beside the group: no checkpoint moves, and their sequence alone tells what is news."""

    is_replay: bool = True

    async def refresh(self, decisions: Iterable[Decision]) -> None:
        """There is nothing to read."""

    def guards(self) -> Iterable[tuple[str, Operation]]:
        """Nothing is written beside the effects."""
        return ()

    def committed(self) -> None:
        """There is nothing to keep."""


@dataclass(frozen=True, slots=True)
class Content:
    """What the rows of one sequence say: those of the service, and those built beside."""

    rows: int
    """Rows that have the same sequence on both sides."""
    hash: str
    """Of all of them, as the service has them."""
    beside: str
    """The same of those that were built."""
    other: dict[str, int] = field(default_factory=dict)
    """Those whose content differs, with their sequence."""


@dataclass(slots=True, kw_only=True)
class Beside:
    """Built by `take` and `flush`. Several at once have collections of their own."""

    database: Database
    names: TopicNames
    reader: RecordReader
    projects: Projects
    name: str = field(init=False)
    refused: int = 0
    """Records that the handlers refuse, as they did when they were read first."""
    _waiting: list[Decision] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = f"{self.projects.collection}{NAMED}{uuid.uuid4().hex[:8]}"

    async def begin(self) -> None:
        """Takes away what killed ones have left, and makes the collection. Raises the driver's errors."""
        for left in await self.database.db.list_collection_names():
            if left.startswith(f"{self.projects.collection}{NAMED}"):
                await self.database.db.drop_collection(left)
        await self._built.create_index(BUILT_AT, expireAfterSeconds=LEFT_SECONDS)

    async def end(self) -> None:
        """Takes the collection away."""
        await self.database.db.drop_collection(self.name)

    async def take(self, record: Record) -> None:
        """One record takes effect beside, perhaps later. Raises Unavailable or the driver's errors."""
        guard = ReplayGuard(self.database, self.reader.group, TopicPartition(record.topic, record.partition))
        self._waiting.append(self.reader.decision(record, guard))
        if len(self._waiting) >= ROWS_AT_ONCE:
            await self.flush()

    async def flush(self) -> None:
        """All that was taken has taken effect. Raises as `take`."""
        batch, self._waiting = self._waiting, []
        uow = BesideUnitOfWork(self.database, self.names, self.projects.collection, beside=self.name)
        await uow.load(ref for decision in batch for ref in decision.reads)
        for decision in batch:
            await self._decide(uow, decision)
        await self._write(uow)

    async def _write(self, uow: BesideUnitOfWork) -> None:
        if rows := list(uow.rows()):
            await self._built.bulk_write(rows, ordered=False)

    async def _decide(self, uow: BesideUnitOfWork, decision: Decision) -> None:
        uow.begin(decision.cause)
        try:
            await decision.decide(uow)
            await uow.keep()
        except Exception as error:
            cause = classify(error)
            if isinstance(cause, Unavailable | ConcurrentWrite):
                raise cause from error
            self.refused += 1

    async def compare(self) -> Content:
        """Changes nothing. Rows of which a later record was handled meanwhile are not compared. Raises the driver's
        errors."""
        stored_hash, built_hash, other, rows = hashlib.sha256(), hashlib.sha256(), dict[str, int](), 0
        async with aclosing(self._pairs()) as pairs:
            async for stored, built in pairs:
                rows += 1
                there, here = self._digest(stored), self._digest(built)
                stored_hash.update(there)
                built_hash.update(here)
                if there != here:
                    other[built["_id"]] = built["sequence"]
        return Content(rows, stored_hash.hexdigest(), built_hash.hexdigest(), other)

    async def switch(self) -> Content:
        """Puts what was built in the place of each row that differs, and compares again. Raises Unavailable where rows
        change faster than that, or the driver's errors."""
        for _ in range(TURNS):
            found = await self.compare()
            if not found.other:
                return found
            await self._replace(sorted(found.other))
        raise Unavailable(f"rows of {self.projects.collection} change while they are compared")

    async def _replace(self, ids: Sequence[str]) -> None:
        for first in range(0, len(ids), ROWS_AT_ONCE):
            pairs = await self._paired(ids[first : first + ROWS_AT_ONCE])
            operations = [
                ReplaceOne(self._as_compared(stored), self._successor(stored, built)) for stored, built in pairs
            ]
            if operations:
                await self._stored.bulk_write(operations, ordered=False)

    def _as_compared(self, stored: Doc) -> Doc:
        return {name: stored[name] for name in ("_id", "revision", "sequence")}

    def _successor(self, stored: Doc, built: Doc) -> Doc:
        kept = {name: stored[name] for name in self.projects.remembers if name in stored}
        counts = {"revision": stored["revision"] + 1, "at": max(self.database.clock.now_us(), stored["at"] + 1)}
        return {name: value for name, value in built.items() if name != BUILT_AT} | kept | counts

    def _digest(self, row: Doc) -> bytes:
        passed_over = NO_CONTENT.union(self.projects.remembers)
        content = {name: value for name, value in row.items() if name not in passed_over}
        text = json.dumps([row["_id"], content], sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(text.encode()).digest()

    async def _pairs(self) -> AsyncGenerator[tuple[Doc, Doc], None]:
        """Rows of the service and those built, of one key and one sequence, by key."""
        after, slices = "", Slices()
        while ids := await self._ids_after(after):
            for pair in await self._paired(ids):
                yield pair
                await slices.turn()
            after = ids[-1]

    async def _ids_after(self, after: str) -> list[str]:
        found = self._built.find({"_id": {"$gt": after}}, {"_id": 1}).sort("_id", 1).limit(ROWS_AT_ONCE)
        return [doc["_id"] async for doc in found]

    async def _paired(self, ids: Sequence[str]) -> list[tuple[Doc, Doc]]:
        query = {"_id": {"$in": list(ids)}, "gone": {"$ne": True}}
        stored = {doc["_id"]: doc for doc in await self._stored.find(query).to_list(None)}
        built = await self._built.find(query).sort("_id", 1).to_list(None)
        pairs = [(stored[doc["_id"]], doc) for doc in built if doc["_id"] in stored]
        return [(one, other) for one, other in pairs if one.get("sequence") == other["sequence"]]

    @property
    def _stored(self) -> StoredCollection:
        return self.database.collection(self.projects.collection)

    @property
    def _built(self) -> StoredCollection:
        return self.database.collection(self.name)
