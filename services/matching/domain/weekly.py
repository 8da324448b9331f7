"""When a member can meet, as hours of a week: every other time of the next weeks is busy (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from services.chassis.model import Invalid

from .agenda import Busy, merged

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HORIZON_DAYS = 92
"""As far as the repetitions of a calendar file are followed."""


@dataclass(frozen=True)
class Hours:
    """From when until when, on which days of the week, as clocks show it (`09:00`)."""

    days: frozenset[Weekday]
    start: dt.time
    end: dt.time

    def on(self, day: dt.date, zone: ZoneInfo) -> Iterator[Busy]:
        """These hours on a day, if it is one of theirs."""
        if WEEKDAYS[day.weekday()] in self.days:
            start, end = (dt.datetime.combine(day, clock, zone) for clock in (self.start, self.end))
            yield Busy(start=start.astimezone(dt.UTC), end=end.astimezone(dt.UTC))


def busy_outside(hours: Sequence[Hours], zone: ZoneInfo, now: dt.datetime) -> list[Busy]:
    """What is left of the next 92 days. Raises Invalid for hours that end before they begin."""
    for at, one in enumerate(hours):
        if one.start >= one.end:
            raise Invalid("These hours end before they begin; exchange the two times.", pointer=f"/weekly/{at}")
    today = now.astimezone(zone).date()
    days = [today + dt.timedelta(days=n) for n in range(HORIZON_DAYS)]
    free = merged(time for day in days for one in hours for time in one.on(day, zone))
    ends = [dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC) for day in (today, days[-1])]
    edges = [ends[0], *(edge for time in free for edge in (time.start, time.end)), ends[1] + dt.timedelta(days=1)]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [Busy(start=start, end=end) for start, end in pairs if start < end]
