"""A collection kept in memory, with proof of how far it has come."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from motor.motor_asyncio import AsyncIOMotorChangeStream
from pymongo.errors import PyMongoError

from ..model.documents import Doc
from ..model.failures import Unavailable
from ..ops.health import Heartbeat
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from .database import Database
from .errors import explain

log = logger(__name__)
AWAIT_MS = 500
CATCH_UP_SECONDS = 10.0
LOAD_BATCH = 50
"""Documents that are told in a row at a load: between batches the event loop does other work."""


class CollectionCache:
    """Tells its owner of every document of a collection, and of every change.

    It opens its change stream first and then loads, so that no change falls between. `catch_up` writes a marker into
    the collection and returns when the stream has delivered it: everything that was committed before the call has
    been told by then, whichever replica wrote it. After an error of the stream, or when its history is lost, the
    whole collection is loaded again."""

    def __init__(
        self,
        database: Database,
        collection: str,
        *,
        changed: Callable[[str, Doc | None], None],
        cleared: Callable[[], None],
    ) -> None:
        """`changed(id, document)` is called for each document, with None for one that was deleted; `cleared()` before
        each load."""
        self._database, self._collection = database, collection
        self._changed, self._cleared = changed, cleared
        # Both names are shown: by /livez, and in logs.
        self.heartbeat = Heartbeat(f"mirror of {collection}")
        self._marker_id, self._markers = f"marker/{uuid.uuid4()}", 0
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._backoff = Backoff(0.2, 3.0)
        self.is_loaded = False

    async def serve(self) -> None:
        """Runs until cancelled."""
        await run_forever(
            self._follow,
            backoff=self._backoff,
            report=self._report,
            heartbeat=self.heartbeat,
            catch=(PyMongoError,),
        )

    def _report(self, error: BaseException) -> None:
        log.warning("mirror_loads_again", collection=self._collection, error=explain(error))

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
                early = await stream.try_next()
                self._cleared()
                async for doc in collection.find({"marker": {"$exists": False}}).batch_size(LOAD_BATCH):
                    self._take(doc)
                if early is not None:
                    self._take(early["fullDocument"])
                self.is_loaded = True
                self._backoff.reset()
                await self._follow_stream(stream)
        finally:
            self.is_loaded = False

    async def _follow_stream(self, stream: AsyncIOMotorChangeStream[Doc]) -> None:
        while True:
            change = await stream.try_next()
            self.heartbeat.beat()
            if change is not None:
                self._take(change["fullDocument"])

    def _take(self, doc: Doc) -> None:
        if "marker" not in doc:
            self._changed(doc["_id"], None if doc.get("gone") else doc)
        elif doc["_id"] == self._marker_id:
            for number, seen in self._waiting.items():
                if number <= doc["marker"] and not seen.done():
                    seen.set_result(None)
