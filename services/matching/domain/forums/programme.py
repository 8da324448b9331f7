"""When people meet: days with their slots, talks that occupy their speakers, interpreters with their hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from schemas.profiles import Names

from ..agenda import Busy
from ..calendar import LENGTH, on_grid
from .venue import Moment, Part, PlaceId

MAX_DAYS, MAX_BREAKS, MAX_TALKS, MAX_SPEAKERS = 7, 8, 200, 10
MAX_INTERPRETERS, MAX_HOURS, MAX_LANGUAGE_PAIRS = 200, 30, 3
MAX_CHANGE_OVER = 60
"""Minutes between two meetings, at most."""
Language = Literal["ko", "zh", "en"]


def _is_a_date(text: str) -> str:
    dt.date.fromisoformat(text)
    return text


Date = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_is_a_date)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of day of the forum's zone: `09:00`."""
PersonId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
"""The pseudonym of a person, never a name. A member's is as a token has it (`Pseudonym`, which requests are held to);
what was stored earlier, and an interpreter's, may have capitals and underscores."""


class Span(Busy):
    """A half-open interval between two instants."""

    start: Moment
    end: Moment


class Break(Part):
    """A time of day without meetings, lunch for example."""

    start: Clock
    end: Clock


class Day(Part):
    """A day of a forum: from when until when people meet, in the forum's zone."""

    date: Date
    opens: Clock
    closes: Clock
    breaks: Sequence[Break] = []

    def span(self, zone: ZoneInfo) -> Span:
        """From its first to its last moment, in UTC."""
        return self._between(self.opens, self.closes, zone)

    def pauses(self, zone: ZoneInfo) -> list[Span]:
        """Its breaks, in UTC."""
        return [self._between(pause.start, pause.end, zone) for pause in self.breaks]

    def slots(self, zone: ZoneInfo, change_over: int) -> Iterator[dt.datetime]:
        """The starts of its meetings in UTC, in order: one after the other with the change-over between them, counted
        from its opening and again from the end of each break, or of the change-over if that is longer, on the grid."""
        day, pauses = self.span(zone), sorted(self.pauses(zone), key=lambda pause: pause.start)
        at = earliest = day.start
        while at + LENGTH <= day.end:
            pause = next((p for p in pauses if p.overlaps(at, at + LENGTH)), None)
            if pause is None:
                yield at
                earliest = at + LENGTH + dt.timedelta(minutes=change_over)
            at = on_grid(max(pause.end, earliest)) if pause else earliest

    def _between(self, start: str, end: str, zone: ZoneInfo) -> Span:
        return Span(start=self._instant(start, zone), end=self._instant(end, zone))

    def _instant(self, clock: str, zone: ZoneInfo) -> dt.datetime:
        return dt.datetime.fromisoformat(f"{self.date}T{clock}").replace(tzinfo=zone).astimezone(dt.UTC)


class Speaker(Part):
    """Who speaks: a delegate of a profile, or, without a member, all of them."""

    profile_id: str
    member_id: PersonId | None = None

    def is_also(self, other: Speaker) -> bool:
        """Whether somebody speaks as both."""
        is_anyone = None in (self.member_id, other.member_id)
        return self.profile_id == other.profile_id and (is_anyone or self.member_id == other.member_id)


class Talk(Span):
    """A talk. Its speakers meet no one meanwhile, and its room is taken."""

    id: PlaceId
    titles: Names = Names()
    speakers: Sequence[Speaker] = []
    room: PlaceId | None = None

    def shares_speaker(self, other: Talk) -> bool:
        """Whether somebody speaks in both."""
        return any(one.is_also(another) for one in self.speakers for another in other.speakers)

    def without_speaker(self, profile_id: str) -> Talk:
        """The talk without this profile."""
        return self.model_copy(update={"speakers": [one for one in self.speakers if one.profile_id != profile_id]})


class Interpreter(Part):
    """An interpreter: a pseudonym, between which languages, when, and how many meetings in a row at most."""

    id: PersonId
    pairs: Sequence[tuple[Language, Language]]
    hours: Sequence[Span] = []
    """Empty: whenever the forum is open."""
    max_in_row: Annotated[int, Field(ge=1, le=50)] = 4
    attendance: Literal["onsite", "remote"] = "onsite"

    def speaks(self, one: str, other: str) -> bool:
        """Whether it interprets between these two languages, in both directions."""
        return any({one, other} == set(pair) for pair in self.pairs)

    def works(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether it is there for the whole of this time; hours that touch are as one."""
        at = start
        for span in sorted(self.hours, key=lambda span: span.start):
            at = span.end if span.start <= at < span.end else at
        return not self.hours or at >= end
