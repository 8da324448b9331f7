"""The base classes of all events. This module needs only pydantic and the standard library, so it can be vendored."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

VERSION = "v1"


class Event(BaseModel):
    """Base of all events that have a body.

    `event_type` is the name on the wire (`ce_type`); `topic` is the name of the topic without prefix and version.
    Writers are strict: the JSON Schema allows no other fields, so a misspelt one is an error. Readers are tolerant:
    they ignore fields that a later version adds."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_type: ClassVar[str]
    topic: ClassVar[str]


class Tombstone:
    """Base of all erasures: a record with null value, `ce_` headers and the next sequence.

    After it the key has no state; readers delete what they stored of it."""

    event_type: ClassVar[str]
    topic: ClassVar[str]


def schema_name(event: type[Event] | type[Tombstone]) -> str:
    """The value of `ce_dataschema`: the path of the event's JSON Schema, relative to the root of the contract."""
    return f"/magpie/schemas/{VERSION}/{event.event_type}.json"
