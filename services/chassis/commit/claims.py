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
    """Whether a job of these kinds may run now."""
    return await _due_kind(database, kinds) is not None


async def due_kinds(database: Database, kinds: Collection[str]) -> set[str]:
    """Those of which a job may run now, by a query for each of them and one more: few are at the same moment, and a
    query for each that may be, twice a second, is what idling would cost, and a part of a rush."""
    found, others = set[str](), set(kinds)
    while kind := await _due_kind(database, others - found):
        found.add(kind)
    return found


async def _due_kind(database: Database, kinds: Collection[str]) -> str | None:
    if not kinds:
        return None
    wanted = due({"$in": sorted(kinds)}, database.clock.server_now())
    found = await database.collection(JOBS).find_one(wanted, {"kind": 1})
    return None if found is None else str(found["kind"])


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
