"""Days to come, for tests whose services look at the clock: a date that stands in a test is over one day."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import holidays

AHEAD = 90
THURSDAY = 3


def _first() -> dt.date:
    """A Thursday in some months; it, the day before and the day after are holidays of neither country."""
    closed = [holidays.country_holidays(country) for country in ("KR", "CN")]
    found = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=AHEAD)
    while found.weekday() != THURSDAY or any(found + dt.timedelta(days=n) in of for of in closed for n in (-1, 0, 1)):
        found += dt.timedelta(days=1)
    return found


_FIRST = _first()


def day(n: int) -> str:
    """The day that is so many days after the first one, as ISO 8601 writes it."""
    return (_FIRST + dt.timedelta(days=n)).isoformat()


TOMORROW = f"{dt.datetime.now(ZoneInfo('Asia/Seoul')).date() + dt.timedelta(days=1)}T00:00:00Z"
"""When the next day has begun in Seoul. A meeting of today has rules of its own (it lapses sooner, and one may be early
enough to check in to it), and only a test that runs on a workday would meet one."""
EVE, FIRST_DAY, SECOND_DAY, THIRD_DAY = map(day, (-1, 0, 1, 2))
"""Of the tests' forum, and the days beside it."""
