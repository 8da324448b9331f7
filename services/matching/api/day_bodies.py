"""What is sent and answered about the day of a forum: what is away, what follows, what became free."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, model_validator

from services.chassis.commit import Answer
from services.chassis.http import Input, Output
from services.chassis.model import Instant

from ..domain.forum_plans.closures import ChangeKind, Closure
from ..domain.forum_plans.day_change import Consequences, DayChange
from ..domain.forum_plans.openings import OpeningBook
from ..domain.forum_plans.plan import PlanBook


class ChangeIn(Input):
    """What is away on the day: a table or room, an interpreter, or a delegate of a profile, from `start` to `end`; or a
    talk that takes some `minutes` longer (or is named with the `start` and `end` of these), with its speakers and its
    room. Without `confirm` nothing is done: the
    answer shows what would follow, and what to confirm."""

    kind: ChangeKind
    id: Annotated[str, Field(max_length=64)]
    profile_id: Annotated[str | None, Field(max_length=64)] = None
    start: Instant | None = None
    end: Instant | None = None
    minutes: Annotated[int | None, Field(ge=1, le=240)] = None
    confirm: Annotated[str | None, Field(max_length=64)] = None

    @model_validator(mode="after")
    def _is_a_day_change(self) -> ChangeIn:
        if self.kind == "talk":
            if (self.minutes is None) == (self.start is None and self.end is None) or self.profile_id:
                raise ValueError("is about a talk: give its minutes, or the start and the end of these; and no profile")
            if self.minutes is not None:
                return self
        if self.minutes is not None or self.start is None or self.end is None:
            raise ValueError("needs a start and an end; minutes are for talks")
        if not self.start < self.end <= self.start + dt.timedelta(days=7):
            raise ValueError("ends before it starts, or lasts longer than a week; correct its times")
        if (self.kind == "delegate") != (self.profile_id is not None):
            raise ValueError("names a profile where it is about a delegate, and only there")
        return self

    def change(self) -> DayChange | None:
        """As the domain knows it; None for minutes of a talk, whose end stands in the programme."""
        if self.start is None or self.end is None:
            return None
        start, end = self.start.astimezone(dt.UTC), self.end.astimezone(dt.UTC)
        return DayChange(self.kind, self.id, start, end, self.profile_id)


class MovedMeetingOut(Output):
    """A meeting that gets another time, place or interpreter."""

    meeting_id: str
    match_id: str
    from_start: dt.datetime
    from_place: str | None = None
    start: dt.datetime
    place: str | None = None
    interpreter: str | None = None


class LostMeetingOut(Output):
    """A meeting for which nothing is left; it is cancelled."""

    meeting_id: str
    match_id: str
    start: dt.datetime


class ConsequencesOut(Output):
    """What follows from a change: `moved` and `lost` meetings; `stay`: booked ones that nothing happens to. `confirm`:
    what to send to have just this done."""

    moved: list[MovedMeetingOut]
    lost: list[LostMeetingOut]
    stay: int
    confirm: str
    done: bool


def consequences_out(found: Consequences, *, done: bool) -> ConsequencesOut:
    """Consequences as they are shown."""
    moved = [
        MovedMeetingOut(
            meeting_id=one.id,
            match_id=one.match_id,
            from_start=one.start,
            from_place=one.venue.place,
            start=planned.start,
            place=planned.place,
            interpreter=planned.interpreter,
        )
        for one, planned in found.moved
    ]
    lost = [LostMeetingOut(meeting_id=one.id, match_id=one.match_id, start=one.start) for one in found.lost]
    return ConsequencesOut(moved=moved, lost=lost, stay=found.stay, confirm=found.fingerprint, done=done)


class AwayOut(Output):
    """What is away. Plans, offers and publications keep off it. `profile_id`: of a delegate."""

    kind: ChangeKind
    id: str
    profile_id: str | None = None
    start: dt.datetime
    end: dt.datetime


class AwayListOut(Output):
    """All that is away at a forum, and was said to be."""

    items: list[AwayOut]


def away_out(book: PlanBook | None) -> AwayListOut:
    """As it is shown."""
    closures = book.closures if book else []
    return AwayListOut(items=[_away(one) for one in closures])


def _away(one: Closure) -> AwayOut:
    profile = one.profiles[0] if one.kind == "delegate" else None
    return AwayOut(kind=one.kind, id=one.id, profile_id=profile, start=one.start, end=one.end)


def away_answer(book: PlanBook) -> Answer:
    """The answer to a command about it."""
    return Answer.of(away_out(book), subject=book.id)


class OpeningOut(Output):
    """A time that became free (`opening_id`: the meeting that was cancelled, or that was moved with its revision),
    and what was made of it: `looking` for a pair (until `until`, if quiet hours are waited for), `offered` to one
    (`meeting_id`, which may answer until then), `filled`, or `ended` (`why`: no_pair, which may be looked at again,
    too_near, offers_spent). `tried`: what became of earlier offers, by match."""

    opening_id: str
    start: dt.datetime
    place: str | None = None
    state: str
    meeting_id: str | None = None
    match_id: str | None = None
    until: dt.datetime | None = None
    tried: dict[str, str]
    why: str | None = None


class OpeningsOut(Output):
    """The times of a forum that became free and are still to come, in order."""

    items: list[OpeningOut]


def openings_out(book: OpeningBook | None, now: dt.datetime) -> OpeningsOut:
    """As they are shown."""
    known = book.to_come(now).openings if book else {}
    items = [
        OpeningOut(opening_id=id, meeting_id=one.offer, **one.model_dump(exclude={"offer"}))
        for id, one in sorted(known.items(), key=lambda item: (item[1].start, item[0]))
    ]
    return OpeningsOut(items=items)
