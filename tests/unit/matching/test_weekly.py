"""The hours of a week in which a member can meet."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from services.chassis.model.refusals import Invalid
from services.matching.domain.agenda import MAX_BUSY
from services.matching.domain.weekly import HORIZON_DAYS, WEEKDAYS, Hours, busy_outside

SEOUL = ZoneInfo("Asia/Seoul")
NOW = dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)  # Monday, 10:00 in Seoul
MORNING = Hours(frozenset({"mon", "wed"}), dt.time(9), dt.time(12))


def at(day: int, hour: int, month: int = 12) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=SEOUL)


def test_every_other_time_is_busy() -> None:
    busy = busy_outside([MORNING], SEOUL, NOW)
    assert (busy[0].start, busy[0].end) == (at(30, 0, 11), at(30, 9, 11))
    assert (busy[1].start, busy[1].end) == (at(30, 12, 11), at(2, 9))
    assert busy[-1].end == at(30, 0, 11) + dt.timedelta(days=HORIZON_DAYS)
    assert not any(time.overlaps(at(2, 9), at(2, 12)) for time in busy)


def test_hours_that_overlap_are_one_and_all_hours_leave_nothing_busy() -> None:
    afternoon = Hours(frozenset({"mon"}), dt.time(11), dt.time(15))
    assert busy_outside([MORNING, afternoon], SEOUL, NOW)[1].start == at(30, 15, 11)
    always = Hours(frozenset(WEEKDAYS), dt.time(0), dt.time(23, 59))
    assert len(busy_outside([always], SEOUL, NOW)) == HORIZON_DAYS


def test_two_windows_a_day_are_within_what_an_agenda_keeps() -> None:
    two = [Hours(frozenset(WEEKDAYS), dt.time(h), dt.time(h + 2)) for h in (9, 14)]
    assert len(busy_outside(two, SEOUL, NOW)) <= MAX_BUSY


def test_hours_end_after_they_begin() -> None:
    with pytest.raises(Invalid) as refusal:
        busy_outside([MORNING, Hours(frozenset({"tue"}), dt.time(12), dt.time(12))], SEOUL, NOW)
    assert "/weekly/1" in str(refusal.value.extra)
