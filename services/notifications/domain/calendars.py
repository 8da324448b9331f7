"""Public holidays and working days of the two countries. Not matching's calendar: that one asks when both work."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import holidays

KNOWN = ("KR", "CN")


@lru_cache(maxsize=64)
def _official(country: str, year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    """(days off, make-up working days) of a year."""
    calendar = holidays.country_holidays(country, years=year)
    made_up = {day for day in getattr(calendar, "weekend_workdays", ()) if day.year == year}
    return frozenset(day for day in calendar if day.year == year) - made_up, frozenset(made_up)


def is_public_holiday(country: str, day: dt.date) -> bool:
    """An official day off; a plain weekend is none. A country that is not known has no holidays."""
    return country in KNOWN and day in _official(country, day.year)[0]


def is_working_day(country: str, day: dt.date) -> bool:
    """A weekday that is no holiday, or a weekend day that makes up for one (调休)."""
    if country in KNOWN and day in _official(country, day.year)[1]:
        return True
    return day.weekday() < 5 and not is_public_holiday(country, day)
