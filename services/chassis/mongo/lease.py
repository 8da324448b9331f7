"""Which replica may lead, decided by mongod's clock."""

from __future__ import annotations

import time
import uuid

from pymongo import ReturnDocument

from ..model.documents import Doc
from ..ops import metrics
from ..ops.logs import logger
from .database import Database, later

log = logger(__name__)


class Lease:
    """Usually keeps two leaders from working at the same time. It cannot guarantee that: what a leader writes needs a
    fence of its own (the relay's is Kafka's transactional id)."""

    def __init__(self, database: Database, name: str, *, seconds: float, about: Doc | None = None) -> None:
        """`about` is written down beside the owner."""
        self._leases, self._name, self.seconds = database.db.leases, name, seconds
        self._about = about or {}
        self.owner = uuid.uuid4().hex
        self._until = 0.0

    async def hold(self) -> bool:
        """Acquires the lease, or renews it when less than half is left. Returns whether it is held."""
        # Counted from before the question: the answer may be late, and the lease must not seem longer than it is.
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
        """An update pipeline, because MongoDB refuses $expr in the filter of an upsert (code 224)."""
        free = {"$or": [{"$eq": ["$owner", self.owner]}, {"$lt": ["$until", "$$NOW"]}]}
        return [
            {"$set": {"free": free}},
            {
                "$set": {
                    "owner": {"$cond": ["$free", self.owner, "$owner"]},
                    "until": {"$cond": ["$free", later("$$NOW", self.seconds), "$until"]},
                    "about": {"$cond": ["$free", {"$literal": self._about}, "$about"]},
                }
            },
            {"$unset": "free"},
        ]

    async def release(self) -> None:
        """Ends the lease now, so that the next leader need not wait for its end."""
        self._until = 0.0
        await self.end(self.owner)

    async def end(self, owner: str) -> None:
        """Ends an owner's lease: this one's, or that of a process that is known to have ended."""
        await self._leases.update_one({"_id": self._name, "owner": owner}, [{"$set": {"until": "$$NOW"}}])
