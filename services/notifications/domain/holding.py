"""When a notice may leave by a channel that reaches out: quiet hours, days off, the daily digest (rules 11).

All windows are instants: the wall clock of their two ends is read in the recipient's zone, and a clock time that the
zone skips counts by the offset before the change. So a window ends once, also in the night when clocks change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .calendars import is_public_holiday, is_working_day

MORNING = dt.time(9)
URGENT = dt.timedelta(hours=2)
DAY = dt.timedelta(days=1)
MOST_DAYS = 30


@dataclass(frozen=True)
class Rest:
    """When a recipient is left alone: quiet hours (none: never), in its zone, and then on public holidays, too."""

    zone: ZoneInfo
    quiet: tuple[dt.time, dt.time] | None
    country: str

    @classmethod
    def of(cls, zone: str, quiet_hours: dict[str, str] | None, country: str) -> Rest:
        """`quiet_hours` as stored: {"start": "HH:MM", "end": "HH:MM"}; equal ends are none."""
        if quiet_hours is None or quiet_hours["start"] == quiet_hours["end"]:
            return cls(ZoneInfo(zone), None, country)
        quiet = dt.time.fromisoformat(quiet_hours["start"]), dt.time.fromisoformat(quiet_hours["end"])
        return cls(ZoneInfo(zone), quiet, country)

    def date(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.zone).date()

    def instant(self, day: dt.date, clock: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, clock, self.zone).astimezone(dt.UTC)


@dataclass(frozen=True)
class Go:
    """Now."""


@dataclass(frozen=True)
class Hold:
    until: dt.datetime
    reason: str


@dataclass(frozen=True)
class Drop:
    """Not any more."""

    reason: str


Verdict = Go | Hold | Drop


def verdict(now: dt.datetime, rest: Rest, meeting_start: dt.datetime | None = None) -> Verdict:
    """Whether a notice may go. One about a meeting goes at once from 2 h before its start on, is never held past that,
    and goes no more when the meeting has begun."""
    if meeting_start is not None and now >= meeting_start:
        return Drop("too_late")
    until, reason = _free_at(now, rest)
    if meeting_start is not None:
        until = min(until, meeting_start - URGENT)
    return Go() if until <= now else Hold(until, reason)


def digest_at(since: dt.datetime, rest: Rest) -> dt.datetime:
    """The digest that takes up what has waited since then: the next 09:00, on a public holiday that of the next
    working day; the end of quiet hours that cover it."""
    at = rest.instant(rest.date(since), MORNING)
    if at < since:
        at = rest.instant(rest.date(since) + DAY, MORNING)
    if is_public_holiday(rest.country, rest.date(at)):
        at = _next_working_morning(at, rest)
    return _free_at(at, rest)[0]


def _free_at(at: dt.datetime, rest: Rest) -> tuple[dt.datetime, str]:
    """The first instant from `at` on that is not quiet, and why it is not `at`."""
    reason = ""
    for _ in range(MOST_DAYS):
        if (end := _quiet_until(at, rest)) is not None:
            at, reason = end, reason or "quiet_hours"
        elif rest.quiet is not None and is_public_holiday(rest.country, rest.date(at)):
            at, reason = _next_working_morning(at, rest), reason or "public_holiday"
        else:
            break
    return at, reason


def _quiet_until(at: dt.datetime, rest: Rest) -> dt.datetime | None:
    """The end of the quiet hours around an instant; the window may have begun the day before."""
    if rest.quiet is None:
        return None
    start, end = rest.quiet
    today = rest.date(at)
    for day in (today - DAY, today):
        last = day if start < end else day + DAY
        until = rest.instant(last, end)
        if rest.instant(day, start) <= at < until:
            return until
    return None


def _next_working_morning(at: dt.datetime, rest: Rest) -> dt.datetime:
    day = rest.date(at) + DAY
    while not is_working_day(rest.country, day):
        day += DAY
    return rest.instant(day, MORNING)
