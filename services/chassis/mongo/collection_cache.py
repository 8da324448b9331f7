"""A collection kept in memory, with proof of how far it has come."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence

from bson import decode_all
from motor.motor_asyncio import AsyncIOMotorChangeStream
from pymongo.errors import PyMongoError

from ..model.documents import Doc
from ..model.failures import Unavailable
from ..ops.health import Heartbeat
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from .change_stream import next_change
from .database import Database
from .errors import explain

log = logger(__name__)
AWAIT_MS = 500
CATCH_UP_SECONDS = 10.0
STEADY_SECONDS = 10.0
"""A stream that has held so long is sound: the next load waits only for the shortest pause."""
LOAD_BATCH = 50
"""Documents that are told in a row at a load: between batches the event loop does other work."""
THREAD_BATCH = 100
"""The same in a thread, which needs no pauses. They come from MongoDB while those before them are taken in."""


class CollectionCache:
    """Tells its owner of every document of a collection, and of every change.

    It opens its change stream first and then loads, so that no change falls between. `catch_up` writes a marker into
    the collection and returns when the stream has delivered it: everything that was committed before the call has
    been told by then, whichever replica wrote it. After an error of the stream, when it has ended or its history is
    lost, when the collection is not there, or when the owner raises Unavailable, the whole collection is loaded again;
    `is_loaded` is false meanwhile."""

    def __init__(
        self,
        database: Database,
        collection: str,
        *,
        changed: Callable[[str, Doc | None], None],
        cleared: Callable[[], None],
        loaded: Callable[[Sequence[Doc]], None] | None = None,
    ) -> None:
        """`changed(id, document)` is called for each document, with None for one that was deleted; `cleared()` before
        each load.

        With `loaded(documents)` the owner may take its time: a load tells it of many documents at once, and it and the
        other two are called in a thread, one call after the other."""
        self._database, self._collection = database, collection
        self._changed, self._cleared, self._loaded = changed, cleared, loaded
        # Both names are shown: by /livez and /readyz, and in logs.
        self.heartbeat = Heartbeat(f"mirror of {collection}")
        database.conditions.mended(self.heartbeat.name)
        self._marker_id, self._markers = f"marker/{uuid.uuid4()}", 0
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._backoff = Backoff(0.2, 3.0)
        self.is_loaded = False
        self._current_at = time.monotonic()

    @property
    def behind_seconds(self) -> float:
        """How old the newest state is that its owner surely knows."""
        return time.monotonic() - self._current_at

    async def serve(self) -> None:
        """Runs until cancelled."""
        await run_forever(
            self._follow,
            backoff=self._backoff,
            report=self._report,
            heartbeat=self.heartbeat,
            catch=(PyMongoError, Unavailable),
        )

    def _report(self, error: BaseException) -> None:
        log.warning("mirror_loads_again", collection=self._collection, error=explain(error))
        self._database.conditions.degraded(self.heartbeat.name, f"it is loaded again: {explain(error)}")

    async def catch_up(self) -> None:
        """Waits until everything committed before this call has been told. Raises Unavailable after 10 s."""
        # Numbered: one marker that comes later answers every waiter before it.
        self._markers += 1
        number, seen = self._markers, asyncio.get_running_loop().create_future()
        self._waiting[number] = seen
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await self._database.db[self._collection].replace_one(
                    {"_id": self._marker_id}, {"marker": number}, upsert=True
                )
                await seen
        except (PyMongoError, TimeoutError) as error:
            raise Unavailable(f"the mirror of {self._collection} has not caught up") from error
        finally:
            del self._waiting[number]

    async def _follow(self) -> None:
        writes: list[Doc] = [{"$match": {"operationType": {"$in": ["insert", "replace"]}}}]
        collection = self._database.db[self._collection]
        try:
            async with collection.watch(writes, max_await_time_ms=AWAIT_MS) as stream:
                # Motor opens a stream at its first look, so this must come before the load.
                early = await next_change(stream)
                await self._must_be_there()
                await self._call(self._cleared)
                await self._load()
                if early is not None:
                    await self._take(early["fullDocument"])
                self.is_loaded = True
                self._database.conditions.mended(self.heartbeat.name)
                await self._follow_stream(stream)
        finally:
            self.is_loaded = False

    async def _must_be_there(self) -> None:
        """An empty collection would be followed as readily as one that was dropped and is not restored yet."""
        if not await self._database.db.list_collection_names(filter={"name": self._collection}):
            raise Unavailable(
                f"the collection {self._collection} is not there, so what it held is unknown: restore it from a backup"
            )

    async def _load(self) -> None:
        query = {"marker": {"$exists": False}}
        collection = self._database.db[self._collection]
        if self._loaded is None:
            async for doc in collection.find(query).batch_size(LOAD_BATCH):
                await self._take(doc)
            return
        working: asyncio.Future[None] | None = None
        try:
            async for batch in collection.find_raw_batches(query, batch_size=THREAD_BATCH):
                if working is not None:
                    await working
                working = asyncio.ensure_future(asyncio.to_thread(self._load_batch, self._loaded, batch))
                self.heartbeat.beat()
        finally:
            # Also after an error: nothing may be told any more when the next load begins.
            if working is not None:
                await asyncio.wait([working])
        if working is not None:
            working.result()

    def _load_batch(self, loaded: Callable[[Sequence[Doc]], None], batch: bytes) -> None:
        """In a thread."""
        docs = decode_all(batch, self._database.db.codec_options)
        loaded([doc for doc in docs if not doc.get("gone")])

    async def _call(self, tell: Callable[..., None], *args: object) -> None:
        if self._loaded is None:
            tell(*args)
        else:
            await asyncio.to_thread(tell, *args)

    async def _follow_stream(self, stream: AsyncIOMotorChangeStream[Doc]) -> None:
        steady_at = time.monotonic() + STEADY_SECONDS
        while True:
            change = await next_change(stream)
            self.heartbeat.beat()
            if time.monotonic() > steady_at:
                self._backoff.reset()
            if change is None:
                self._current_at = time.monotonic()
                continue
            await self._take(change["fullDocument"])
            # Under a steady load there is always a next change, so each one says when it was made.
            if (made := change.get("wallTime")) is not None:
                behind = (self._database.now() - made).total_seconds()
                self._current_at = time.monotonic() - max(0.0, behind)

    async def _take(self, doc: Doc) -> None:
        if "marker" not in doc:
            await self._call(self._changed, doc["_id"], None if doc.get("gone") else doc)
        elif doc["_id"] == self._marker_id:
            for number, seen in self._waiting.items():
                if number <= doc["marker"] and not seen.done():
                    seen.set_result(None)
