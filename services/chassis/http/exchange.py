"""A request and its answer: measured, traced, and said in the log by one line where that is worth a line."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractContextManager
from typing import Any

from ..model.events import IDENTIFIER
from ..ops import metrics
from ..ops.logs import logger
from ..ops.traces import OFF, Origin, Traces, active, known_trace, trace_id, trace_of
from .rate_limit import TokenBuckets

log = logger(__name__)
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
PROBES = frozenset({"/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/docs/events"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
READS = frozenset({"GET", "HEAD", "OPTIONS"})
TRACE_ID, CORRELATION_ID = "X-Trace-Id", "X-Correlation-Id"


class RequestLog:
    """Says which requests changed something, and which were refused or failed; a read that succeeds is no line.

    Everyone can be refused as often as they like, so of refusals a replica says 20 a second (100 at once), and counts
    the others in the next one: `unsaid`."""

    def __init__(self) -> None:
        self._bucket = TokenBuckets(per_second=20.0, burst=100)
        self._unsaid = 0

    def say(self, scope: Scope, line: dict[str, object], status: int) -> None:
        """`line` has method, route, status and time."""
        if 0 < status < 400:
            if scope["method"] not in READS:
                log.info("request", **line)
            return
        if self._bucket.take("", now=time.monotonic()):
            self._unsaid += 1
            return
        if self._unsaid:
            line["unsaid"], self._unsaid = self._unsaid, 0
        log.warning("request", **line) if status >= 500 or not status else log.info("request", **line)


class TracedAnswers:
    """Middleware of the operators' port: each answer names its trace, as those of the API do, and is no line of the
    log."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        traceparent = trace_of(_header(scope, b"traceparent"))

        async def traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (b"x-trace-id", trace_id(traceparent).encode())]
                message = {**message, "headers": headers}
            await send(message)

        with active(OFF, traceparent):
            await self._app(scope, receive, traced)


class Exchange:
    """One request on its way through the service. `send` is the ASGI call for its answer."""

    def __init__(self, scope: Scope, send: Send, traces: Traces, lines: RequestLog) -> None:
        self._scope, self._send, self._traces, self._lines = scope, send, traces, lines
        self._began, self._seconds = time.perf_counter(), 0.0
        self._status = 0
        given = known_trace(_header(scope, b"traceparent"))
        self._span = traces.begin(self._method, "server", Origin(traceparent=given))
        self._traceparent = self._span.traceparent if self._span else trace_of(given)
        scope.setdefault("state", {})["traceparent"] = self._traceparent

    @property
    def has_begun(self) -> bool:
        """Whether the answer is on its way already."""
        return self._status != 0

    def active(self) -> AbstractContextManager[None]:
        """Inside, log lines and problem documents name the trace of this request."""
        return active(self._traces, self._traceparent)

    async def send(self, message: Message) -> None:
        """Sends a part of the answer; its head says to which trace and correlation it belongs."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            # When the answer begins: a stream goes on for an hour, and the others are sent whole.
            self._seconds = time.perf_counter() - self._began
            headers = [*message.get("headers", ()), (b"x-trace-id", trace_id(self._traceparent).encode())]
            if correlation := self._correlation:
                headers.append((b"x-correlation-id", correlation.encode()))
            message = {**message, "headers": headers}
        await self._send(message)

    def end(self) -> None:
        """Counts the request, and says it where it is worth a line. Probes are counted apart: they come all the time
        and say nothing about callers."""
        seconds = self._seconds or time.perf_counter() - self._began
        # The template, never the path: a label must not have a value per client, and a path may hold an id.
        route = getattr(self._scope.get("route"), "path", "(none)")
        if route in PROBES:
            metrics.series(metrics.http_probes, route, self._status).inc()
            return
        metrics.series(metrics.http_requests, route, self._method, self._status).inc()
        metrics.series(metrics.http_seconds, route, self._method).observe(seconds)
        self._end_span(route)
        self._lines.say(self._scope, self._line(route, seconds), self._status)

    @property
    def _method(self) -> str:
        """A client may send any word as its method, and a label must not have a value per client."""
        method: str = self._scope["method"]
        return method if method in METHODS else "(other)"

    @property
    def _correlation(self) -> str:
        return str(self._scope["state"].get("correlation", ""))

    def _line(self, route: str, seconds: float) -> dict[str, object]:
        line: dict[str, object] = {
            "method": self._method,
            "route": route,
            "status": self._status,
            "ms": round(seconds * 1000, 1),
            "trace": trace_id(self._traceparent),
        }
        if (caller := self._scope["state"].get("caller")) is not None:
            line["org"] = caller.org
        if correlation := self._correlation:
            line["correlation"] = correlation
        if 200 <= self._status < 300:
            line |= _ids(self._scope)
        return line

    def _end_span(self, route: str) -> None:
        if self._span is None:
            return
        self._span.name = f"{self._method} {route}"
        failed = self._status >= 500 or not self._status
        self._span.end(
            error=str(self._status or "unanswered") if failed else "",
            http__request__method=self._method,
            http__route=route,
            http__response__status_code=self._status,
            **({"magpie__correlation": correlation} if (correlation := self._correlation) else {}),
        )


def _header(scope: Scope, wanted: bytes) -> str | None:
    """The value of a header that came once."""
    found = [value for name, value in scope["headers"] if name == wanted]
    return found[0].decode("latin-1") if len(found) == 1 else None


def _ids(scope: Scope) -> dict[str, object]:
    """What the request was about. Only of one that succeeded, so that they are ids and nothing that a caller has made
    up; and only what is named as an id: other parameters may be words or secrets."""
    named = scope.get("path_params", {}).items()
    return {name: value for name, value in named if name.endswith("_id") and IDENTIFIER.fullmatch(str(value))}
