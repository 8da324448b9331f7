"""Waits for a commit to a collection, and ignores the commits that the caller knows of."""

from __future__ import annotations

from collections.abc import Iterable

from bson import Timestamp
from motor.motor_asyncio import AsyncIOMotorChangeStream

from ..model.documents import Doc
from .change_stream import next_change
from .database import Database

MAX_IGNORED = 16
"""Passing more changes one by one costs more than opening a new stream."""


class ChangeSignal:
    """Wakes its caller by a change stream that stays open from one wait to the next: opening one for each wait cost
    more than the wait. No content is read from it: it only says when to look."""

    def __init__(self, database: Database, collection: str, *, await_ms: int) -> None:
        """`await_ms`: one wait ends after this time, changes or not."""
        self._database, self._collection, self._await_ms = database, database.db[collection], await_ms
        self._stream: AsyncIOMotorChangeStream[Doc] | None = None
        self._is_behind = False
        self._ignored: set[str] = set()

    def ignore(self, ids: Iterable[str]) -> None:
        """Changes of these documents do not wake the caller, who has seen them. After many, the next wait opens a new
        stream instead of catching up with this one."""
        self._ignored.update(ids)
        if len(self._ignored) > MAX_IGNORED:
            self._ignored.clear()
            self._is_behind = True

    async def wait(self) -> None:
        """Returns when an unknown document is inserted, or after `await_ms`. Returns at once where it has just opened a
        stream, as what was committed before would not wake the caller. Raises StreamEnded."""
        if self._stream is None or self._is_behind:
            await self.aclose()
            self._ignored.clear()
            self._stream = await self._open()
            return
        while (change := await next_change(self._stream)) is not None:
            id = change["documentKey"]["_id"]
            if id not in self._ignored:
                return
            self._ignored.discard(id)

    async def aclose(self) -> None:
        """Closes the stream; the next wait opens a new one."""
        stream, self._stream, self._is_behind = self._stream, None, False
        if stream is not None:
            await stream.close()

    async def _open(self) -> AsyncIOMotorChangeStream[Doc]:
        """A stream of what a snapshot taken after this call may not see. Motor opens a stream only at its first look,
        which would be after the caller's."""
        hello = await self._database.client.admin.command("hello")
        writes: list[Doc] = [
            {"$match": {"operationType": "insert"}},
            {"$project": {"documentKey": 1}},
        ]
        # After the last write: if that has dropped the collection, a stream from it on would end at once.
        seen = hello["lastWrite"]["majorityOpTime"]["ts"]
        stream: AsyncIOMotorChangeStream[Doc] = self._collection.watch(
            writes,
            max_await_time_ms=self._await_ms,
            start_at_operation_time=Timestamp(seen.time, seen.inc + 1),
        )
        return stream
