"""Public holidays and working days of South Korea and China, for deciding when a mail may be sent: by the library, and
by the table of holidays that was loaded since.

The matching service has a calendar of its own, which answers another question: on which days both sides work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import holidays
import holidays.countries  # now: at the first look it would hold the event loop for a second

COUNTRIES = ("KR", "CN")
ONE_DAY = dt.timedelta(days=1)
WHOLE = frozenset({"CN"})
"""Where a notice makes one holiday of the days off and of the weekend that they touch (1 to 7 October)."""


@lru_cache(maxsize=64)
def _official_days(country: str, year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """(days off, make-up working days) of a year."""
    calendar = holidays.country_holidays(country, years=year)
    make_up_days = {day for day in getattr(calendar, "weekend_workdays", ()) if day.year == year}
    return frozenset(day for day in calendar if day.year == year) - make_up_days, frozenset(make_up_days)


@dataclass(frozen=True)
class WorkCalendar:
    """The library's calendar, corrected by a table: `days` has by country and date (ISO 8601) whether it is worked."""

    days: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)

    def is_public_holiday(self, country: str, day: dt.date) -> bool:
        """Whether the day is an official day off, or of a weekend between two, or of one that belongs to a holiday
        (WHOLE). An ordinary weekend is not one. A country neither in COUNTRIES nor in the table has no holidays."""
        if self.is_working_day(country, day):
            return False
        if self._is_official(country, day):
            return True
        touches = [self._touches(country, day, step) for step in (-ONE_DAY, ONE_DAY)]
        return any(touches) if country in WHOLE else all(touches)

    def _touches(self, country: str, day: dt.date, step: dt.timedelta) -> bool:
        """Whether the days that are not worked from here, in one direction, come to an official day off."""
        while not self.is_working_day(country, day):
            if self._is_official(country, day):
                return True
            day += step
        return False

    def _is_official(self, country: str, day: dt.date) -> bool:
        said = self._said(country, day)
        if said is not None:
            return not said
        return country in COUNTRIES and day in _official_days(country, day.year)[0]

    def is_working_day(self, country: str, day: dt.date) -> bool:
        """Whether people work: on a weekday that is no holiday, or on a weekend day that makes up for one (调休)."""
        said = self._said(country, day)
        if said is not None:
            return said
        if country in COUNTRIES and day in _official_days(country, day.year)[1]:
            return True
        return day.weekday() < 5 and not self._is_official(country, day)

    def _said(self, country: str, day: dt.date) -> bool | None:
        return self.days.get(country, {}).get(day.isoformat())


LIBRARY = WorkCalendar()
"""Without any table."""
