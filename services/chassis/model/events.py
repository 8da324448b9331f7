"""A record of the contract as the services see it: what it says, and what caused it."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .ids import fresh_id

T_co = TypeVar("T_co", covariant=True)
MAX_EVENT_BYTES = 900_000
"""Below the 1,048,576 bytes that a broker takes by default, with room for headers and framing."""
SEQUENCE_DIGITS = 20
MAX_SEQUENCE = 100_000_000
"""No aggregate is written this often; 2^63 - 1, which MongoDB could store, would block its key for good."""
JSON = "application/json"


TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
IDENTIFIER = re.compile(r"[A-Za-z0-9._:/|-]{1,200}")
"""What an id or a correlation of a foreign record may be: it goes on into our own events."""


def known_trace(header: str | None) -> str:
    """A traceparent of the W3C's form as it is; empty for anything else, because a header is a caller's text and goes
    on to public topics."""
    return header if header is not None and TRACEPARENT.fullmatch(header) else ""


def trace_of(header: str | None) -> str:
    """`known_trace`, or the beginning of a new trace."""
    return known_trace(header) or f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


@dataclass(frozen=True, slots=True)
class Cause:
    """What a decision responds to: an event, a command or a job. The ids of whatever it makes derive from `id`."""

    id: str
    correlation: str = ""
    traceparent: str = ""
    by_person: bool = False
    """Deciding again may then use other ids: the caller has not seen the first ones."""
    act: str = ""
    """What it is, for logs: a method and a route's template, the type of an event, a kind of job."""

    @classmethod
    def of_a_person(cls, act: str = "", traceparent: str = "") -> Cause:
        """What a person has caused just now; with `traceparent` (valid) in a trace that is there, else in a new one."""
        return cls(fresh_id(), traceparent=traceparent or trace_of(None), by_person=True, act=act)

    @property
    def chain(self) -> str:
        """The correlation id: that of the first cause in the chain."""
        return self.correlation or self.id


@dataclass(frozen=True, slots=True)
class Incoming(Generic[T_co]):
    """A record that could be read. `sequence` is the revision of its aggregate at the source; `data` is None for a
    tombstone. `value` and `headers` are the record's own bytes, for what hands it on as it came."""

    id: str
    type: str
    topic: str
    key: str
    sequence: int
    time: dt.datetime
    data: T_co
    cause: Cause
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()
