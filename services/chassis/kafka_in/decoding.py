"""CloudEvents 1.0 in Kafka's binary mode: from a record to an event of the contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from aiokafka import ConsumerRecord
from pydantic import BaseModel

from schemas.envelope import Event, Tombstone

from ..model.events import IDENTIFIER, JSON, MAX_SEQUENCE, SEQUENCE_DIGITS, Cause, Incoming, known_trace
from ..model.refusals import Unreadable

Record = ConsumerRecord[bytes | None, bytes | None]
EventType = type[Event] | type[Tombstone]
ATTRIBUTES = frozenset(
    {
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_time",
        "ce_sequence",
        "ce_correlationid",
        "content-type",
        "ce_datacontenttype",
        "traceparent",
    }
)
"""The headers that are read."""


def attributes(record: Record) -> dict[str, str]:
    """The headers that are read, as text. Raises Unreadable where one is null, doubled or not UTF-8; any other header
    may hold anything."""
    found: dict[str, str] = {}
    for name, value in record.headers:
        if name not in ATTRIBUTES:
            continue
        if name in found:
            raise Unreadable(f"The header {name} comes twice.")
        if value is None:
            raise Unreadable(f"The header {name} is null.")
        try:
            found[name] = value.decode()
        except UnicodeDecodeError:
            raise Unreadable(f"The header {name} is not UTF-8.") from None
    return found


def event_type(record: Record, found: Mapping[str, str]) -> str:
    """The `ce_type`. Raises Unreadable in structured mode, or where there is none."""
    if found.get("content-type", "").startswith("application/cloudevents"):
        raise Unreadable("Structured mode is not part of the contract; send binary mode, attributes as ce_ headers.")
    if type_ := found.get("ce_type"):
        return type_
    in_capitals = any(name.lower() == "ce_type" for name, _ in record.headers)
    hint = " Header names are lower case." if in_capitals else ""
    raise Unreadable(f"The header ce_type is missing.{hint}")


def decode(
    record: Record, found: Mapping[str, str], model: EventType, *, source: str | None = None
) -> Incoming[BaseModel | None]:
    """The record as an event. Raises Unreadable, or pydantic's ValidationError, if it is not what `model` and the
    contract say. `source`: the only producer of this topic; None takes any."""
    if not IDENTIFIER.fullmatch(found.get("ce_id", "")):
        raise Unreadable("The header ce_id is missing or empty, or is no identifier.")
    if source is not None and found.get("ce_source") != source:
        raise Unreadable(f"The source is not {source}, which alone writes this topic.")
    if not record.key:
        raise Unreadable("The record has no key.")
    content = found.get("content-type") or found.get("ce_datacontenttype") or JSON
    if content.partition(";")[0].strip().lower() != JSON:
        raise Unreadable("The content type is not application/json.")
    try:
        key = record.key.decode()
    except UnicodeDecodeError:
        raise Unreadable("The key is not UTF-8.") from None
    return Incoming(
        id=found["ce_id"],
        type=found["ce_type"],
        topic=record.topic,
        key=key,
        sequence=_sequence(found.get("ce_sequence", "")),
        time=_time(found, record),
        data=_data(record.value, model),
        cause=cause_of(found, found["ce_id"]),
        value=record.value,
        headers=record.headers,
    )


def cause_of(found: Mapping[str, str], id: str) -> Cause:
    """What goes on into our own events must be an identifier, and never any text. Where the record brings no trace,
    only its span begins one: there is no caller to be told of it, and its correlation names all that follows."""
    correlation, act = found.get("ce_correlationid", ""), found.get("ce_type", "")
    return Cause(
        id,
        correlation if IDENTIFIER.fullmatch(correlation) else "",
        known_trace(found.get("traceparent")),
        act=act if IDENTIFIER.fullmatch(act) else "",
    )


def _data(value: bytes | None, model: EventType) -> BaseModel | None:
    if issubclass(model, Tombstone):
        if value is not None:
            raise Unreadable("An erasure has a null value; this one has a body.")
        return None
    if value is None:
        raise Unreadable("A null value is an erasure, but ce_type names another event.")
    return model.model_validate_json(value)


def _sequence(text: str) -> int:
    """As a number, because text order puts 10 before 9."""
    if not (text.isascii() and text.isdigit() and len(text) <= SEQUENCE_DIGITS):
        raise Unreadable("The header ce_sequence is not a number of at most 20 digits.")
    sequence = int(text)
    if sequence > MAX_SEQUENCE:
        raise Unreadable("The header ce_sequence is larger than any aggregate reaches.")
    return sequence


def _time(found: Mapping[str, str], record: Record) -> dt.datetime:
    """`ce_time`, or else the time that Kafka gave the record."""
    try:
        time_ = dt.datetime.fromisoformat(found["ce_time"])
    except (KeyError, ValueError):
        return dt.datetime.fromtimestamp(record.timestamp / 1000, dt.UTC)
    return time_ if time_.tzinfo else time_.replace(tzinfo=dt.UTC)
