"""The base classes of all events. This module needs only pydantic and the standard library, so it can be vendored."""

from __future__ import annotations

import re
from functools import cache
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

VERSION = "v1"
SCHEMA_BASE = "https://magpie.example/schemas"
"""Below it the schemas of an installation have their URIs, unless MAGPIE_SCHEMA_BASE names another one."""
Side = Literal["reader", "writer"]
"""Of the two schemas of an event, the reader's is open: it takes fields and values that a later version adds. The
writer's is closed: it takes only what this version knows."""


class Event(BaseModel):
    """Base of all events that have a body.

    `event_type` is the name on the wire (`ce_type`); `topic` is the name of the topic without prefix, and with its
    version if that is not the first one (`things.v2`; its events end so, too).
    Writers are strict: the writer's JSON Schema allows no other fields, so a misspelt one is an error. Readers are
    tolerant: they ignore fields that a later version adds, and so does the reader's schema."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    event_type: ClassVar[str]
    topic: ClassVar[str]


class Tombstone:
    """Base of all erasures: a record with null value, `ce_` headers and the next sequence.

    After it the key has no state; readers delete what they stored of it."""

    event_type: ClassVar[str]
    topic: ClassVar[str]


@cache
def version_of(name: str) -> str:
    """The version that the name of an event or topic ends with (`things.v2`); names of the first one have none."""
    last = name.rpartition(".")[2]
    return last if re.fullmatch("v[1-9][0-9]*", last) else VERSION


def schema_path(event_type: str, side: Side) -> str:
    """Where a schema is below the base, in the folder `json`, and in the published registry."""
    return f"{version_of(event_type)}/{side}/{event_type}.json"


def schema_uri(event_type: str, *, side: Side = "reader", base: str = SCHEMA_BASE) -> str:
    """The identity of a schema: its `$id`, and, for the reader's, the value of `ce_dataschema`."""
    return f"{base}/{schema_path(event_type, side)}"
