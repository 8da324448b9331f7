"""Two working calendars: the hours in which both countries work (docs/rules.md, section 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from zoneinfo import ZoneInfo

import holidays
import holidays.countries  # now: at the first look it would hold the event loop for a second

from schemas import calendars as contract
from services.chassis.model import Document, Invalid, InvalidState

ZONES = {"KR": ZoneInfo("Asia/Seoul"), "CN": ZoneInfo("Asia/Shanghai")}
STEP = dt.timedelta(minutes=10)
LENGTH = dt.timedelta(minutes=20)
LIBRARY_VERSION = f"holidays {version('holidays')}"
ALMANAC_UNTIL = 2027
"""Korea's almanac (월력요항) has been published up to this year; later ones come with a later version of the
library."""
# Working hours 09:00-18:00 in each country, without its lunch 12:00-13:00.
_WORK = ((dt.time(9), dt.time(12)), (dt.time(13), dt.time(18)))


@dataclass(frozen=True)
class Window:
    """A half-open interval."""

    start: dt.datetime
    end: dt.datetime


@lru_cache(maxsize=64)
def _official(country: str, year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """Days off and make-up working days of a year. The library also lists make-up days of some other years, so they
    are filtered."""
    calendar = holidays.country_holidays(country, years=year)
    made_up = {day for day in getattr(calendar, "weekend_workdays", ()) if day.year == year}
    return frozenset(day for day in calendar if day.year == year), frozenset(made_up)


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: those of the library, and what a table of holidays says that was loaded since.

    `days` has by country the days of the table, and whether each is worked; `announced` the years whose official notice
    the table contains. `version` names the table."""

    version: str | None = None
    days: Mapping[str, Mapping[dt.date, bool]] = field(default_factory=dict)
    announced: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def is_working_day(self, country: str, day: dt.date) -> bool:
        """Whether a country works on this day: a weekday without a holiday, or a make-up day."""
        said = self.days.get(country, {}).get(day)
        if said is not None:
            return said
        off, made_up = _official(country, day.year)
        return day in made_up or (day.weekday() < 5 and day not in off)

    def is_provisional(self, year: int) -> bool:
        """Whether a year has no official notice yet: China's make-up days or Korea's almanac are missing."""
        # China announces a year's make-up days in the autumn before; until then the library knows none.
        known = {"CN": bool(_official("CN", year)[1]), "KR": year <= ALMANAC_UNTIL}
        return any(not is_known and year not in self.announced.get(c, ()) for c, is_known in known.items())

    def certain_until(self, today: dt.date) -> dt.datetime:
        """The beginning of the first year, from this one on, that is provisional."""
        year = next((y for y in range(today.year, today.year + 5) if self.is_provisional(y)), today.year + 5)
        return dt.datetime(year, 1, 1, tzinfo=ZONES["KR"])


LIBRARY = WorkCalendar()
"""Without any table."""


class HolidayTable(Document):
    """A table of holidays that was loaded while running, whole; there is one. Days are ISO 8601 dates."""

    version: str = ""
    days: dict[str, dict[str, bool]] = {}
    announced: dict[str, list[int]] = {}

    def calendar(self) -> WorkCalendar:
        """The library's calendar, corrected by this table."""
        days = {c: {dt.date.fromisoformat(day): works for day, works in of.items()} for c, of in self.days.items()}
        announced = {country: frozenset(years) for country, years in self.announced.items()}
        return WorkCalendar(self.version or None, days, announced)


def to_event(table: HolidayTable) -> contract.CalendarUpdated:
    """The event that says which table is loaded."""
    return contract.CalendarUpdated(
        calendar_id=table.id, version=table.version, days=table.days, announced=table.announced
    )


def common_windows(start: dt.datetime, end: dt.datetime, calendar: WorkCalendar = LIBRARY) -> Iterator[Window]:
    """The windows in which both countries work, whole, that touch the time between two instants, in order."""
    day = start.astimezone(ZONES["KR"]).date() - dt.timedelta(days=1)
    while day <= end.astimezone(ZONES["KR"]).date():
        for korean in _working(day, "KR", calendar):
            for chinese in _working(day, "CN", calendar):
                low, high = max(korean.start, chinese.start), min(korean.end, chinese.end)
                if low < high and low < end and start < high:
                    yield Window(low, high)
        day += dt.timedelta(days=1)


def _working(day: dt.date, country: str, calendar: WorkCalendar) -> list[Window]:
    if not calendar.is_working_day(country, day):
        return []
    zone = ZONES[country]
    return [
        Window(
            dt.datetime.combine(day, low, zone).astimezone(dt.UTC),
            dt.datetime.combine(day, high, zone).astimezone(dt.UTC),
        )
        for low, high in _WORK
    ]


def starts(start: dt.datetime, end: dt.datetime, calendar: WorkCalendar = LIBRARY) -> Iterator[dt.datetime]:
    """The starts from one instant on and before another, on the ten-minute grid, at which a whole meeting fits into the
    common hours. Only the starts lie between the two: so what is asked for in pieces equals the whole."""
    for window in common_windows(start, end, calendar):
        at = max(on_grid(window.start), on_grid(start))
        while at + LENGTH <= window.end and at < end:
            yield at
            at += STEP


def on_grid(at: dt.datetime) -> dt.datetime:
    """The instant itself if it is on the grid, or else the next one that is."""
    # Both zones are whole hours from UTC, so UTC and both local times have the same grid.
    past = dt.timedelta(minutes=at.minute % 10, seconds=at.second, microseconds=at.microsecond)
    return at if not past else at - past + STEP


def is_common(start: dt.datetime, calendar: WorkCalendar = LIBRARY) -> bool:
    """Whether a meeting with this start lies in the common hours. Lists and requests use the same rule."""
    return next(starts(start, start + STEP, calendar), None) == start


def closed_country(start: dt.datetime, calendar: WorkCalendar = LIBRARY) -> str | None:
    """A country that does not work on the day of this start, or None."""
    for country, zone in ZONES.items():
        if not calendar.is_working_day(country, start.astimezone(zone).date()):
            return country
    return None


def must_be_to_come(start: dt.datetime, now: dt.datetime) -> None:
    """Raises Invalid for a start that is off the grid or past."""
    if on_grid(start) != start:
        raise Invalid("A meeting starts on the ten-minute grid (10:00, 10:10, ...).", pointer="/start")
    if start <= now:
        raise Invalid("A meeting starts in the future.", pointer="/start")


def must_be_common(start: dt.datetime, calendar: WorkCalendar) -> None:
    """Raises Invalid for a start outside the common working hours."""
    if not is_common(start, calendar):
        raise Invalid("Both sides do not work then; take a start from GET /v1/slots.", pointer="/start")


def must_be_worked(start: dt.datetime, state: str, calendar: WorkCalendar) -> None:
    """Raises InvalidState (`day-off`) for a day on which one country does not work any more. `state`: the meeting's."""
    country = closed_country(start, calendar)
    if country is not None:
        detail = f"That day is no working day in {country} any more; the request stays open, ask for another time."
        raise InvalidState("day-off", detail, extra={"state": state, "country": country})
