"""Two working calendars: the hours in which both countries work (docs/rules.md, section 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

ZONES = {"KR": ZoneInfo("Asia/Seoul"), "CN": ZoneInfo("Asia/Shanghai")}
STEP = dt.timedelta(minutes=10)
LENGTH = dt.timedelta(minutes=20)
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


def is_working_day(country: str, day: dt.date) -> bool:
    """Whether a country works on this day: a weekday without a holiday, or a make-up day."""
    off, made_up = _official(country, day.year)
    if day in made_up:
        return True
    return day.weekday() < 5 and day not in off


def common_windows(start: dt.datetime, end: dt.datetime) -> Iterator[Window]:
    """The windows between two instants in which both countries work, in order."""
    day = start.astimezone(ZONES["KR"]).date() - dt.timedelta(days=1)
    while day <= end.astimezone(ZONES["KR"]).date():
        for korean in _working(day, "KR"):
            for chinese in _working(day, "CN"):
                low, high = max(korean.start, chinese.start, start), min(korean.end, chinese.end, end)
                if low < high:
                    yield Window(low, high)
        day += dt.timedelta(days=1)


def _working(day: dt.date, country: str) -> list[Window]:
    if not is_working_day(country, day):
        return []
    zone = ZONES[country]
    return [
        Window(
            dt.datetime.combine(day, low, zone).astimezone(dt.UTC),
            dt.datetime.combine(day, high, zone).astimezone(dt.UTC),
        )
        for low, high in _WORK
    ]


def starts(start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
    """The starts on the ten-minute grid at which a whole meeting fits into the common hours."""
    for window in common_windows(start, end):
        at = on_grid(window.start)
        while at + LENGTH <= window.end:
            yield at
            at += STEP


def on_grid(at: dt.datetime) -> dt.datetime:
    """The instant itself if it is on the grid, or else the next one that is."""
    # Both zones are whole hours from UTC, so UTC and both local times have the same grid.
    past = dt.timedelta(minutes=at.minute % 10, seconds=at.second, microseconds=at.microsecond)
    return at if not past else at - past + STEP


def is_common(start: dt.datetime) -> bool:
    """Whether a meeting with this start lies in the common hours. Lists and requests use the same rule."""
    return next(starts(start, start + LENGTH), None) == start


def closed_country(start: dt.datetime) -> str | None:
    """A country that does not work on the day of this start, or None."""
    for country, zone in ZONES.items():
        if not is_working_day(country, start.astimezone(zone).date()):
            return country
    return None


def is_provisional(year: int) -> bool:
    """Whether a year has no official notice yet: China's make-up days or Korea's almanac are missing."""
    # China announces a year's make-up days in the autumn before; until then the library knows none.
    return not _official("CN", year)[1] or year > ALMANAC_UNTIL
