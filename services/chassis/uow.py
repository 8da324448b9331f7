"""The unit of work: what a batch of decisions has read, and what it wants to write if that still holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bson import encode
from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne

from schemas.envelope import Event, Tombstone

from .clock import instant
from .database import Database
from .documents import Collection, D, Doc, Document, Ref
from .errors import Rejected
from .events import Cause, derived_id, event_row, fresh_id

Operation = InsertOne[Any] | ReplaceOne[Any] | UpdateOne | DeleteOne
MAX_DOCUMENT_BYTES = 16 * 1024 * 1024 - 16 * 1024
JOBS = "jobs"


@dataclass(slots=True)
class Draft:
    """What one decision did; kept or dropped as a whole: the savepoint."""

    cause: Cause
    docs: dict[Ref, Doc] = field(default_factory=dict)
    rows: list[Doc] = field(default_factory=list)
    jobs: dict[str, Doc] = field(default_factory=dict)
    finished: dict[str, str] = field(default_factory=dict)
    expected: set[Ref] = field(default_factory=set)
    read: set[Ref] = field(default_factory=set)


class UnitOfWork:
    """Guarantee: everything kept in it takes effect in one transaction, or nothing does; and only if every document
    that was written or expected is, at that moment, the one that was read."""

    def __init__(self, database: Database, *, topics: Topics, after: int = 0) -> None:
        """`after` (microseconds): everything that this batch writes is stamped later than that."""
        self._database, self._topics = database, topics
        self._us = max(database.clock.now_us(), after + 1)
        self.now: dt.datetime = instant(self._us)
        """One instant for the whole batch, by mongod's clock: what deadlines are judged by."""
        self._stored: dict[Ref, Doc | None] = {}
        self._docs: dict[Ref, Doc] = {}
        self._raw: dict[Ref, RawBSONDocument] = {}
        self._models: dict[Ref, tuple[Doc, Document]] = {}
        self._rows: list[RawBSONDocument] = []
        self._jobs: dict[str, Doc] = {}
        self._finished: dict[str, str] = {}
        self._expected: set[Ref] = set()
        self._draft = Draft(Cause(""))
        self.size = 0

    # -- what a use case does

    async def get(self, collection: Collection[D], id: str) -> D | None:
        """The document as this batch has left it so far; None if there is none."""
        ref = (collection.name, id)
        if ref not in self._draft.docs and ref not in self._docs and ref not in self._stored:
            await self.load([ref])
        self._draft.read.add(ref)
        return self._model(collection, ref)

    def put(self, collection: Collection[D], value: D, event: Event | None = None) -> D:
        """Writes a document that was read before (also when it was absent), with the event that tells of it. One that
        is equal to what stands there writes nothing and tells nothing. Returns it as it will be stored.

        Raises LookupError where it was not read, or the copy in hand is not the latest; TypeError where an aggregate
        with a topic has no event, or a private document has one."""
        if (event is None) is not (collection.topic is None):
            raise TypeError(f"{collection.name}: a write emits one event if the aggregate has a topic, else none")
        ref = (collection.name, value.id)
        before = self._latest(ref)
        if _live(before) and value == self._model(collection, ref):
            return value
        if value.revision != (before["revision"] if before and _live(before) else 0):
            raise LookupError(f"{collection.name}: the copy in hand is not the latest; put what get or put returned")
        revision, at = self._next(before)
        stored = value.model_copy(update={"revision": revision, "at": at})
        doc = collection.write(stored)
        self._write(collection, ref, doc, event)
        self._models[ref] = (doc, stored)
        return stored

    def delete(self, collection: Collection[D], value: D, event: Tombstone | Event | None = None) -> None:
        """Erases a document. A gravestone with id and revision stays, so that one made anew goes on counting: a
        sequence that began again at 1 would be ignored by every reader."""
        if (event is None) is not (collection.topic is None):
            raise TypeError(f"{collection.name}: an erasure emits one event if the aggregate has a topic, else none")
        ref = (collection.name, value.id)
        before = self._latest(ref)
        if not _live(before):
            raise LookupError(f"{collection.name}: there is nothing to delete")
        revision, at = self._next(before)
        self._write(collection, ref, {"_id": value.id, "revision": revision, "at": at, "gone": True}, event)

    def expect(self, collection: Collection[Any], id: str) -> None:
        """What was read of this document, be it that there is none, must still hold at the commit."""
        self._latest((collection.name, id))
        self._draft.expected.add((collection.name, id))

    def enqueue(self, kind: str, *, cause: str, payload: Doc | None = None, run_at: dt.datetime | None = None) -> None:
        """Plans a job. Its cause names it: the same cause plans it once, a newer cause is another job. Only beside a
        write that takes effect, or a replay that changes nothing would plan it again. The payload is ids only."""
        if not (self._draft.docs or self._draft.finished):
            raise LookupError(f"job {kind}: enqueue only beside a write, or a replay would plan it again")
        job = {
            "kind": kind,
            "run_at": run_at or self.now,
            "tries": 0,
            "payload": payload or {},
            "correlation": self.cause.chain,
            "traceparent": self.cause.traceparent,
        }
        self._draft.jobs[f"{kind}/{cause}"] = job

    def derived_id(self, *names: object) -> str:
        """An id for what this decision makes: the same at every replay."""
        return derived_id(self.cause.id, *names)

    @property
    def cause(self) -> Cause:
        return self._draft.cause

    # -- what the chassis does

    async def load(self, refs: Iterable[Ref]) -> None:
        """Reads what is not read yet, one query a collection."""
        wanted: dict[str, set[str]] = {}
        for ref in refs:
            if ref not in self._stored:
                wanted.setdefault(ref[0], set()).add(ref[1])
        for name, ids in wanted.items():
            found = await self._database.collection(name).find({"_id": {"$in": list(ids)}}).to_list(None)
            self._stored |= {(name, id): None for id in ids}
            self._stored |= {(name, doc["_id"]): doc for doc in found}

    @property
    def loaded(self) -> int:
        return len(self._stored)

    def begin(self, cause: Cause) -> None:
        self._draft = Draft(cause)

    def stored_token(self, job_id: str) -> str | None:
        """By whom a job is held, as this batch has read it."""
        return (self._stored[JOBS, job_id] or {}).get("token")

    def finish(self, job_id: str, token: str) -> None:
        """Takes a job away on condition that it is still held by this token."""
        self._draft.finished[job_id] = token

    def tell(self, row: Doc) -> None:
        """Adds an outbox row that belongs to no aggregate of ours (a dead letter)."""
        self._draft.rows.append(row)

    def tick(self) -> int:
        """A moment (microseconds) of its own for a row that no aggregate orders."""
        self._us += 1
        return self._us

    def keep(self) -> None:
        """Adds the decision's draft to the batch. Raises Rejected, and keeps nothing, if it cannot be stored."""
        draft = self._draft
        raw = {ref: _raw(doc) for ref, doc in draft.docs.items()}
        rows = [_raw(row) for row in draft.rows]
        for ref, new in raw.items():
            before = self._raw.get(ref)
            self.size += len(new.raw) - (len(before.raw) if before else 0)
        for row in rows:
            self.size += len(row.raw)
        self._raw |= raw
        self._docs |= draft.docs
        self._rows += rows
        self._jobs |= draft.jobs
        self._finished |= draft.finished
        self._expected |= draft.expected

    def keep_refusal(self) -> None:
        """A refusal is a decision too: its dead letter is written only if what it read still holds."""
        read = self._draft.read & self._stored.keys()
        row = self._draft.rows[-1:]
        self._draft = Draft(self._draft.cause, rows=row, expected=read)
        self.keep()

    @property
    def plans(self) -> bool:
        return bool(self._jobs)

    def writes(self) -> Iterator[tuple[str, Operation]]:
        """Operations that must each take effect exactly once; one that does not is a conflict."""
        for ref, raw in self._raw.items():
            before = self._stored[ref]
            if before is None:
                yield ref[0], InsertOne(raw)
            else:
                yield ref[0], ReplaceOne(_as_read(before), raw)
        for ref in self._expected - self._docs.keys():
            yield ref[0], self._expectation(ref)
        for row in self._rows:
            yield "outbox", InsertOne(row)
        for id, job in self._jobs.items():
            yield JOBS, UpdateOne({"_id": id}, {"$setOnInsert": job}, upsert=True)
        for id, token in self._finished.items():
            yield JOBS, DeleteOne({"_id": id, "token": token})

    # -- inside

    def _latest(self, ref: Ref) -> Doc | None:
        for known in (self._draft.docs, self._docs, self._stored):
            if ref in known:
                return known[ref]
        raise LookupError(f"{ref[0]}: read a document with get before it is written or expected")

    def _model(self, collection: Collection[D], ref: Ref) -> D | None:
        doc = self._latest(ref)
        if doc is None or doc.get("gone"):
            return None
        known = self._models.get(ref)
        if known is None or known[0] is not doc:
            known = self._models[ref] = (doc, collection.read(doc))
        return known[1]  # type: ignore[return-value]  # the ref names the collection, so the model is its

    def _next(self, before: Doc | None) -> tuple[int, int]:
        """Revision and moment of the next write of a document."""
        if before is None:
            return 1, self._us
        return before["revision"] + 1, max(self._us, before.get("at", 0) + 1)

    def _write(self, collection: Collection[Any], ref: Ref, doc: Doc, event: Event | Tombstone | None) -> None:
        self._draft.docs[ref] = doc
        if event is not None and collection.topic is not None:
            self._draft.rows.append(
                event_row(
                    event,
                    topic=self._topics.topic(collection.topic),
                    key=ref[1],
                    sequence=doc["revision"],
                    at=doc["at"],
                    id=fresh_id() if self.cause.by_person else derived_id(self.cause.id, *ref, doc["revision"]),
                    cause=self.cause,
                    source=self._database.source,
                )
            )

    def _expectation(self, ref: Ref) -> Operation:
        """A real change, or two transactions that only look would pass each other unseen."""
        before = self._stored[ref]
        if before is None:
            return InsertOne({"_id": ref[1], "revision": 0, "at": 0, "gone": True})
        return UpdateOne(_as_read(before), {"$inc": {"guard": 1}})


class Topics:
    """Names topics of the contract in this installation."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def topic(self, aggregates: str) -> str:
        return f"{self._prefix}.{aggregates}.v1"


def _live(doc: Doc | None) -> bool:
    return doc is not None and not doc.get("gone")


def _as_read(before: Doc) -> Doc:
    return {"_id": before["_id"], "revision": before["revision"]}


def _raw(doc: Doc) -> RawBSONDocument:
    """Encoded once: the size is exact, and later changes of the object change nothing."""
    raw = encode(doc)
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise Rejected("the document is larger than MongoDB takes")
    return RawBSONDocument(raw)
