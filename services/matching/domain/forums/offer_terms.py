"""On which terms a slot that has become free at a forum is offered to another pair: how long they have to answer, how
near the slot may be, and at which hours no one is asked (docs/rules.md, section 9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from .programme import Clock
from .venue import Part

DAY = dt.timedelta(days=1)
MAX_LOOKS = 100
"""Quiet hours that are waited for; more lie only before slots that are months ahead."""


@dataclass(frozen=True)
class Chance:
    """When a slot can be offered, and until when the two sides may answer."""

    at: dt.datetime
    lapses_at: dt.datetime


class OfferTerms(Part):
    """`answer_minutes`: to answer on the day of the slot; `answer_minutes_ahead`: on the days before it;
    `lead_minutes`: at least between the end of that time and the slot. No one is asked, or has to answer, in the quiet
    hours of its own zone; there are none where both ends are the same."""

    enabled: bool = True
    answer_minutes: Annotated[int, Field(ge=5, le=120)] = 20
    answer_minutes_ahead: Annotated[int, Field(ge=5, le=600)] = 120
    lead_minutes: Annotated[int, Field(ge=0, le=240)] = 15
    quiet_from: Clock = "21:00"
    quiet_until: Clock = "08:00"

    def chance(self, start: dt.datetime, now: dt.datetime, here: ZoneInfo, zones: Iterable[ZoneInfo]) -> Chance | None:
        """The next moment at which a slot with this start can be offered to people in these zones, at a forum in the
        zone `here`; None if it is too near."""
        at, theirs = now, list(zones)
        for _ in range(MAX_LOOKS):
            lapses_at = at + self._answer_time(at, start, here)
            if lapses_at + dt.timedelta(minutes=self.lead_minutes) > start:
                return None
            ends = [end for zone in theirs if (end := self._quiet_until(at, lapses_at, zone)) is not None]
            if not ends:
                return Chance(at, lapses_at)
            at = max(ends)
        return None

    def can_offer(self, starts: Iterable[dt.datetime], here: ZoneInfo, zones: Sequence[ZoneInfo]) -> bool:
        """Whether any slot with these starts can ever be offered to people in these zones: from two days before it on,
        or from midnight on, when the time to answer on the day itself begins to count."""
        return any(
            self.chance(start, now, here, zones) is not None
            for start in starts
            for now in (start - 2 * DAY, start.astimezone(here).replace(hour=0, minute=0))
        )

    def _answer_time(self, at: dt.datetime, start: dt.datetime, here: ZoneInfo) -> dt.timedelta:
        is_same_day = at.astimezone(here).date() == start.astimezone(here).date()
        return dt.timedelta(minutes=self.answer_minutes if is_same_day else self.answer_minutes_ahead)

    def _quiet_until(self, start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
        """The end of the quiet hours that a time touches, or None."""
        first, last = dt.time.fromisoformat(self.quiet_from), dt.time.fromisoformat(self.quiet_until)
        if first == last:
            return None
        day = start.astimezone(zone).date() - DAY
        while day <= end.astimezone(zone).date():
            begins = dt.datetime.combine(day, first, zone).astimezone(dt.UTC)
            until = dt.datetime.combine(day if first < last else day + DAY, last, zone).astimezone(dt.UTC)
            if begins < end and start < until:
                return until
            day += DAY
        return None
