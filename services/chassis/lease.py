"""Who may lead, by mongod's clock."""

from __future__ import annotations

import time
import uuid

from pymongo import ReturnDocument

from . import metrics
from .database import Database, from_now
from .documents import Doc
from .logs import logger

log = logger(__name__)


class Lease:
    """Keeps two leaders from working at once, most of the time; that two never write at once is their fence's task."""

    def __init__(self, database: Database, name: str, *, seconds: float) -> None:
        self._leases, self._name, self.seconds = database.db.leases, name, seconds
        self.owner = uuid.uuid4().hex
        self._until = 0.0

    async def hold(self) -> bool:
        """Takes it, or renews it when less than half is left; tells whether it is held."""
        asked = time.monotonic()
        if asked < self._until - self.seconds / 2:
            return True
        doc = await self._leases.find_one_and_update(
            {"_id": self._name}, self._take(), upsert=True, return_document=ReturnDocument.AFTER
        )
        held, self._until = self._until > 0, asked + self.seconds if doc["owner"] == self.owner else 0.0
        if held and not self._until:
            metrics.leases_lost.labels(self._name).inc()
            log.warning("lease_lost", lease=self._name)
        return self._until > 0

    def _take(self) -> list[Doc]:
        """A pipeline: MongoDB refuses $expr in the filter of an upsert (code 224)."""
        free = {"$or": [{"$eq": ["$owner", self.owner]}, {"$lt": ["$until", "$$NOW"]}]}
        return [
            {"$set": {"free": free}},
            {
                "$set": {
                    "owner": {"$cond": ["$free", self.owner, "$owner"]},
                    "until": {"$cond": ["$free", from_now(self.seconds), "$until"]},
                }
            },
            {"$unset": "free"},
        ]

    async def give_back(self) -> None:
        """The next one need not wait for the end of it."""
        self._until = 0.0
        await self._leases.update_one({"_id": self._name, "owner": self.owner}, [{"$set": {"until": "$$NOW"}}])
