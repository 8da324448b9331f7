"""What waits in a service's database, measured there: every replica says the same, whichever leads, also after a
restart."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from ..model.documents import Doc
from ..mongo.database import Database
from ..mongo.errors import explain
from ..ops import metrics
from ..ops.logs import logger
from ..ops.loops import Backoff, run_forever
from .job_kind import JobKind, P
from .unit_of_work import JOBS

log = logger(__name__)
MEASURE_SECONDS = 5.0
MAX_DUE = 10_000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


async def still_planned(database: Database, kind: JobKind[P], field: str, values: Sequence[str]) -> set[str]:
    """Those of the values of a payload's field for which there is a job of this kind that is not dead."""
    query: Doc = {"kind": kind.name, f"payload.{field}": {"$in": list(values)}, "dead": {"$ne": True}}
    return set(await database.collection(JOBS).distinct(f"payload.{field}", query))


async def dead_about(database: Database, kind: JobKind[P], field: str, *, limit: int) -> list[str]:
    """The values of a payload's field in the dead jobs of this kind, those that died last."""
    found = database.collection(JOBS).find({"kind": kind.name, "dead": True}, {f"payload.{field}": 1})
    jobs = await found.sort("died_at", -1).limit(limit).to_list(None)
    return list(dict.fromkeys(str(job["payload"][field]) for job in jobs))


class Backlog:
    """Measures the outbox, the due and the dead jobs every few seconds."""

    def __init__(self, database: Database, kinds: Sequence[str]) -> None:
        self._database, self._kinds = database, kinds

    async def serve(self) -> None:
        """Runs until cancelled."""
        await run_forever(
            self._measure,
            backoff=Backoff(MEASURE_SECONDS / 2, MEASURE_SECONDS),
            report=lambda error: log.info("backlog_not_measured", error=explain(error)),
            catch=(PyMongoError,),
        )

    async def _measure(self) -> None:
        outbox = self._database.collection("outbox")
        oldest = await outbox.find_one({}, {"_id": 1}, sort=[("_id", 1)])
        # An estimate counts rows that a transaction is deleting; it costs nothing, and is off by a batch.
        metrics.outbox_rows.set(await outbox.estimated_document_count() if oldest else 0)
        age_us = self._database.clock.now_us() - int(oldest["_id"][:16], 16) if oldest else 0
        metrics.relay_oldest.set(max(0.0, age_us / 1e6))
        dead, due = await self._dead(), await self._due()
        for kind in self._kinds:
            metrics.jobs_dead.labels(kind).set(dead.get(kind, 0))
            jobs, waited = due.get(kind, (0, 0.0))
            metrics.jobs_due.labels(kind).set(jobs)
            metrics.jobs_oldest_due.labels(kind).set(waited)
        await asyncio.sleep(MEASURE_SECONDS)

    async def _due(self) -> dict[str, tuple[int, float]]:
        """By kind: how many could run now, and for how many seconds the oldest of them could have."""
        steps: list[Doc] = [
            # Jobs of another replica that are being worked on have a time to run in the future: the end of their lease.
            {"$match": {"run_at": {"$gte": EPOCH, "$lte": self._database.now()}}},
            {"$sort": {"run_at": 1}},
            {"$limit": MAX_DUE},
            {"$group": {"_id": "$kind", "jobs": {"$sum": 1}, "since": {"$min": "$run_at"}}},
        ]
        now, found = self._database.now(), await self._database.collection(JOBS).aggregate(steps).to_list(None)
        return {doc["_id"]: (doc["jobs"], max(0.0, (now - doc["since"]).total_seconds())) for doc in found}

    async def _dead(self) -> dict[str, int]:
        steps: list[Doc] = [{"$match": {"dead": True}}, {"$group": {"_id": "$kind", "jobs": {"$sum": 1}}}]
        found = await self._database.collection(JOBS).aggregate(steps).to_list(None)
        return {doc["_id"]: doc["jobs"] for doc in found}
