"""What every event of the contract is. pydantic and the standard library only, so that others may vendor this."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

VERSION = "v1"


class Event(BaseModel):
    """The body of an event. `event_type` is its name on the wire (`ce_type`), `topic` the topic it belongs to. Writers
    are closed (a misspelt field is an error), readers open (a field from a later version is ignored): models are
    written with the fields named here and read with whatever else is there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    event_type: ClassVar[str]
    topic: ClassVar[str]


class Tombstone:
    """An erasure: null value, `ce_` headers, the next sequence. From here on the key holds nothing."""

    event_type: ClassVar[str]
    topic: ClassVar[str]


def schema_name(event: type[Event] | type[Tombstone]) -> str:
    """`ce_dataschema`: where the JSON Schema of a body stands below the contract's root."""
    return f"/magpie/schemas/{VERSION}/{event.event_type}.json"
