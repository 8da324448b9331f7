"""All that an organiser defines of a forum, and whether it fits together."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from schemas.profiles import Names
from services.chassis.model import Invalid

from ..calendar import ZONES, on_grid
from .offer_terms import OfferTerms
from .programme import MAX_CHANGE_OVER, Day, Interpreter, Span, Talk
from .venue import Hall, Part, Room, Table, Walk, walking_minutes

Mode = Literal["onsite", "remote", "hybrid"]
DEFAULT_CHANGE_OVER = 10


class ForumSetup(Part):
    """A forum as it is defined. Days are in order; tables, rooms and halls are named as on their signs."""

    names: Names
    mode: Mode = "onsite"
    zone: str
    days: Sequence[Day]
    change_over: Annotated[int, Field(ge=0, le=MAX_CHANGE_OVER, multiple_of=10)] = DEFAULT_CHANGE_OVER
    """Minutes between the end of a meeting and the next slot."""
    halls: Sequence[Hall] = []
    walks: Sequence[Walk] = []
    tables: Sequence[Table] = []
    rooms: Sequence[Room] = []
    interpreters: Sequence[Interpreter] = []
    talks: Sequence[Talk] = []
    offers: OfferTerms = OfferTerms()

    @property
    def tz(self) -> ZoneInfo:
        """Its zone."""
        return ZoneInfo(self.zone)

    @property
    def span(self) -> Span:
        """From the opening of its first day to the close of its last one."""
        return Span(start=self.days[0].span(self.tz).start, end=self.days[-1].span(self.tz).end)

    @property
    def open_hours(self) -> list[Span]:
        """From the opening to the close of each day."""
        return [day.span(self.tz) for day in self.days]

    def slots(self) -> list[dt.datetime]:
        """The starts of all its meetings in UTC, in order."""
        return [start for day in self.days for start in day.slots(self.tz, self.change_over)]

    def date_of(self, start: str) -> str:
        """The day of an instant (ISO 8601) by the forum's zone."""
        return dt.datetime.fromisoformat(start).astimezone(self.tz).date().isoformat()

    def touches(self, span: Span) -> bool:
        """Whether this time has a part on one of its dates, by its zone."""
        first, last = (at.astimezone(self.tz).date().isoformat() for at in (span.start, span.end))
        return any(first <= day.date <= last for day in self.days)

    def walking_minutes(self, one: str, other: str) -> int:
        """Minutes from one hall to another."""
        return walking_minutes(self.walks, one, other)

    def takes(self, attendance: str) -> bool:
        """Whether one may take part in this way, `onsite` or `remote`."""
        return self.mode in ("hybrid", attendance)


def must_fit_together(setup: ForumSetup, stored: ForumSetup | None = None) -> None:
    """Raises Invalid, with the field, for the first thing that does not fit: what to do stands in the text. Hours of
    interpreters that are stored may be on any date; so may talks, and the terms of offers stay as they are stored."""
    if not any((setup.names.ko, setup.names.zh, setup.names.en)):
        raise Invalid("A forum has a name in one language at least.", pointer="/names")
    _must_be_named_once(setup)
    for at, day in enumerate(setup.days):
        _must_be_a_day(day, at, setup)
    if sorted({day.date for day in setup.days}) != [day.date for day in setup.days]:
        raise Invalid("The days stand in order, each once.", pointer="/days")
    _must_be_in_a_hall(setup)
    _must_be_said_once(setup.walks)
    known = {span for one in (stored.interpreters if stored else ()) for span in one.hours}
    for at, interpreter in enumerate(setup.interpreters):
        _must_interpret(interpreter, f"/interpreters/{at}")
        if not all(span in known or setup.touches(span) for span in interpreter.hours):
            detail = "Hours are on a date of the forum; look at the dates, the year too."
            raise Invalid(detail, pointer=f"/interpreters/{at}/hours")
    for at, talk in enumerate(setup.talks):
        _must_be_a_talk(talk, at, setup)
        if stored is None or talk not in stored.talks:
            _must_be_given(talk, at, setup)
    if stored is None or (stored.offers, stored.days, stored.zone) != (setup.offers, setup.days, setup.zone):
        _must_be_offered(setup)


def _must_be_named_once(setup: ForumSetup) -> None:
    parts: dict[str, Iterable[str]] = {
        "halls": (hall.id for hall in setup.halls),
        "interpreters": (interpreter.id for interpreter in setup.interpreters),
        "talks": (talk.id for talk in setup.talks),
        # A sign at the door and one on the table must not say the same.
        "tables": [*(table.id for table in setup.tables), *(room.id for room in setup.rooms)],
    }
    for name, ids in parts.items():
        # People type A-1 and a-1 for the same sign.
        count = Counter(id.casefold() if name in ("halls", "tables") else id for id in ids)
        twice = [id for id, times in count.items() if times > 1]
        if twice:
            raise Invalid(f"{twice[0]} stands there twice; give each its own id.", pointer=f"/{name}")


def _must_be_a_day(day: Day, at: int, setup: ForumSetup) -> None:
    zone = setup.tz
    for field, span in (("", day.span(zone)), *((f"/breaks/{n}", p) for n, p in enumerate(day.pauses(zone)))):
        pointer = f"/days/{at}{field}"
        if span.start >= span.end:
            raise Invalid("It ends before it begins; exchange the two times.", pointer=pointer)
        if on_grid(span.start) != span.start:
            raise Invalid("Meetings start every ten minutes (09:00, 09:10, ...); choose such times.", pointer=pointer)
        if not span.overlaps(day.span(zone).start, day.span(zone).end):
            raise Invalid("The break is not within the hours of its day; look at its clock.", pointer=pointer)
    if not next(day.slots(zone, setup.change_over), None):
        raise Invalid("No meeting of 20 minutes fits into this day; let it last longer.", pointer=f"/days/{at}")


def _must_be_in_a_hall(setup: ForumSetup) -> None:
    halls = {hall.id for hall in setup.halls}
    named = [(f"/tables/{n}/hall", table.hall) for n, table in enumerate(setup.tables)]
    named += [(f"/rooms/{n}/hall", room.hall) for n, room in enumerate(setup.rooms)]
    named += [(f"/walks/{n}/halls", hall) for n, walk in enumerate(setup.walks) for hall in walk.halls]
    for pointer, hall in named:
        if hall not in halls:
            raise Invalid(f"There is no hall {hall}; define it under halls, or name another one.", pointer=pointer)


def _must_be_said_once(walks: Sequence[Walk]) -> None:
    for at, walk in enumerate(walks):
        if any(set(walk.halls) == set(other.halls) for other in walks[:at]):
            detail = f"The way between {' and '.join(walk.halls)} stands there twice; leave one of the two."
            raise Invalid(detail, pointer=f"/walks/{at}/halls")


def _must_interpret(interpreter: Interpreter, pointer: str) -> None:
    if any(one == other for one, other in interpreter.pairs) or not interpreter.pairs:
        raise Invalid('An interpreter has pairs of two languages: [["ko", "zh"]].', pointer=f"{pointer}/pairs")
    if any(span.start >= span.end for span in interpreter.hours):
        raise Invalid("Hours end after they begin; exchange the two times.", pointer=f"{pointer}/hours")


def _must_be_a_talk(talk: Talk, at: int, setup: ForumSetup) -> None:
    pointer = f"/talks/{at}"
    if talk.start >= talk.end:
        raise Invalid("A talk ends after it begins; exchange the two times.", pointer=pointer)
    if setup.date_of(talk.start.isoformat()) not in {day.date for day in setup.days}:
        raise Invalid("A talk is on a day of the forum, perhaps before it opens.", pointer=pointer)
    if talk.room is not None and talk.room not in {room.id for room in setup.rooms}:
        detail = f"There is no room {talk.room}; define it under rooms, or name another one."
        raise Invalid(detail, pointer=f"{pointer}/room")
    if any(
        talk.room and talk.room == other.room and talk.overlaps(other.start, other.end) for other in setup.talks[:at]
    ):
        detail = f"There is another talk in {talk.room} at that time; choose another room or time."
        raise Invalid(detail, pointer=f"{pointer}/room")


def _must_be_given(talk: Talk, at: int, setup: ForumSetup) -> None:
    """On dates of the forum to its end, by people who speak nowhere else meanwhile."""
    last = talk.end - dt.timedelta.resolution
    dates, day = {day.date for day in setup.days}, talk.start
    touched = {setup.date_of(last.isoformat())}
    while day < last and len(touched) <= len(dates):
        touched.add(setup.date_of(day.isoformat()))
        day += dt.timedelta(days=1)
    if not touched <= dates:
        raise Invalid("A talk ends on a day of the forum; look at its dates.", pointer=f"/talks/{at}/end")
    for n, other in enumerate(setup.talks):
        if n != at and talk.overlaps(other.start, other.end) and talk.shares_speaker(other):
            detail = f"A speaker of it speaks in {other.id} at that time; choose another time or speaker."
            raise Invalid(detail, pointer=f"/talks/{at}/speakers")


def _must_be_offered(setup: ForumSetup) -> None:
    if setup.offers.enabled and not setup.offers.can_offer(setup.slots(), setup.tz, [*ZONES.values()]):
        detail = (
            "On these terms no time that became free could be offered: outside the quiet hours of both countries there "
            "is too little time to answer. Shorten the time to answer or the quiet hours, or set enabled to false."
        )
        raise Invalid(detail, pointer="/offers")
