"""What a confirmation means: it books what its sender has seen, and nothing else (docs/rules.md, section 8).

Each side of a meeting may be asked several things in turn: a request, another venue, a move, another move. A
confirmation that does not say which of them it answers is only taken while there has been one."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from schemas.meetings import Venue
from services.chassis.model import InvalidState

MAX_KEPT = 40
"""Asks that a meeting remembers for a side; the present one is always among them."""
Asked = Mapping[str, Sequence[str]]
"""By side: what it was asked, oldest first, each as a key."""


class Move(BaseModel):
    """Another time that one side asks for. The present time stays booked until the other side confirms."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    start: dt.datetime
    end: dt.datetime
    venue: Venue
    asked_by: str
    asked_by_member: str
    lapses_at: dt.datetime


@dataclass(frozen=True)
class Meant:
    """What a confirmation says: a start, a venue, both or neither; `is_read`: the sender names the revision that it has
    read, so that it means the present ask."""

    start: dt.datetime | None = None
    venue: Venue | None = None
    is_read: bool = False


@dataclass(frozen=True)
class Ask:
    """What a side is asked to confirm now. `state` is that of the meeting."""

    start: dt.datetime
    venue: Venue
    state: str

    @property
    def key(self) -> str:
        """The same for equal asks. A digest: what is kept for comparing must not keep a text."""
        digest = hashlib.sha256(self.venue.model_dump_json().encode()).hexdigest()[:16]
        return f"{self.start.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ} {digest}"


def with_ask(asked: Asked, side: str, ask: Ask) -> dict[str, list[str]]:
    """What the sides were asked, with one more."""
    kept = [key for key in asked.get(side, ()) if key != ask.key]
    return {**{name: list(keys) for name, keys in asked.items()}, side: [*kept, ask.key][-MAX_KEPT:]}


def must_mean(meant: Meant, ask: Ask, asked: Sequence[str]) -> None:
    """Raises InvalidState (`another-ask`, with the present ask) unless the confirmation can only mean this ask. A venue
    that differs is the caller's concern: it asks back."""
    if meant.start is not None and meant.start != ask.start:
        raise _another(ask, "That is not the start that is asked for now")
    if meant.is_read:
        return
    others = [key for key in asked if key != ask.key]
    if meant.start is None and others:
        raise _another(ask, "You were asked something else before, so say which one you confirm")
    same_start = [key for key in others if key.partition(" ")[0] == ask.key.partition(" ")[0]]
    if meant.venue is None and same_start:
        raise _another(ask, "You were asked for this start at another venue before, so say which venue you confirm")


def is_another_venue(meant: Venue | None, present: Venue) -> bool:
    """Whether a confirmation names another venue. A second link that it leaves out is that of the present one, and so
    is the link of an online venue: it means the room that it was given."""
    if meant is None or meant == present:
        return False
    named = meant.model_dump(exclude_none=True)
    return present.model_dump(include=set(named)) != named


def _another(ask: Ask, why: str) -> InvalidState:
    detail = f"{why}; look at `present`, and send its start and venue, or If-Match with the ETag that you have read."
    present = {"start": ask.start.isoformat(), "venue": ask.venue.model_dump(mode="json", exclude_none=True)}
    return InvalidState("another-ask", detail, extra={"state": ask.state, "present": present})
