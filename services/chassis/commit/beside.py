"""Decisions that are made once more, of which nothing but the rows of one projection is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pymongo import ReplaceOne

from ..model.documents import Doc, Ref
from ..model.topic_names import TopicNames
from ..mongo.database import Database
from .unit_of_work import UnitOfWork

BUILT_AT = "built_at"
"""When a row beside was built: what a killed process left goes by itself."""


class BesideUnitOfWork(UnitOfWork):
    """Guarantee: what is said, planned, logged or counted goes nowhere, and only rows of the projection are written, to
    the collection beside. Its decisions find nothing but what was built there: a database as new as on the first
    day."""

    def __init__(self, database: Database, names: TopicNames, rows: str, *, beside: str) -> None:
        """`rows` is the collection that use cases name, `beside` the one that is read and written instead."""
        super().__init__(database, names=names, moment=None)
        self._rows_of, self._beside = rows, beside

    async def load(self, refs: Iterable[Ref]) -> None:
        """Reads the rows that were built before; of anything else there is none."""
        wanted = [ref for ref in refs if ref not in self._stored]
        self._stored |= dict.fromkeys(wanted)
        ids = [id for name, id in wanted if name == self._rows_of]
        if ids:
            found = self._database.collection(self._beside).find({"_id": {"$in": ids}})
            self._stored |= {(self._rows_of, doc["_id"]): doc async for doc in found}

    def rows(self) -> Iterator[ReplaceOne[Doc]]:
        """What is written. No one else writes there, so there is nothing to compare the rows with."""
        for (name, id), doc in self._docs.items():
            if name == self._rows_of:
                yield ReplaceOne({"_id": id}, doc | {BUILT_AT: self.now}, upsert=True)
