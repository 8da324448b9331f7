"""Spans: who is whose child, what is not recorded, and that the exporter never holds anyone up."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from services.chassis.kafka_out.row_spans import begin_spans
from services.chassis.ops import metrics, otlp
from services.chassis.ops.otlp import OtlpExporter, open_traces
from services.chassis.ops.traces import OFF, Origin, Span, Traces, active, client_span
from tests.support.collector import Collector, collecting
from tests.support.waiting import eventually

GIVEN = f"00-{'ab' * 16}-{'cd' * 8}-01"


class Kept:
    """Keeps spans in a list."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def take(self, span: Span) -> None:
        self.spans.append(span)

    def close(self) -> None:
        """Has nothing to send."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def ended(traces: Traces, **attributes: str | int) -> None:
    span = traces.begin("a", "internal", Origin(), **attributes)
    assert span is not None
    span.end()


def a_row(id: str = "event-1", traceparent: str | None = GIVEN) -> dict[str, Any]:
    headers = {"ce_type": "magpie.match.proposed", "ce_correlationid": "act-1", "traceparent": traceparent}
    return {"_id": f"{1_700_000_000_000_000:016x}:{id}", "topic": "t", "key": b"match-1", "headers": headers}


def test_a_child_has_the_trace_of_its_parent_and_a_span_of_its_own() -> None:
    kept = Kept()
    span = Traces(kept).begin("a", "server", Origin(traceparent=GIVEN), http__route="/v1")
    assert span is not None and span.traceparent[:36] == GIVEN[:36] and span.traceparent[36:52] != "cd" * 8
    with active(Traces(kept), span.traceparent), client_span("ask", server__address="mail"):
        pass
    span.end(http__response__status_code=200)
    asked, answered = kept.spans
    assert asked.parent == span.traceparent and asked.attributes == {"server.address": "mail"}
    assert answered.attributes == {"http.route": "/v1", "http.response.status_code": 200}


def test_where_a_call_fails_its_span_says_the_class_and_nothing_else() -> None:
    kept = Kept()
    with pytest.raises(ValueError, match="kim@"), active(Traces(kept), GIVEN), client_span("ask"):
        raise ValueError("kim@example.com")
    assert (kept.spans[0].error, kept.spans[0].attributes) == ("ValueError", {})


@pytest.mark.parametrize("traces", [OFF, Traces(Kept())])
def test_nothing_is_recorded_where_traces_are_off_or_the_caller_does_not_record(traces: Traces) -> None:
    assert traces.begin("a", "server", Origin(traceparent=GIVEN[:-1] + "0")) is None
    assert (traces.begin("a", "server", Origin(traceparent=GIVEN)) is None) is (traces is OFF)
    with client_span("ask"):  # no one is at work here
        pass


def test_a_row_that_is_sent_again_has_the_same_span_and_stays_the_same_record() -> None:
    kept = Kept()
    first, again, other = a_row(), a_row(), a_row("event-2")
    spans = begin_spans(Traces(kept), [first, again, other])
    assert first == again and first["headers"]["traceparent"] != other["headers"]["traceparent"]
    assert first["headers"]["traceparent"][:36] == GIVEN[:36] and {span.parent for span in spans} == {GIVEN}
    assert spans[0].began_ns == 1_700_000_000_000_000_000


@pytest.mark.parametrize("traceparent", ["kim@example.com", "", None])
def test_rows_without_a_trace_and_dead_letters_are_left_as_they_are(traceparent: str | None) -> None:
    rows = [a_row(traceparent=traceparent), a_row() | {"headers": [["traceparent", b"x"]]}]
    before = [dict(row) for row in rows]
    assert begin_spans(Traces(Kept()), rows) == [] and rows == before


async def test_spans_arrive_at_a_collector(collector: Collector) -> None:
    traces = open_traces(f"{collector.url}/", {"service.name": "profiles"})
    parent = traces.begin("request", "server", Origin())
    assert parent is not None
    job = Origin(traceparent=parent.traceparent, links=(parent.traceparent,))
    child = traces.begin("job", "internal", job, magpie__job="embed", magpie__job__tries=2)
    assert child is not None
    child.end(error="failed")
    parent.end()
    traces.close()
    got, above = collector.spans
    assert (got.parent, got.trace, got.links) == (above.span, above.trace, (above.span,)) and not above.parent
    assert got.failed and not above.failed and (got.kind, above.kind) == ("internal", "server")
    assert got.attributes == {"magpie.job": "embed", "magpie.job.tries": 2} and got.service == "profiles"


@pytest.mark.parametrize("guarded", [True, False])
async def test_while_the_collector_hangs_memory_is_bounded_and_no_one_waits(
    guarded: bool, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp, "MAX_WAITING", 500 if guarded else 10**9)
    monkeypatch.setattr(otlp, "SEND_SECONDS", 2.0)
    exporter = OtlpExporter(f"{silent}/v1/traces", {"service.name": "x"})
    lost, began = metrics.spans_lost._value.get(), time.monotonic()
    for _ in range(5000):
        ended(Traces(exporter))
    assert time.monotonic() - began < 60, "one that waits for each would take hours"
    assert (len(exporter._waiting) <= 500) is guarded
    assert (metrics.spans_lost._value.get() - lost > 0) is guarded
    monkeypatch.setattr(otlp, "CLOSE_SECONDS", 0.1)
    exporter.close()
    # What its thread loses at last must not be counted in the next test.
    exporter._thread.join(10)
    assert not exporter._thread.is_alive()


async def test_a_collector_that_comes_back_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp, "SEND_SECONDS", 0.2)
    monkeypatch.setattr(otlp, "EVERY_SECONDS", 0.05)
    with collecting() as gone:
        pass
    exporter = OtlpExporter(f"{gone.url}/v1/traces", {"service.name": "x"})
    lost = metrics.spans_lost._value.get()
    ended(Traces(exporter))
    await eventually(lambda: metrics.spans_lost._value.get() > lost, "the span is lost")
    with collecting(int(gone.url.rpartition(":")[2])) as back:

        def arrives() -> bool:
            ended(Traces(exporter))
            return bool(back.spans)

        await eventually(arrives, "spans arrive again")
    exporter.close()


def test_without_an_endpoint_opentelemetry_is_not_even_imported() -> None:
    code = (
        "import sys; from services.chassis.ops.otlp import open_traces; import services.profiles.app\n"
        "assert not open_traces(None, {}).are_on\n"
        "assert not {'opentelemetry.sdk', 'opentelemetry.exporter'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
