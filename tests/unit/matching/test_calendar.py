"""Two working calendars: holidays, make-up days, and the hours in common."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.model import place_zone
from services.matching.domain.calendar import (
    LENGTH,
    LIBRARY,
    ZONES,
    HolidayTable,
    closed_country,
    common_windows,
    is_common,
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
    assert LIBRARY.is_working_day("CN", day(date))


@pytest.mark.parametrize(
    "date",
    [
        "2024-10-01 2025-01-27 2025-06-03 2026-05-01 2026-07-17 2026-06-03 2026-08-17 2027-02-09 2028-04-12 2028-10-05",
        "2026-02-17 2027-02-07 2028-01-27",
    ],
)
def test_korea_is_closed_by_law_by_vote_and_by_substitute(date: str) -> None:
    assert [d for d in date.split() if LIBRARY.is_working_day("KR", day(d))] == []


@pytest.mark.parametrize(("country", "date"), [("KR", "2026-06-08"), ("KR", "2026-12-01"), ("CN", "2026-12-01")])
def test_other_days_are_open(country: str, date: str) -> None:
    assert LIBRARY.is_working_day(country, day(date))


def test_new_year_differs_by_a_day_in_2027() -> None:
    assert not LIBRARY.is_working_day("CN", day("2027-02-06")) and not LIBRARY.is_working_day("KR", day("2027-02-08"))


def test_the_common_hours_leave_out_both_lunches() -> None:
    found = list(common_windows(kst("2026-12-01T00:00"), kst("2026-12-02T00:00")))
    shown = [(f"{w.start.astimezone(ZONES['KR']):%H:%M}", f"{w.end.astimezone(ZONES['KR']):%H:%M}") for w in found]
    assert shown == [("10:00", "12:00"), ("14:00", "18:00")]


def test_a_start_fits_a_whole_meeting_on_the_grid() -> None:
    found = list(starts(kst("2026-12-01T11:33"), kst("2026-12-01T14:25")))
    assert [f"{at.astimezone(ZONES['KR']):%H:%M}" for at in found] == ["11:40", "14:00", "14:10", "14:20"]


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
    assert LIBRARY.is_provisional(year) is provisional


def test_a_day_on_which_one_side_does_not_work_has_its_country() -> None:
    assert closed_country(kst("2026-10-05T10:00")) in ("KR", "CN")
    assert closed_country(kst("2026-12-01T10:00")) is None


@given(
    st.lists(st.datetimes(dt.datetime(2026, 12, 1), dt.datetime(2026, 12, 8), timezones=st.just(dt.UTC)), max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_slots_in_pieces_are_the_whole_wherever_the_cuts_lie(cuts: list[dt.datetime]) -> None:
    low, high = (dt.datetime(2026, 12, day, tzinfo=dt.UTC) for day in (1, 8))
    whole = list(starts(low, high))
    edges = [low, *sorted(cuts), high]
    pieces = [at for one, other in itertools.pairwise(edges) for at in starts(one, other)]
    assert pieces == whole and len(whole) == 170


def test_a_whole_meeting_in_each_piece_would_lose_starts_at_the_cuts() -> None:
    low, cut, high = kst("2026-12-01T00:00"), kst("2026-12-01T10:30"), kst("2026-12-02T00:00")
    whole = list(starts(low, high))
    fitting = [at for one, other in ((low, cut), (cut, high)) for at in starts(one, other) if at + LENGTH <= other]
    assert len(whole) == 34 and len(fitting) == 33


def test_a_table_corrects_the_library_both_ways() -> None:
    table = HolidayTable(
        id="table",
        version="kr-2026-12",
        days={"KR": {"2026-12-01": False}, "CN": {"2026-12-05": True}},
        announced={"CN": [2027], "KR": [2029]},
    )
    calendar = table.calendar()
    assert not calendar.is_working_day("KR", day("2026-12-01")) and calendar.is_working_day("CN", day("2026-12-01"))
    assert calendar.is_working_day("CN", day("2026-12-05")) and not calendar.is_working_day("KR", day("2026-12-05"))
    assert closed_country(kst("2026-12-01T10:00"), calendar) == "KR" and not is_common(
        kst("2026-12-01T10:00"), calendar
    )
    assert LIBRARY.is_provisional(2027) and not calendar.is_provisional(2027), "the table has the notices of that year"
    assert calendar.is_provisional(2029), "of one country only"
    assert HolidayTable(id="table").calendar().version is None


@pytest.mark.parametrize(
    "name",
    "localtime Factory posixrules EST EST5EDT UTC GMT Etc/UTC Etc/GMT-9 US/Pacific PRC ROK Japan Asia asia/seoul "
    "posix/Asia/Seoul right/Asia/Seoul ../etc/passwd Asia/../Asia/Seoul +09:00 zone.tab Asia/Nowhere".split(),
)
def test_what_names_no_place_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="place"):
        place_zone(name)


@pytest.mark.parametrize("name", ["Asia/Seoul", "Asia/Shanghai", "Asia/Urumqi", "America/Argentina/Ushuaia"])
def test_a_place_is_a_zone(name: str) -> None:
    assert place_zone(name) == name
