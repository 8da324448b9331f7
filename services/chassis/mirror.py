"""A collection kept in memory, with proof of how far it has come."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable

from pymongo.errors import PyMongoError

from .database import Database
from .documents import Doc
from .errors import Pace, Unavailable, meaning, reason
from .health import Heartbeat
from .logs import logger

log = logger(__name__)
PATIENCE_MS = 500
CATCH_UP_SECONDS = 10.0


class Mirror:
    """Opens its change stream first and then loads, so that nothing falls between. `catch_up` writes a marker into the
    collection and returns when the stream has shown it: whatever was committed before the call is here by then, on
    whichever replica it was written. A stream whose history is lost, or whose server was away, loads again."""

    def __init__(
        self,
        database: Database,
        collection: str,
        *,
        changed: Callable[[str, Doc | None], None],
        cleared: Callable[[], None],
    ) -> None:
        """`changed(id, document)` hears of each document, None for one that is gone; `cleared()` before a load."""
        self._database, self._collection = database, collection
        self._changed, self._cleared = changed, cleared
        self.heartbeat = Heartbeat(f"mirror of {collection}")
        self._marker_id, self._markers = f"marker/{uuid.uuid4()}", 0
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self.is_loaded = False

    async def serve(self) -> None:
        """Runs until cancelled."""
        pace = Pace(0.2, 3.0)
        while True:
            try:
                await self._follow(pace)
            except PyMongoError as error:
                log.warning("mirror_loads_again", collection=self._collection, error=reason(meaning(error)))
            finally:
                self.is_loaded = False
            self.heartbeat.beat()
            await pace.wait()

    async def catch_up(self) -> None:
        """Raises Unavailable when the marker is not seen in time."""
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

    async def _follow(self, pace: Pace) -> None:
        writes: list[Doc] = [{"$match": {"operationType": {"$in": ["insert", "replace"]}}}]
        collection = self._database.db[self._collection]
        async with collection.watch(writes, max_await_time_ms=PATIENCE_MS) as stream:
            early = await stream.try_next()  # a stream opens with its first look
            self._cleared()
            async for doc in collection.find({"marker": {"$exists": False}}):
                self._take(doc)
            if early is not None:
                self._take(early["fullDocument"])
            self.is_loaded = True
            pace.reset()
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
