"""Waits for a commit to a collection, and knows which commits are no news."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .database import Database
from .documents import Doc

MOST_KNOWN = 16
"""More are passed one by one more dearly than a new stream is opened."""


class Waking:
    """Wakes by a change stream that stays open from one wait to the next: to open one for each wait cost more than
    the wait. Nothing read from it is trusted: it only says when to look."""

    def __init__(self, database: Database, collection: str, *, patience_ms: int) -> None:
        self._database, self._collection, self._patience_ms = database, database.db[collection], patience_ms
        self._stream: Any = None
        self._is_behind = False
        self._known: set[str] = set()

    def know(self, ids: Iterable[str]) -> None:
        """What the caller has seen by itself wakes nobody. After many the stream is not worth catching up with."""
        self._known.update(ids)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
            self._is_behind = True

    async def wait(self) -> None:
        """Returns when something unknown is inserted, when patience ends, or at once where the caller must look
        again: what was committed before the stream began would not wake it."""
        if self._stream is None or self._is_behind:
            await self.aclose()
            self._known.clear()
            self._stream = await self._open()
            return
        while (change := await self._stream.try_next()) is not None:
            id = change["documentKey"]["_id"]
            if id not in self._known:
                return
            self._known.discard(id)

    async def aclose(self) -> None:
        stream, self._stream, self._is_behind = self._stream, None, False
        if stream is not None:
            await stream.close()

    async def _open(self) -> Any:
        """From the last moment that a snapshot taken after this sees: Motor opens a stream only at its first look,
        which is after the caller's."""
        hello = await self._database.client.admin.command("hello")
        writes: list[Doc] = [
            {"$match": {"operationType": "insert"}},
            {"$project": {"documentKey": 1}},
        ]
        return self._collection.watch(
            writes,
            max_await_time_ms=self._patience_ms,
            start_at_operation_time=hello["lastWrite"]["majorityOpTime"]["ts"],
        )
