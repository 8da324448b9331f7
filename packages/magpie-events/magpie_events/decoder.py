"""From a record of Kafka to an event. CloudEvents 1.0, binary mode; a null value is an erasure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError

from .catalogue import EVENTS
from .envelope import Event

MAX_SEQUENCE = 2**63


class NotAnEvent(ValueError):
    """The record is not what the contract says. Set it aside and go on: it will not become better. The text names
    fields, never their content."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a record says."""

    type: str
    """For example `magpie.profile.published`."""
    id: str
    """The same when the record comes again."""
    key: str
    """Of what it is about: the id of a profile, a match, ..."""
    sequence: int
    """The revision of the key. The highest one is its state; what is not higher than yours is a repetition."""
    time: dt.datetime
    """When it happened, by the clock of the writer. Order is by `sequence`."""
    source: str
    correlation_id: str
    """What first caused this, over all services."""
    causation_id: str
    is_erasure: bool
    """Delete everything that you keep of the key."""
    event: Event | None
    """The state of the key; None for an erasure, and for a type that this version does not know: pass it over."""


def decode(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Received:
    """What a record says. Raises NotAnEvent."""
    named = _named(headers)
    type, model = named["ce_type"], EVENTS.get(named["ce_type"])
    if not key or key != named["ce_subject"].encode():
        raise NotAnEvent("the key is not ce_subject")
    event = None
    if value is not None and model is not None and issubclass(model, Event):
        event = _event(model, value)
    return Received(
        type=type,
        id=named["ce_id"],
        key=named["ce_subject"],
        sequence=_sequence(named["ce_sequence"]),
        time=_time(named["ce_time"]),
        source=named["ce_source"],
        correlation_id=named["ce_correlationid"],
        causation_id=named["ce_causationid"],
        is_erasure=value is None,
        event=event,
    )


_NEEDED = ("id", "type", "source", "subject", "time", "sequence", "correlationid", "causationid")


def _named(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    try:
        named = {name: value.decode() for name, value in headers if value is not None}
    except UnicodeDecodeError:
        raise NotAnEvent("a header is no UTF-8") from None
    missing = [name for part in _NEEDED if not named.get(name := f"ce_{part}")]
    if missing:
        raise NotAnEvent(f"it has no {missing[0]}")
    return named


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) < MAX_SEQUENCE):
        raise NotAnEvent("ce_sequence is no number")
    return int(text)


def _time(text: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        raise NotAnEvent("ce_time is no instant") from None
    if time.tzinfo is None:
        raise NotAnEvent("ce_time has no zone")
    return time


def _event(model: type[Event], value: bytes) -> Event:
    try:
        return model.model_validate_json(value)
    except ValidationError as error:
        where = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise NotAnEvent(f"{model.event_type}: {'.'.join(map(str, where['loc']))}: {where['type']}") from None
