"""A record of the contract as the services see it: what it says, and what caused it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)
MAX_EVENT_BYTES = 900_000
"""Below the 1,048,576 bytes that a broker takes by default, with room for headers and framing."""
SEQUENCE_DIGITS = 20
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Cause:
    """What a decision responds to: an event, a command or a job. The ids of whatever it makes derive from `id`."""

    id: str
    correlation: str = ""
    traceparent: str = ""
    by_person: bool = False
    """Deciding again may then use other ids: the caller has not seen the first ones."""

    @property
    def chain(self) -> str:
        """The correlation id: that of the first cause in the chain."""
        return self.correlation or self.id


@dataclass(frozen=True, slots=True)
class Incoming(Generic[T_co]):
    """A record that could be read. `sequence` is the revision of its aggregate at the source; `data` is None for a
    tombstone."""

    id: str
    type: str
    topic: str
    key: str
    sequence: int
    time: dt.datetime
    data: T_co
    cause: Cause
