"""CloudEvents 1.0 in Kafka's binary mode: an event becomes a row of the outbox, as it will be sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import lru_cache

from schemas.envelope import Event, Tombstone

from ..model.documents import AnyCollection, Doc
from ..model.events import JSON, MAX_EVENT_BYTES, SEQUENCE_DIGITS, Cause
from ..model.ids import derived_id
from ..model.refusals import Refused
from ..model.topic_names import TopicNames

RawHeaders = Sequence[Sequence[str | bytes | None]]
"""Pairs of name and value, where names may repeat and values may be null."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where an event stands: its topic, its aggregate, and its place in the order of that aggregate's events."""

    topic: str
    key: str
    sequence: int
    at: int
    """Microseconds; grows strictly with `sequence`, so rows of one aggregate sort in the order of its events."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event, its id, what it responds to and which service says it."""

    event: Event | Tombstone
    _: KW_ONLY
    id: str
    cause: Cause
    source: str


def aggregate_rows(collection: AnyCollection, doc: Doc, said: Said, names: TopicNames) -> list[Doc]:
    """The outbox rows of a write of an aggregate, one for each topic that says it; `doc` is the document as it will be
    stored. Raises Refused as `event_row`, and TypeError where the collection has no topic."""
    rows = []
    for n, (topic, event) in enumerate(collection.told(doc, said.event)):
        position = Position(topic=names.topic(topic), key=doc["_id"], sequence=doc["revision"], at=doc["at"])
        id = derived_id(said.id, topic) if n else said.id
        rows.append(event_row(replace(said, event=event, id=id), position, names))
    return rows


def event_row(said: Said, position: Position, names: TopicNames) -> Doc:
    """One outbox row: the record as it will be sent. Raises Refused for a body that no broker would take."""
    event, cause, id = said.event, said.cause, said.id
    body = None if isinstance(event, Tombstone) else event.model_dump_json(exclude_none=True).encode()
    if body is not None and len(body) > MAX_EVENT_BYTES:
        raise Refused("event-too-large", f"The event would be larger than {MAX_EVENT_BYTES} bytes; shorten its texts.")
    headers = {
        "content-type": JSON,
        "ce_specversion": "1.0",
        "ce_id": id,
        "ce_type": event.event_type,
        "ce_source": said.source,
        "ce_subject": position.key,
        "ce_time": _time(position.at),
        "ce_dataschema": names.schema(event.event_type),
        "ce_sequence": f"{position.sequence:0{SEQUENCE_DIGITS}d}",
        "ce_correlationid": cause.chain,
        "ce_causationid": cause.id,
    }
    if cause.traceparent:
        headers["traceparent"] = cause.traceparent
    if body is None:
        # CloudEvents' Kafka binding: without data there is no content type and no schema.
        del headers["content-type"], headers["ce_dataschema"]
    return row(position.topic, position.key.encode(), body, headers, at=position.at, id=id)


@lru_cache(maxsize=64)
def _time(at: int) -> str:
    """Cached, as most rows of a batch have the same instant."""
    return dt.datetime.fromtimestamp(at / 1_000_000, dt.UTC).isoformat(timespec="microseconds")


def row(
    topic: str, key: bytes | None, value: bytes | None, headers: Mapping[str, str] | RawHeaders, *, at: int, id: str
) -> Doc:
    """A row of the outbox. Rows are sent in the order of their `_id`, which begins with `at`."""
    return {"_id": f"{at:016x}:{id}", "topic": topic, "key": key, "value": value, "headers": headers}
