"""The spans of publications: each begins with its event and ends when Kafka has it, so its length is the wait in the
outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from ..model.documents import Doc
from ..model.events import known_trace
from ..ops.traces import Origin, Span, Traces


def begin_spans(traces: Traces, rows: Sequence[Doc]) -> list[Span]:
    """A span for each row whose trace is recorded. The row's `traceparent` becomes that of the span, so that readers
    continue there. A row that is sent again has the same span again, and stays the same record."""
    found = list[Span]()
    for row in rows if traces.are_on else ():
        headers = row["headers"]
        # A dead letter has raw headers, and belongs to the span of its record.
        if isinstance(headers, Mapping) and (traceparent := known_trace(headers.get("traceparent"))):
            span = _span(traces, row, traceparent)
            if span is not None:
                row["headers"] = {**headers, "traceparent": span.traceparent}
                found.append(span)
    return found


def _span(traces: Traces, row: Doc, traceparent: str) -> Span | None:
    (at, _, id), headers = row["_id"].partition(":"), row["headers"]
    origin = Origin(
        traceparent=traceparent,
        span_id=hashlib.blake2b(id.encode(), digest_size=8).hexdigest(),
        began_ns=int(at, 16) * 1000,
    )
    return traces.begin(
        f"publish {row['topic']}",
        "producer",
        origin,
        messaging__system="kafka",
        messaging__operation__type="send",
        messaging__destination__name=row["topic"],
        messaging__kafka__message__key=row["key"].decode(),
        messaging__message__id=id,
        magpie__event=headers["ce_type"],
        magpie__correlation=headers["ce_correlationid"],
    )
