"""Times of a forum that became free because a meeting was cancelled or moved, and what was made of them."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from services.chassis.model import Document

from ..forums.venue import Part
from ..meeting import Meeting

OpeningState = Literal["looking", "offered", "filled", "ended"]
Why = Literal["no_pair", "too_near", "offers_spent"]
MAX_OFFERS = 10
"""Of one opening; a pair gets it once at most."""
MAX_LOOKS = 6
"""After a look that has found no pair, when something has changed."""
MAX_OPENINGS = 300
"""Of a forum, those of past times not counted; more are not offered."""


class Opening(Part):
    """A time that became free. `offer`: the meeting that is offered, or filled it; `match_id`: its match; `until`: when
    its answers are too late, or until when quiet hours are waited for. `tried`: what became of earlier offers, by match
    (cancelled, lapsed, slot_taken, or how the match ended); `looks`: how often it was looked at again."""

    start: dt.datetime
    place: str | None = None
    state: OpeningState = "looking"
    offer: str | None = None
    match_id: str | None = None
    until: dt.datetime | None = None
    tried: dict[str, str] = {}
    why: Why | None = None
    looks: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done about it."""
        return self.state in ("filled", "ended")

    def offering(self, meeting: Meeting) -> Opening:
        """While this meeting is offered."""
        about = {"state": "offered", "offer": meeting.id, "match_id": meeting.match_id, "until": meeting.lapses_at}
        return self.model_copy(update=about)

    def answered(self, meeting: Meeting) -> Opening:
        """After the end of the offer: filled, or free for the next pair."""
        if meeting.state not in ("cancelled", "expired"):
            return self.model_copy(update={"state": "filled", "until": None})
        tried = {**self.tried, meeting.match_id: meeting.reason or meeting.state}
        free = {"state": "looking", "offer": None, "match_id": None, "until": None, "tried": tried}
        return self.model_copy(update=free)

    def waiting(self, until: dt.datetime) -> Opening:
        """While quiet hours last."""
        return self.model_copy(update={"until": until})

    def ended(self, why: Why) -> Opening:
        """It stays free."""
        return self.model_copy(update={"state": "ended", "until": None, "why": why})

    @property
    def may_be_looked_at_again(self) -> bool:
        """Whether a pair may be found after all, when something has changed."""
        return self.state == "ended" and self.why == "no_pair" and self.looks < MAX_LOOKS

    def looked_at_again(self) -> Opening:
        """While a pair is looked for once more."""
        return self.model_copy(update={"state": "looking", "why": None, "looks": self.looks + 1})


class OpeningBook(Document):
    """All openings of a forum, whose id it has, by their ids. Each offer writes it, so that two
    offers never want the same person, and no pair has two."""

    openings: dict[str, Opening] = {}

    def with_opening(self, id: str, opening: Opening) -> OpeningBook:
        """With this one as it is now."""
        return self.model_copy(update={"openings": {**self.openings, id: opening}})

    def to_come(self, now: dt.datetime) -> OpeningBook:
        """Without those whose time has begun."""
        kept = {id: one for id, one in self.openings.items() if one.start > now}
        return self if len(kept) == len(self.openings) else self.model_copy(update={"openings": kept})

    def offers(self) -> list[str]:
        """The meetings that are offered now."""
        return [one.offer for one in self.openings.values() if one.state == "offered" and one.offer is not None]

    def is_full(self) -> bool:
        """Whether no more openings fit in."""
        return len(self.openings) >= MAX_OPENINGS
