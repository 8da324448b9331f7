"""Problem documents (RFC 9457): a stable type, what went wrong and what to do; never the value that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from ..commit.commands import NotDone, OutcomeUnknown
from ..model.failures import Rejected, Unavailable, safe_text, safe_traceback
from ..model.refusals import (
    Forbidden,
    Invalid,
    InvalidState,
    NotFound,
    NotJudged,
    PreconditionMissing,
    QuotaReached,
    Refused,
    StaleRevision,
    Unauthenticated,
)
from ..mongo.errors import classify
from ..ops import metrics
from ..ops.logs import logger
from ..ops.traces import current_trace

log = logger(__name__)
TYPE = "https://magpie.example/problems/"
STATUS: tuple[tuple[type[Refused], int, str], ...] = (
    (Unauthenticated, 401, "No valid token"),
    (NotJudged, 503, "Not available"),
    (Forbidden, 403, "Not allowed"),
    (Invalid, 422, "Not valid"),
    (NotFound, 404, "Not found"),
    (PreconditionMissing, 428, "Precondition required"),
    (StaleRevision, 412, "Stale revision"),
    (InvalidState, 409, "Not in this state"),
    (QuotaReached, 429, "Quota reached"),
    (Refused, 422, "Refused"),
)
RETRY_AFTER_SECONDS = 1


def problem(
    status: int,
    type_: str,
    title: str,
    detail: str,
    *,
    extra: Mapping[str, object] | None = None,
    retry_after: int | None = None,
) -> Response:
    """A problem document. `type_` is the last segment of its type; `extra` are members of its own; `retry_after` is in
    seconds."""
    body = {"type": TYPE + type_, "title": title, "status": status, "detail": detail, **(extra or {})}
    if trace := current_trace():
        body["trace_id"] = trace
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(to_json(body), status, headers, media_type="application/problem+json")


def refusal(error: Refused) -> Response:
    """The problem of a refusal, with the status of its class."""
    status, title = next((status, title) for kind, status, title in STATUS if isinstance(error, kind))
    if isinstance(error, QuotaReached):
        metrics.quota_refused.labels(error.quota).inc()
    retry_after = error.retry_after if isinstance(error, NotFound | NotJudged | QuotaReached) else None
    return problem(status, error.type, title, error.detail, extra=error.extra, retry_after=retry_after)


def pointer(location: tuple[int | str, ...]) -> str:
    """JSON Pointer (RFC 6901) of a place in the body. A parameter is named by its place: `/query/limit`."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    return "/" + "/".join(parts[1:] if parts and parts[0] == "body" else parts) if len(parts) > 1 else ""


def invalid(error: RequestValidationError) -> Response:
    """422 for a request that does not fit the models: the places and what is wrong, without the values."""
    errors = [{"pointer": pointer(tuple(e["loc"])), "detail": _detail(e), "code": e["type"]} for e in error.errors()]
    named = ", ".join(e["pointer"] or "the body" for e in errors[:3])
    detail = f"{len(errors)} field(s) are not valid: {named}. Correct what errors[] names and send it again."
    return problem(422, "invalid", "Not valid", detail, extra={"errors": errors})


def _detail(error: Mapping[str, Any]) -> str:
    """What is wrong, without what was sent. What FastAPI says of a body that is no JSON is its reader's own message."""
    if error["type"] == "json_invalid":
        return f"is not taken as JSON: {error['ctx']['error']}"
    return str(error["msg"]).removeprefix("Value error, ")


def install(app: FastAPI) -> None:
    """Makes what routes raise a problem document; the middleware does that for what they should not raise."""

    async def on_refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)
        return refusal(error)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid(error)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        title = {404: "Not found", 405: "Method not allowed"}.get(error.status_code, "Refused")
        return problem(
            error.status_code, title.lower().replace(" ", "-"), title, f"{title}; see /openapi.json for the routes."
        )

    async def on_late(request: Request, error: Exception) -> Response:
        return late(error)

    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)
    for kind in (NotDone, OutcomeUnknown, Unavailable, Rejected):
        app.add_exception_handler(kind, on_late)


def failed(error: Exception, scope: Mapping[str, Any]) -> Response:
    """The problem of what no one expected: 503 where MongoDB is away, else 500, which is logged."""
    if isinstance(cause := classify(error), Unavailable):
        return late(cause)
    route = getattr(scope.get("route"), "path", "(none)")
    log.error("request_failed", route=route, error=safe_text(error), traceback=safe_traceback(error))
    return problem(500, "internal", "Internal error", "This is a fault of ours and has been logged; try again later.")


def late(error: Exception) -> Response:
    """The problem of a command that was not committed in time, or whose outcome is not known."""
    if isinstance(error, Rejected):
        return problem(422, "rejected", "Refused", "The store refuses this document; make it smaller.")
    if isinstance(error, OutcomeUnknown):
        detail = "It is not known yet whether this took effect. Repeat it with the same Idempotency-Key, or read first."
        return problem(503, "outcome-unknown", "Not answered in time", detail, retry_after=RETRY_AFTER_SECONDS)
    detail = "The store does not answer. This has surely not taken effect; send it again."
    return problem(503, "unavailable", "Not available", detail, retry_after=RETRY_AFTER_SECONDS)
