"""Who takes part in a forum: a profile with its delegates, its targets and whom it must meet. All private: members are
pseudonyms, and no event has them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from services.chassis.model import Document, Invalid, InvalidState

from .programme import Language, PersonId, Span
from .setup import ForumSetup
from .venue import Moment, Part

MAX_PARTICIPANTS, MAX_DELEGATES, MAX_MUST_MEETS, MAX_TARGET = 1000, 5, 20, 100
"""Profiles of a forum, delegates of a profile, profiles that it must meet, meetings that it may aim at."""
Attendance = Literal["onsite", "remote"]


class Delegate(Part):
    """A member who takes part for a profile. Without an arrival, or a leaving, it is there from the first moment, or to
    the last. Without languages it speaks those of its profile."""

    member_id: PersonId
    attendance: Attendance = "onsite"
    arrives_at: Moment | None = None
    leaves_at: Moment | None = None
    languages: Sequence[Language] = []

    def is_there(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether it has arrived by the start and leaves after the end."""
        arrived = self.arrives_at is None or self.arrives_at <= start
        return arrived and (self.leaves_at is None or end <= self.leaves_at)

    def comes_to(self, open_hours: Sequence[Span]) -> bool:
        """Whether it is there at any time at which a forum is open."""
        there = Span(start=self.arrives_at or open_hours[0].start, end=self.leaves_at or open_hours[-1].end)
        return there.start < there.end and any(there.overlaps(one.start, one.end) for one in open_hours)


class Targets(Part):
    """How many meetings a profile shall have at least, and may have at most."""

    minimum: Annotated[int, Field(ge=0, le=MAX_TARGET)] = 0
    maximum: Annotated[int, Field(ge=1, le=MAX_TARGET)] = MAX_TARGET


class Registration(Document):
    """A profile at a forum. `targets` and `must_meets` (profiles) are the organiser's."""

    forum_id: str
    profile_id: str
    owner: str
    """The organisation of the profile."""
    delegates: Sequence[Delegate]
    targets: Targets = Targets()
    must_meets: Sequence[str] = []

    def delegate(self, member_id: str) -> Delegate | None:
        """The delegate with this pseudonym."""
        return next((one for one in self.delegates if one.member_id == member_id), None)


class Roster(Document):
    """How many profiles are registered at a forum. Each new one writes it, so two cannot take one last place."""

    participants: int = 0

    def with_more(self, count: int) -> Roster:
        """With this many more, or fewer if it is negative. Raises InvalidState (forum-full)."""
        after = max(0, self.participants + count)
        if count > 0 and after > MAX_PARTICIPANTS:
            detail = f"A forum takes {MAX_PARTICIPANTS} participants, and {self.participants} are registered."
            raise InvalidState("forum-full", detail, extra={"participants": self.participants})
        return self.model_copy(update={"participants": after})


def registration_id(forum_id: str, profile_id: str) -> str:
    """The `_id` of a registration. Neither part has a slash."""
    return f"{forum_id}/{profile_id}"


def must_be_delegates(delegates: Sequence[Delegate], setup: ForumSetup) -> None:
    """Raises Invalid, with the place, for delegates that cannot take part in a forum like this."""
    if len({one.member_id for one in delegates}) != len(delegates):
        raise Invalid("A member stands there twice; name each once.", pointer="/delegates")
    for at, delegate in enumerate(delegates):
        wrong = why_not(delegate, setup)
        if wrong is not None:
            raise Invalid(wrong, pointer=f"/delegates/{at}")


def why_not(delegate: Delegate, setup: ForumSetup) -> str | None:
    """Why a delegate cannot take part in a forum like this, or None."""
    if not setup.takes(delegate.attendance):
        return f"The forum is {setup.mode}; no one takes part {delegate.attendance} there."
    if not delegate.comes_to(setup.open_hours):
        return "It is not there on any day of the forum; correct when it arrives and leaves."
    return None


def must_be_wishes(profile_id: str, targets: Targets, must_meets: Sequence[str]) -> None:
    """Raises Invalid for targets of which the minimum is above the maximum, and for a profile that must meet itself."""
    if targets.minimum > targets.maximum:
        raise Invalid("The minimum is above the maximum; exchange the two.", pointer="/minimum")
    if profile_id in must_meets:
        raise Invalid("A profile does not meet itself; leave it out.", pointer="/must_meets")
    if targets.maximum < len(set(must_meets)):
        raise Invalid("It must meet more profiles than its maximum allows; raise the maximum.", pointer="/maximum")
