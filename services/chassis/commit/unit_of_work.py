"""The unit of work: what a batch of decisions has read, and what it will write if all of that is still true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, InsertOne, ReplaceOne, UpdateOne

from schemas.envelope import Event, Tombstone

from ..model.documents import AnyCollection, Collection, D, Doc, Document, Ref
from ..model.events import Cause
from ..model.ids import derived_id, fresh_id, keyed_id
from ..model.topic_names import TopicNames
from ..mongo.clock import instant
from ..mongo.database import DOCUMENTS_AT_ONCE, Database, Session
from ..ops.loops import Slices
from .draft import Draft
from .job_kind import JobKind, P
from .outbox import Said, aggregate_rows
from .said import lines_of, say
from .stored import as_read, encoded, expectation, is_live, job_doc

Operation = InsertOne[Doc] | InsertOne[RawBSONDocument] | ReplaceOne[RawBSONDocument] | UpdateOne | DeleteOne
JOBS = "jobs"


class UnitOfWork:
    """Guarantee: everything kept in it takes effect in one transaction, or nothing does; and only if every document
    that was written, expected, or found beside a write as it is wanted is still the one that was read. All that is read
    stood in the store at one moment.

    A use case calls `get` (or `get_or`), decides, and then calls `put`, `create`, `delete`, `expect` and `enqueue`. It
    commits nothing itself."""

    def __init__(
        self, database: Database, *, names: TopicNames, moment: Session | None, after: int = 0, secret: bytes = b""
    ) -> None:
        """`moment`: of `Database.one_moment`, or None where no one else writes. `after` (microseconds): what this batch
        writes gets a later `at`. `secret`: the key of `secret_id`."""
        self._database, self._names, self._moment, self._secret = database, names, moment, secret
        # The clock may have been set back, or be another replica's: what is written later must still sort later.
        self._us = max(database.clock.now_us(), after + 1)
        self.now: dt.datetime = instant(self._us)
        """One instant for the whole batch, by mongod's clock. Deadlines are judged by it."""
        self._stored: dict[Ref, Doc | None] = {}
        self._docs: dict[Ref, Doc] = {}
        self._raw: dict[Ref, RawBSONDocument] = {}
        self._models: dict[Ref, tuple[Doc, Document]] = {}
        self._rows: list[RawBSONDocument] = []
        self._jobs: dict[str, Doc] = {}
        self._finished: dict[str, str] = {}
        self._expected: set[Ref] = set()
        self._counts: list[Callable[[], object]] = []
        self._said: list[str] = []
        self._draft = Draft(Cause(""))
        self.size = 0

    # -- what a use case does

    async def get(self, collection: Collection[D], id: str) -> D | None:
        """The document as this batch has left it so far; None if there is none."""
        ref = (collection.name, id)
        await self._read(ref)
        return self._model(collection, ref)

    def known(self, collection: Collection[D], id: str) -> D | None:
        """What `get` returns, of a document that is loaded already; None for any other. To find what else to load."""
        loaded = (ref := (collection.name, id)) in self._docs or ref in self._stored
        return self._model(collection, ref) if loaded else None

    async def get_or(self, collection: Collection[D], default: D) -> D:
        """The document with the id of `default`, or `default` itself if there is none."""
        found = await self.get(collection, default.id)
        return default if found is None else found

    async def create(self, collection: Collection[D], value: D, event: Event | None = None) -> D:
        """`put` for a document that must not exist yet: it reads the place first, so that the caller need not.

        Raises LookupError if the document exists."""
        await self._read((collection.name, value.id))
        return self.put(collection, value, event)

    def put(self, collection: Collection[D], value: D, event: Event | None = None) -> D:
        """Writes a document that was read before (`get` returned it, or None), with the event that reports the change.
        Returns it as it will be stored. A document that is equal to the present one writes nothing and emits nothing.

        Raises LookupError if it was not read, or if the copy in hand is not the latest; TypeError if an aggregate with
        a topic has no event, or a private document has one."""
        if (event is None) is not (collection.topic is None):
            raise TypeError(f"{collection.name}: a write emits one event if the aggregate has a topic, else none")
        ref = (collection.name, value.id)
        before = self._latest(ref)
        # No write, no event: so a repeated command or a replayed record has no effect that a reader could see.
        if is_live(before) and value == self._model(collection, ref):
            self._draft.found_equal.add(ref)
            return value
        if value.revision != (before["revision"] if before and is_live(before) else 0):
            raise LookupError(f"{collection.name}: the copy in hand is not the latest; put what get or put returned")
        revision, at = self._next(before)
        stored = value.model_copy(update={"revision": revision, "at": at})
        doc = collection.write(stored)
        self._write(collection, ref, doc, event)
        # The copy just made is what `get` returns next; parsing the document again would only cost time.
        self._models[ref] = (doc, stored)
        return stored

    def delete(self, collection: Collection[D], value: D, event: Tombstone | Event | None = None) -> None:
        """Erases a document. A gravestone with id and revision remains, so that a document with the same id continues
        its revisions: every reader would ignore a sequence that began at 1 again.

        Raises LookupError if there is nothing to delete; TypeError as `put` does."""
        if (event is None) is not (collection.topic is None):
            raise TypeError(f"{collection.name}: an erasure emits one event if the aggregate has a topic, else none")
        ref = (collection.name, value.id)
        if not is_live(before := self._latest(ref)):
            raise LookupError(f"{collection.name}: there is nothing to delete")
        revision, at = self._next(before)
        self._write(collection, ref, {"_id": value.id, "revision": revision, "at": at, "gone": True}, event)

    async def restate(self, collection: Collection[D], id: str, *, beyond: int) -> int:
        """Says the state of an aggregate once more, with a sequence after `beyond`, which it returns. Readers then drop
        what somebody else has said of it up to there. Where there is none, it is erased once more.

        Raises LookupError if that cannot be said on the collection's topic."""
        ref = (collection.name, id)
        event = collection.restated(await self.get(collection, id))
        if event is None:
            raise LookupError(f"{collection.name}: there is no {id}, and its topic has no erasures")
        before = self._latest(ref)
        revision, at = self._next(before)
        doc = (before or {"_id": id, "gone": True}) | {"revision": max(revision, beyond + 1), "at": at}
        self._write(collection, ref, doc, event)
        return int(doc["revision"])

    def expect(self, collection: AnyCollection, id: str) -> None:
        """What was read of this document, also that it does not exist, must still be true at the commit."""
        self._latest((collection.name, id))
        self._draft.expected.add((collection.name, id))

    def enqueue(
        self, kind: JobKind[P], payload: P, *, cause: str, run_at: dt.datetime | None = None, owner: str = ""
    ) -> None:
        """Plans a job, at once by default. The cause names it: one cause plans it once, another cause is another job.
        `owner` is the organisation on whose behalf it is; due jobs are taken fairly between owners. Raises LookupError
        if the decision has written nothing: a replay would plan the job again."""
        if not (self._draft.docs or self._draft.finished):
            raise LookupError(f"job {kind.name}: enqueue only beside a write, or a replay would plan it again")
        due = run_at or self.now
        job = job_doc(kind, payload, self.cause)
        self._draft.jobs[f"{kind.name}/{cause}"] = job | {"run_at": due, "turn": self._database.turns.next(owner, due)}

    def count(self, increase: Callable[[], object]) -> None:
        """Moves a metric once the decision is committed: never if it is refused, once if its batch is decided again."""
        self._draft.counts.append(increase)

    def derived_id(self, *names: object) -> str:
        """An id for something that this decision makes: the same at every replay."""
        return derived_id(self.cause.id, *names)

    def secret_id(self, *names: object) -> str:
        """As `derived_id`, for what only its parties may find: every reader of a public topic knows its causes."""
        return keyed_id(self._secret, self.cause.id, *names)

    @property
    def cause(self) -> Cause:
        """What the present decision responds to."""
        return self._draft.cause

    async def load(self, refs: Iterable[Ref]) -> None:
        """Reads the documents that were not read yet, with one query per collection."""
        wanted: dict[str, set[str]] = {}
        for ref in refs:
            if ref not in self._stored:
                wanted.setdefault(ref[0], set()).add(ref[1])
        for name, ids in wanted.items():
            query, stored = {"_id": {"$in": list(ids)}}, self._database.collection(name)
            found = await stored.find(query, batch_size=DOCUMENTS_AT_ONCE, session=self._moment).to_list(None)
            self._stored |= {(name, id): None for id in ids}
            self._stored |= {(name, doc["_id"]): doc for doc in found}

    @property
    def loaded(self) -> int:
        """How many documents this batch has read."""
        return len(self._stored)

    def begin(self, cause: Cause) -> None:
        """Begins a decision."""
        self._draft = Draft(cause)

    def stored_token(self, job_id: str) -> str | None:
        """The token under which a job is held, as this batch has read it."""
        return (self._stored[JOBS, job_id] or {}).get("token")

    def finish(self, job_id: str, token: str) -> None:
        """Removes a job at the commit, if it is still held under this token."""
        self._draft.finished[job_id] = token

    def add_outbox_row(self, row: Doc) -> None:
        """Adds a row that belongs to no aggregate of ours: a dead letter."""
        self._draft.rows.append(row)

    def tick(self) -> int:
        """A distinct `at` (microseconds) for a row that no aggregate orders."""
        self._us += 1
        return self._us

    async def keep(self) -> None:
        """Adds the decision's draft to the batch. Raises Rejected, and keeps nothing of it, if it cannot be stored. The
        loop turns in between, because a decision may write thousands of documents."""
        draft, slices, raw = self._draft, Slices(), dict[Ref, RawBSONDocument]()
        # Encoded before anything is kept: a document that BSON refuses must not leave half of its decision behind.
        for ref, doc in draft.docs.items():
            raw[ref] = encoded(doc)
            await slices.turn()
        rows = [encoded(row) for row in draft.rows]
        for ref, new in raw.items():
            before = self._raw.get(ref)
            self.size += len(new.raw) - (len(before.raw) if before else 0)
        self.size += sum(len(row.raw) for row in rows)
        self._raw |= raw
        self._docs |= draft.docs
        self._rows += rows
        self._jobs |= draft.jobs
        self._finished |= draft.finished
        self._expected |= draft.must_stand
        self._counts += draft.counts
        self._said += lines_of(draft)

    async def keep_refusal(self) -> None:
        """Keeps only the dead letter of a refused decision. A refusal is a decision too: its dead letter is written
        only if what it has read is still true."""
        read = self._draft.read & self._stored.keys()
        self._draft = Draft(self._draft.cause, rows=self._draft.rows[-1:], expected=read)
        await self.keep()

    def committed(self) -> None:
        """Called once, after its commit: wakes the workers, moves metrics, and logs what was changed."""
        if due := {job["kind"] for job in self._jobs.values() if job["run_at"] <= self.now}:
            self._database.due_kinds.tell(due)
        for increase in self._counts:
            increase()
        say(self._said)

    def writes(self) -> Iterator[tuple[str, Operation]]:
        """Operations by collection. Each must take effect exactly once; one that does not is a concurrent write."""
        for ref, raw in self._raw.items():
            before = self._stored[ref]
            yield ref[0], InsertOne(raw) if before is None else ReplaceOne(as_read(before), raw)
        for ref in self._expected - self._docs.keys():  # what is written is checked by its own write
            yield ref[0], expectation(ref[1], self._stored[ref])
        for row in self._rows:
            yield "outbox", InsertOne(row)
        for id, job in self._jobs.items():
            # The same cause plans a job once, also while it runs: an existing job is left as it is.
            yield JOBS, UpdateOne({"_id": id}, {"$setOnInsert": job}, upsert=True)
        for id, token in self._finished.items():
            yield JOBS, DeleteOne({"_id": id, "token": token})

    async def _read(self, ref: Ref) -> None:
        if ref not in self._draft.docs and ref not in self._docs and ref not in self._stored:
            await self.load([ref])
        self._draft.read.add(ref)

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
        # By identity: a decision that was dropped has put another document in its place.
        if known is None or known[0] is not doc:
            known = self._models[ref] = (doc, collection.read(doc))
        return known[1]  # type: ignore[return-value]  # the ref names the collection, so the model is its

    def _next(self, before: Doc | None) -> tuple[int, int]:
        """Revision and `at` of the next write of a document."""
        if before is None:
            return 1, self._us
        return before["revision"] + 1, max(self._us, before.get("at", 0) + 1)

    def _write(self, collection: AnyCollection, ref: Ref, doc: Doc, event: Event | Tombstone | None) -> None:
        self._draft.docs[ref] = doc
        if event is not None:
            # A record or a job may be decided again in another process, and must then make the same event id.
            id = fresh_id() if self.cause.by_person else derived_id(self.cause.id, *ref, doc["revision"])
            said = Said(event, id=id, cause=self.cause, source=self._database.source)
            self._draft.rows += aggregate_rows(collection, doc, said, self._names)
