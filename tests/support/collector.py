"""A collector of OpenTelemetry spans: takes OTLP over HTTP, decodes it with the protocol's own definitions, and keeps
what it was sent."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from deploy.local.ports import HOST


@dataclass(frozen=True)
class Got:
    """A span as it arrived."""

    service: str
    name: str
    kind: str
    trace: str
    span: str
    parent: str
    links: tuple[str, ...]
    attributes: dict[str, Any]
    failed: bool
    seconds: float


@dataclass
class Collector:
    url: str
    spans: list[Got] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def of(self, trace: str) -> list[Got]:
        return [span for span in self.spans if span.trace == trace]

    def take(self, body: bytes) -> None:
        """Raises DecodeError for what is no OTLP."""
        self.raw.append(body)
        request = ExportTraceServiceRequest.FromString(body)
        for of_process in request.resource_spans:
            service = next(a.value.string_value for a in of_process.resource.attributes if a.key == "service.name")
            self.spans += [_got(service, span) for scope in of_process.scope_spans for span in scope.spans]


def _got(service: str, span: Sent) -> Got:
    return Got(
        service=service,
        name=span.name,
        kind=Sent.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace=span.trace_id.hex(),
        span=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        links=tuple(link.span_id.hex() for link in span.links),
        attributes={a.key: a.value.string_value or a.value.int_value for a in span.attributes},
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
    )


@contextmanager
def collecting(port: int = 0) -> Iterator[Collector]:
    """Takes spans while it is open; by default at a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf"
            found.take(body)
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer((HOST, port), Handler) as server:
        found = Collector(f"http://{HOST}:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield found
        finally:
            server.shutdown()
