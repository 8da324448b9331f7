"""A job as it is stored: which ones are due, and what a claim of one is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from ..model.documents import Doc
from ..model.events import Cause
from ..mongo.database import Database
from ..ops.traces import Origin, Span, Traces
from .job_kind import Payload
from .jobs import AnyJob, Claimed
from .unit_of_work import JOBS

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
ONE_MORE_UNCOUNTED: Doc = {"$add": [{"$ifNull": ["$uncounted", 0]}, 1]}
"""In an update pipeline: a run that ended by something outside."""


def due(kind: str | Doc, now: str | Doc) -> Doc:
    """The query for jobs of a kind that may run now, by mongod. Its lower bound keeps dead jobs, which have no run_at,
    out of the index scan."""
    return {"run_at": {"$gte": EPOCH}, "kind": kind, "$expr": {"$lte": ["$run_at", now]}}


async def any_due(database: Database, kinds: Collection[str]) -> bool:
    """Whether a job of these kinds may run now. One query for all of them: while nothing happens, a query a kind, twice
    a second, is what idling would cost."""
    if not kinds:
        return False
    wanted = due({"$in": list(kinds)}, database.clock.server_now())
    return await database.collection(JOBS).find_one(wanted, {"_id": 1}) is not None


def claimed_from(job: AnyJob, doc: Doc) -> Claimed[Payload]:
    """Raises ValidationError for a payload that this version does not understand."""
    correlation, traceparent, kind = doc.get("correlation", ""), doc.get("traceparent", ""), job.kind.name
    cause = Cause(doc["_id"].partition("/")[2], correlation, traceparent, act=f"job {kind}")
    payload = job.kind.payload.model_validate(doc["payload"])
    outside: dict[str, Any] = {"outside_since": doc.get("outside_since"), "uncounted": doc.get("uncounted", 0)}
    return Claimed(doc["_id"], doc["kind"], doc["token"], doc["tries"], payload, cause, **outside)


def job_span(traces: Traces, claimed: Claimed[Payload]) -> Span | None:
    """A child of what planned the job, and linked to it: it may run days later, in another process."""
    planned = claimed.cause.traceparent
    return traces.begin(
        f"job {claimed.kind}",
        "internal",
        Origin(traceparent=planned, links=(planned,) if planned else ()),
        magpie__job=claimed.kind,
        magpie__job__tries=claimed.tries,
        magpie__cause=claimed.cause.id,
        magpie__correlation=claimed.cause.chain,
    )
