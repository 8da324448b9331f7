"""A service's own database, and the outbox, inbox, cursors, jobs, leases and answers that the chassis keeps in it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import CollectionInvalid
from pymongo.read_concern import ReadConcern

from .clock import Clock, instant
from .documents import Collection, D, Doc, Index

INBOX_DAYS, ANSWER_HOURS = 100, 24
OWN: dict[str, Sequence[Index]] = {
    "outbox": (),
    "cursors": (),
    "leases": (),
    "inbox": (Index(("seen_at",), expires_seconds=INBOX_DAYS * 86400),),
    "jobs": (Index(("run_at",)), Index(("kind",), partial={"dead": True})),
    "answers": (Index(("answered_at",), expires_seconds=ANSWER_HOURS * 3600), Index(("subject",))),
}


class Database:
    """Opened once a process by the composition root; closed last."""

    def __init__(self, uri: str, name: str, *, source: str) -> None:
        """`source` is the CloudEvents source, e.g. `/magpie/profiles`. Opens no connection yet."""
        self.client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(
            uri,
            tz_aware=True,
            w="majority",
            readConcernLevel="majority",
            serverSelectionTimeoutMS=3000,
            connectTimeoutMS=3000,
            socketTimeoutMS=30_000,
            maxPoolSize=50,
        )
        self.db: AsyncIOMotorDatabase[Any] = self.client[name]
        self.source = source
        self.clock = Clock()
        self.jobs_written = asyncio.Event()
        """Set after a commit that planned jobs: wakes the workers of this process."""
        self._collections: dict[str, Any] = {}
        self._sessions: list[Any] = []

    async def prepare(self, collections: Iterable[Collection[Any]]) -> None:
        """Creates what a transaction must find existing, and the indexes. Idempotent; replicas may race."""
        wanted: dict[str, Sequence[Index]] = OWN | {c.name: c.indexes for c in collections}
        for name in sorted(wanted.keys() - set(await self.db.list_collection_names())):
            try:
                await self.db.create_collection(name)
            except CollectionInvalid:
                continue  # another replica was faster
        for name, indexes in wanted.items():
            for index in indexes:
                keys, options = index.specification()
                await self.db[name].create_index(keys, **options)
        await self.clock.refresh(self.client)

    def collection(self, name: str) -> Any:
        """The same object each time: to make one costs more than to ask it."""
        known = self._collections.get(name)
        if known is None:
            known = self._collections[name] = self.db[name]
        return known

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        """One that nobody else uses meanwhile; kept for the next caller unless something went wrong in it."""
        session = self._sessions.pop() if self._sessions else await self.client.start_session()
        try:
            yield session
        except BaseException:
            await session.end_session()  # ends its transaction, too
            raise
        self._sessions.append(session)

    async def find(
        self,
        collection: Collection[D],
        query: Doc,
        *,
        sort: Sequence[tuple[str, int]] = (("_id", 1),),
        limit: int = 0,
    ) -> list[D]:
        """Committed documents, gravestones left out. For lists and for finding ids; decisions stand on `get`."""
        cursor = self.db[collection.name].find({**query, "gone": {"$ne": True}}, limit=limit, sort=list(sort))
        return [collection.read(doc) for doc in await cursor.to_list(None)]

    async def one(self, collection: Collection[D], id: str) -> D | None:
        """The committed document, for reads over HTTP; None where there is none."""
        doc = await self.db[collection.name].find_one({"_id": id, "gone": {"$ne": True}})
        return collection.read(doc) if doc else None

    def now(self) -> dt.datetime:
        return instant(self.clock.now_us())

    def snapshot(self, name: str) -> Any:
        """A collection whose every find sees one moment."""
        return self.db.get_collection(name, read_concern=ReadConcern("snapshot"))

    def close(self) -> None:
        self.client.close()


def from_now(seconds: float) -> Doc:
    """For update pipelines: an instant by mongod's clock."""
    return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": int(seconds * 1000)}}
