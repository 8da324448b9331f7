"""When a mail may be sent: quiet hours, public holidays, the daily digest (docs/rules.md, section 11).

All windows are computed as instants: the clock times of both ends are read in the recipient's zone. A clock time that
the zone skips in spring counts by the offset before the change. So each window ends exactly once, also in the nights
when clocks change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .calendars import LIBRARY, WorkCalendar

DIGEST_TIME = dt.time(9)
URGENT_BEFORE_MEETING = dt.timedelta(hours=2)
ONE_DAY = dt.timedelta(days=1)
MAX_STEPS = 30
"""Ends the search for a time that is not quiet, whatever a calendar says."""


@dataclass(frozen=True)
class QuietPolicy:
    """When a recipient wants no mail: in the quiet hours, read in `zone`, and all day on public holidays of `country`,
    by `calendar`. Without quiet hours mail may be sent at any time."""

    zone: ZoneInfo
    quiet_hours: tuple[dt.time, dt.time] | None
    country: str
    calendar: WorkCalendar = LIBRARY

    @classmethod
    def of(
        cls, zone: str, quiet_hours: dict[str, str] | None, country: str, calendar: WorkCalendar = LIBRARY
    ) -> QuietPolicy:
        """From stored values. `quiet_hours` is {"start": "HH:MM", "end": "HH:MM"}; equal ends mean none."""
        if quiet_hours is None or quiet_hours["start"] == quiet_hours["end"]:
            return cls(ZoneInfo(zone), None, country, calendar)
        start, end = dt.time.fromisoformat(quiet_hours["start"]), dt.time.fromisoformat(quiet_hours["end"])
        return cls(ZoneInfo(zone), (start, end), country, calendar)

    def is_holiday(self, day: dt.date) -> bool:
        """Whether the day is a public holiday of the recipient's country."""
        return self.calendar.is_public_holiday(self.country, day)

    def local_date(self, at: dt.datetime) -> dt.date:
        """The recipient's date at an instant."""
        return at.astimezone(self.zone).date()

    def instant(self, day: dt.date, clock: dt.time) -> dt.datetime:
        """The instant, in UTC, at which the recipient's clock shows this time on this day."""
        return dt.datetime.combine(day, clock, self.zone).astimezone(dt.UTC)


@dataclass(frozen=True)
class SendNow:
    """The mail may be sent at once."""


@dataclass(frozen=True)
class Hold:
    """The mail waits; `reason` is quiet_hours or public_holiday."""

    until: dt.datetime
    reason: str


@dataclass(frozen=True)
class Drop:
    """The mail is not sent at all."""

    reason: str


Verdict = SendNow | Hold | Drop


def decide_delivery(
    now: dt.datetime, policy: QuietPolicy, ends_at: dt.datetime | None = None, bound: dt.datetime | None = None
) -> Verdict:
    """Whether a mail may be sent now.

    `ends_at` is when it says nothing of use any more: the meeting begins, or the time to answer is over. From then on
    it is dropped (`too_late`). It is never held past 2 h before that, nor past 2 h before `bound`: the old start of a
    meeting that was moved, for example; from then on it is sent at once."""
    if ends_at is not None and now >= ends_at:
        return Drop("too_late")
    until, reason = _first_allowed(now, policy)
    until = not_past(until, ends_at, bound)
    return SendNow() if until <= now else Hold(until, reason)


def not_past(until: dt.datetime, *bounds: dt.datetime | None) -> dt.datetime:
    """The instant until which something is held, but not past 2 h before any of the bounds."""
    return min([until, *(bound - URGENT_BEFORE_MEETING for bound in bounds if bound is not None)])


def next_digest(since: dt.datetime, policy: QuietPolicy) -> dt.datetime:
    """When the digest is sent that takes up a notice which waits since `since`.

    That is the next 09:00; if it falls on a public holiday, 09:00 of the next working day; if it falls in quiet hours,
    their end."""
    at = policy.instant(policy.local_date(since), DIGEST_TIME)
    if at < since:
        at = policy.instant(policy.local_date(since) + ONE_DAY, DIGEST_TIME)
    if policy.is_holiday(policy.local_date(at)):
        at = _next_working_morning(at, policy)
    return _first_allowed(at, policy)[0]


def _first_allowed(at: dt.datetime, policy: QuietPolicy) -> tuple[dt.datetime, str]:
    """The first instant from `at` on that is not quiet, and the first reason why it is later than `at` (or "")."""
    reason = ""
    for _ in range(MAX_STEPS):  # the end of quiet hours may fall on a holiday, and its end into quiet hours again
        if (end := _quiet_until(at, policy)) is not None:
            at, reason = end, reason or "quiet_hours"
        elif policy.quiet_hours is not None and policy.is_holiday(policy.local_date(at)):
            at, reason = _next_working_morning(at, policy), reason or "public_holiday"
        else:
            break
    return at, reason


def _quiet_until(at: dt.datetime, policy: QuietPolicy) -> dt.datetime | None:
    """The end of the quiet hours that contain an instant; None if it is outside of them."""
    if policy.quiet_hours is None:
        return None
    start, end = policy.quiet_hours
    today = policy.local_date(at)
    for day in (today - ONE_DAY, today):  # the window may have begun on the day before
        last = day if start < end else day + ONE_DAY
        until = policy.instant(last, end)
        if policy.instant(day, start) <= at < until:
            return until
    return None


def _next_working_morning(at: dt.datetime, policy: QuietPolicy) -> dt.datetime:
    """09:00 of the first working day after the day of `at`."""
    day = policy.local_date(at) + ONE_DAY
    while not policy.calendar.is_working_day(policy.country, day):
        day += ONE_DAY
    return policy.instant(day, DIGEST_TIME)
