"""Documents that are read by id at the same moment are one query a collection: a query costs more than a document."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from ..model.documents import Doc

Found = Mapping[str, Doc]


class GatheredReads:
    """All who ask in the same turn of the event loop share a query, which begins after that turn: each one sees at
    least what was committed when it asked. One alone waits for no other."""

    def __init__(self, find: Callable[[str, list[str]], Awaitable[list[Doc]]]) -> None:
        """`find` reads documents of a collection by their ids."""
        self._find = find
        self._wanted: dict[str, set[str]] = {}
        self._queries: dict[str, asyncio.Future[Found]] = {}

    async def read(self, collection: str, ids: Iterable[str]) -> Found:
        """The documents by id, with those of the others that share the query. One that is not there is left out."""
        if collection not in self._wanted:
            self._wanted[collection] = set()
            self._queries[collection] = asyncio.ensure_future(self._query(collection))
        self._wanted[collection].update(ids)
        # Shielded: one that is cancelled does not take the query from the others.
        return await asyncio.shield(self._queries[collection])

    async def _query(self, collection: str) -> Found:
        await asyncio.sleep(0)
        wanted = self._wanted.pop(collection)
        return {doc["_id"]: doc for doc in await self._find(collection, sorted(wanted))}
