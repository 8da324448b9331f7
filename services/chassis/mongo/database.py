"""A service's own database, with the collections that the chassis keeps in it: outbox, inbox, cursors (the checkpoints
of partitions), jobs, leases, answers, facts (which Kafka it belongs to), gaps, seen and operator_acts
(what people did to it)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo.errors import CollectionInvalid
from pymongo.read_concern import ReadConcern

from ..model.documents import AnyCollection, Collection, D, Doc, Index
from ..ops.health import Conditions
from ..ops.loops import Slices
from ..ops.settings import ChassisSettings
from .clock import Clock, instant
from .due_kinds import DueKinds
from .fair_turns import FairTurns
from .gathered_reads import GatheredReads

StoredCollection = AsyncIOMotorCollection[Doc]
Session = AsyncIOMotorClientSession

INBOX_DAYS, ANSWER_HOURS, ACT_DAYS = 100, 24, 400
FACTS = "facts"
"""What is known of Kafka: which cluster, which rebuilds are due, which topics have another log than before."""
GAPS = "gaps"
"""Offsets that retention removed before they were read."""
SEEN = "seen"
"""Until when, and up to where, each partition was read to its end. Beside the checkpoints, because what is written
there outside of a batch makes the batch be decided again."""
OPERATOR_ACTS = "operator_acts"
"""Who did what by `services.operate`. A dead letter that is handled is known by its act, so these outlive its topic."""
OWN: dict[str, Sequence[Index]] = {
    "outbox": (),
    "cursors": (),
    "leases": (),
    FACTS: (),
    GAPS: (),
    SEEN: (),
    "inbox": (Index(("seen_at",), expires_seconds=INBOX_DAYS * 86400),),
    "jobs": (Index(("run_at",)), Index(("kind", "turn")), Index(("kind",), partial={"dead": True})),
    OPERATOR_ACTS: (Index(("at",), expires_seconds=ACT_DAYS * 86400),),
    "answers": (Index(("answered_at",), expires_seconds=ANSWER_HOURS * 3600), Index(("subject",)), Index(("org",))),
}


DOCUMENTS_AT_ONCE = 250
"""In a batch of a cursor: the driver decodes a batch at one go, while no other thread of Python has its turn."""


class Database:
    """One per process: opened by the composition root, closed last."""

    def __init__(self, uri: str, name: str, *, source: str, ahead: Path | None = None) -> None:
        """`source` is the CloudEvents source of what this database emits, for example `/magpie/profiles`. `ahead`: of
        a demonstration's clock. Opens no connection yet."""
        self.client: AsyncIOMotorClient[Doc] = AsyncIOMotorClient(
            uri,
            tz_aware=True,
            # A write that the primary alone has taken is rolled back if another member is elected.
            w="majority",
            # On the disk, too: what is acknowledged is there after a power cut.
            journal=True,
            readConcernLevel="majority",
            serverSelectionTimeoutMS=3000,
            connectTimeoutMS=3000,
            socketTimeoutMS=30_000,
            maxPoolSize=50,
        )
        self.db: AsyncIOMotorDatabase[Doc] = self.client[name]
        self.source = source
        self.clock = Clock(ahead)
        self.conditions = Conditions()
        """What is degraded in this process, for `/readyz`."""
        self.due_kinds = DueKinds()
        """Told after a commit that planned jobs: wakes the workers of this process."""
        self.turns = FairTurns()
        """The turns of the jobs that this process plans."""
        self._collections: dict[str, StoredCollection] = {}
        self._sessions: list[Session] = []
        self._gathered = GatheredReads(self._by_id)

    async def prepare(self, collections: Iterable[AnyCollection]) -> None:
        """Creates collections and indexes, as a transaction must find its collections there. Idempotent; replicas may
        race."""
        wanted: dict[str, Sequence[Index]] = OWN | {c.name: c.indexes for c in collections}
        for name in sorted(wanted.keys() - set(await self.db.list_collection_names())):
            try:
                await self.db.create_collection(name)
            except CollectionInvalid:
                continue  # another replica has just created it
        for name, indexes in wanted.items():
            for index in indexes:
                keys, options = index.specification()
                await self.db[name].create_index(keys, **options)
        await self.clock.refresh(self.client)

    def collection(self, name: str) -> StoredCollection:
        """The driver's collection, cached: making one costs more than a lookup."""
        known = self._collections.get(name)
        if known is None:
            known = self._collections[name] = self.db[name]
        return known

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """A session of the caller's own; reused afterwards, unless an error was raised in it."""
        session = self._sessions.pop() if self._sessions else await self.client.start_session()
        try:
            yield session
        except BaseException:
            await session.end_session()  # aborts its transaction too
            raise
        self._sessions.append(session)

    @contextmanager
    def one_moment(self) -> Iterator[Session]:
        """A session for reads one after the other, which all see the moment of the first one: no commit comes between
        them. For five minutes, as long as mongod keeps what was."""
        # Not by Motor, which would have threads do it: neither the begin nor the end of a session asks the server.
        session = self.client.delegate.start_session(snapshot=True)
        try:
            yield Session(session, self.client)
        finally:
            session.end_session()

    async def find(
        self,
        collection: Collection[D],
        query: Doc,
        *,
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
    ) -> list[D]:
        """Committed documents, without gravestones. For lists and for finding ids; a decision reads with
        `UnitOfWork.get`, or it could not notice that a document has changed."""
        cursor = self.db[collection.name].find(
            {**query, "gone": {"$ne": True}}, limit=limit, sort=list(sort), batch_size=DOCUMENTS_AT_ONCE
        )
        return await _models(collection, await cursor.to_list(None))

    async def each(
        self, collection: Collection[D], query: Doc, *, batch: int = 10, limit: int = 0, fields: Doc | None = None
    ) -> AsyncGenerator[D, None]:
        """Committed documents by id, one after the other: for queries that may find many large ones. The loop turns
        between two of them. `fields` is MongoDB's projection, for a model that needs a part of the document."""
        cursor = self.db[collection.name].find(
            {**query, "gone": {"$ne": True}}, fields, sort=[("_id", 1)], batch_size=batch, limit=limit
        )
        async for doc in cursor:
            yield collection.read(doc)
            await asyncio.sleep(0)

    async def one(self, collection: Collection[D], id: str) -> D | None:
        """The committed document, for reads over HTTP and of jobs. Returns None where there is none."""
        doc = (await self._gathered.read(collection.name, [id])).get(id)
        return collection.read(doc) if doc else None

    async def many(self, collection: Collection[D], ids: Sequence[str]) -> list[D]:
        """The committed documents with these ids, in their order; what is not there is left out."""
        found = await self._gathered.read(collection.name, ids) if ids else {}
        return await _models(collection, (found[id] for id in dict.fromkeys(ids) if id in found))

    async def _by_id(self, collection: str, ids: list[str]) -> list[Doc]:
        query = {"_id": {"$in": ids}, "gone": {"$ne": True}}
        return await self.collection(collection).find(query, batch_size=DOCUMENTS_AT_ONCE).to_list(None)

    def now(self) -> dt.datetime:
        """The present instant by mongod's clock."""
        return instant(self.clock.now_us())

    def from_now(self, seconds: float) -> Doc:
        """An instant in the future by the same clock, for update pipelines."""
        return later(self.clock.server_now(), seconds)

    def snapshot(self, name: str) -> StoredCollection:
        """A collection with read concern snapshot: each find sees one moment."""
        return self.db.get_collection(name, read_concern=ReadConcern("snapshot"))

    def close(self) -> None:
        """Closes all connections. Called once, at the end of the process."""
        self.client.close()


async def _models(collection: Collection[D], documents: Iterable[Doc]) -> list[D]:
    """The loop turns in between: a thousand of them take longer than others should wait."""
    found, slices = list[D](), Slices()
    for document in documents:
        found.append(collection.read(document))
        await slices.turn()
    return found


def open_database(service: str, settings: ChassisSettings) -> Database:
    """The database of a service, named by the configured prefix and the service's name."""
    name = settings.database_prefix + service
    return Database(settings.mongo_uri, name, source=f"/magpie/{service}", ahead=settings.demo_clock)


def later(than: str | Doc, seconds: float) -> Doc:
    """The instant that lies `seconds` after one of mongod, for update pipelines."""
    return {"$dateAdd": {"startDate": than, "unit": "millisecond", "amount": int(seconds * 1000)}}
