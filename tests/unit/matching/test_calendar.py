"""Two working calendars: holidays, make-up days, and the hours in common."""

from __future__ import annotations

import datetime as dt

import pytest

from services.matching.domain.calendar import (
    ZONES,
    closed_country,
    common_windows,
    is_common,
    is_provisional,
    is_working_day,
    starts,
)

CN_MAKEUP = {
    2024: ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def kst(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"{text}+09:00")


@pytest.mark.parametrize("date", [f"{year}-{md}" for year, days in CN_MAKEUP.items() for md in days])
def test_china_works_to_make_up_for_holidays(date: str) -> None:
    assert is_working_day("CN", day(date))


@pytest.mark.parametrize(
    "date",
    [
        "2024-10-01 2025-01-27 2025-06-03 2026-05-01 2026-07-17 2026-06-03 2026-08-17 2027-02-09 2028-04-12 2028-10-05",
        "2026-02-17 2027-02-07 2028-01-27",
    ],
)
def test_korea_is_closed_by_law_by_vote_and_by_substitute(date: str) -> None:
    assert [d for d in date.split() if is_working_day("KR", day(d))] == []


@pytest.mark.parametrize(("country", "date"), [("KR", "2026-06-08"), ("KR", "2026-12-01"), ("CN", "2026-12-01")])
def test_other_days_are_open(country: str, date: str) -> None:
    assert is_working_day(country, day(date))


def test_new_year_differs_by_a_day_in_2027() -> None:
    assert not is_working_day("CN", day("2027-02-06")) and not is_working_day("KR", day("2027-02-08"))


def test_the_common_hours_leave_out_both_lunches() -> None:
    found = list(common_windows(kst("2026-12-01T00:00"), kst("2026-12-02T00:00")))
    shown = [(f"{w.start.astimezone(ZONES['KR']):%H:%M}", f"{w.end.astimezone(ZONES['KR']):%H:%M}") for w in found]
    assert shown == [("10:00", "12:00"), ("14:00", "18:00")]


def test_a_start_fits_a_whole_meeting_on_the_grid() -> None:
    found = list(starts(kst("2026-12-01T11:33"), kst("2026-12-01T14:25")))
    assert [f"{at.astimezone(ZONES['KR']):%H:%M}" for at in found] == ["11:40", "14:00"]


@pytest.mark.parametrize(
    ("at", "common"),
    [
        ("2026-12-01T10:00", True),
        ("2026-12-01T11:40", True),
        ("2026-12-01T11:50", False),
        ("2026-12-01T03:00", False),
        ("2026-12-01T12:30", False),
        ("2026-12-06T10:00", False),
        ("2026-10-01T10:00", False),
        ("2026-10-10T10:00", False),
    ],
)
def test_the_rule_is_the_same_for_a_list_and_a_request(at: str, common: bool) -> None:
    assert is_common(kst(at)) is common


@pytest.mark.parametrize(("year", "provisional"), [(2025, False), (2026, False), (2028, True)])
def test_a_year_without_its_official_notice_is_provisional(year: int, provisional: bool) -> None:
    assert is_provisional(year) is provisional


def test_a_day_on_which_one_side_does_not_work_has_its_country() -> None:
    assert closed_country(kst("2026-10-05T10:00")) in ("KR", "CN")
    assert closed_country(kst("2026-12-01T10:00")) is None
