"""Spans leave by OTLP over HTTP: kept in a bounded queue, encoded and sent by a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from . import metrics
from .logs import logger
from .traces import OFF, Span, Traces

log = logger(__name__)
MAX_WAITING = 8_192
"""Spans that wait. While the collector is away or slow, what does not fit is dropped, and counted."""
BATCH, EVERY_SECONDS = 512, 1.0
SEND_SECONDS, CLOSE_SECONDS = 5.0, 3.0


def open_traces(endpoint: str | None, resource: Mapping[str, str]) -> Traces:
    """Traces that are sent to `endpoint` (the base address of a collector); off without one. OpenTelemetry is imported
    only if there is one: that takes 6 MB and a quarter of a second. `resource` says which process this is."""
    if not endpoint:
        return OFF
    return Traces(OtlpExporter(f"{endpoint.rstrip('/')}/v1/traces", resource))


class OtlpExporter:
    """Guarantee: the event loop never waits for the collector, and memory is bounded. Spans may be lost."""

    def __init__(self, url: str, resource: Mapping[str, str]) -> None:
        http: Any = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        self._sdk, self._api = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.trace")
        self._results: Any = import_module("opentelemetry.sdk.trace.export").SpanExportResult
        self._sender = http.OTLPSpanExporter(endpoint=url, timeout=SEND_SECONDS)
        self._resource = import_module("opentelemetry.sdk.resources").Resource.create(dict(resource))
        self._scope = import_module("opentelemetry.sdk.util.instrumentation").InstrumentationScope("magpie")
        self._waiting = deque[Span]()
        self._wake, self._closing = threading.Event(), threading.Event()
        self._is_away = False
        self._thread = threading.Thread(target=self._serve, name="traces", daemon=True)
        self._thread.start()

    def take(self, span: Span) -> None:
        """Keeps a span until the thread comes for it; one too many is dropped."""
        if len(self._waiting) >= MAX_WAITING:
            metrics.spans_lost.inc()
            return
        self._waiting.append(span)
        if len(self._waiting) >= BATCH:
            self._wake.set()

    def close(self) -> None:
        """Sends what waits, for CLOSE_SECONDS at most."""
        self._closing.set()
        self._wake.set()
        self._thread.join(CLOSE_SECONDS)
        self._sender.shutdown()

    def _serve(self) -> None:
        while not (self._closing.is_set() and not self._waiting):
            if not self._closing.is_set():
                self._wake.wait(EVERY_SECONDS)
                self._wake.clear()
            self._send_waiting()

    def _send_waiting(self) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            try:
                done = self._sender.export([self._encoded(span) for span in batch]) is self._results.SUCCESS
            except Exception:  # whatever a library raises: the thread must go on
                done = False
            (metrics.spans_sent if done else metrics.spans_lost).inc(len(batch))
            self._say(done)
            if not done and self._closing.is_set():
                self._waiting.clear()

    def _say(self, done: bool) -> None:
        """A line when the collector goes away, and one when it is back; not one for each batch."""
        if done is not self._is_away:
            return
        self._is_away = not done
        if done:
            log.info("traces_are_sent_again")
        else:
            log.warning("traces_not_sent", means="spans are lost until the collector of MAGPIE_OTLP_ENDPOINT answers")

    def _encoded(self, span: Span) -> Any:
        api, status = self._api, self._api.status
        failed = status.Status(status.StatusCode.ERROR, span.error) if span.error else status.Status()
        return self._sdk.ReadableSpan(
            name=span.name,
            context=self._context(span.traceparent),
            parent=self._context(span.parent) if span.parent else None,
            resource=self._resource,
            attributes=span.attributes,
            links=[api.Link(self._context(link)) for link in span.links],
            kind=api.SpanKind[span.kind.upper()],
            status=failed,
            start_time=span.began_ns,
            end_time=max(span.began_ns, span.ended_ns),
            instrumentation_scope=self._scope,
        )

    def _context(self, traceparent: str) -> Any:
        _, trace, span, flags = traceparent.split("-")
        return self._api.SpanContext(
            int(trace, 16), int(span, 16), is_remote=True, trace_flags=self._api.TraceFlags(int(flags, 16))
        )


def resource(name: str, version: str, replica: str | None) -> dict[str, str]:
    """Who a span is from, as OpenTelemetry names it."""
    instance = {"service.instance.id": replica} if replica else {}
    return {"service.name": name, "service.namespace": "magpie", "service.version": version, **instance}
