"""Busy times as people send them: whole days, nothing at all, hundreds that touch, and one that is wrong."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.chassis.model.refusals import Invalid
from services.matching.domain.agenda import MAX_BUSY
from services.matching.domain.busy_entries import TAKES_NO_TIME, read_entries

SEOUL, SHANGHAI, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def spans(*entries: Any, zone: ZoneInfo = SEOUL) -> list[tuple[str, str]]:
    return [(f"{t.start:%m-%dT%H:%M}", f"{t.end:%m-%dT%H:%M}") for t in read_entries(entries, zone).times]


def test_a_date_is_the_whole_day_of_its_zone() -> None:
    assert spans({"start": "2026-12-01"}) == [("11-30T15:00", "12-01T15:00")]
    assert spans({"start": "2026-12-01"}, zone=SHANGHAI) == [("11-30T16:00", "12-01T16:00")]
    assert spans({"start": "2026-12-01", "end": "2026-12-01"}) == [("11-30T15:00", "12-01T15:00")]
    same = {"start": "2027-03-14", "end": "2027-03-14"}
    assert spans(same, zone=NEW_YORK) == [("03-14T05:00", "03-15T04:00")]
    assert spans({"start": "2026-12-01", "end": "2026-12-03"}) == [("11-30T15:00", "12-02T15:00")]
    assert spans({"start": "2027-03-14"}, zone=NEW_YORK) == [("03-14T05:00", "03-15T04:00")], "a day of 23 hours"
    assert spans({"start": "2026-12-01", "end": "2026-12-01T10:00:00+09:00"}) == [("11-30T15:00", "12-01T01:00")]


def test_what_takes_no_time_is_named_and_is_no_fault() -> None:
    found = read_entries([{"start": "2026-12-01T10:00:00+09:00", "end": "2026-12-01T10:00:00+09:00"}], SEOUL)
    assert [(s.index, s.reason) for s in found.skipped] == [(0, TAKES_NO_TIME)] and found.merged() == []
    assert read_entries([{"start": "2026-12-01T10:00:00+09:00"}], SEOUL).merged() == []


WRONG = [
    {"start": "2026-12-01T11:00:00+09:00", "end": "2026-12-01T10:00:00+09:00"},
    {"start": "2026-13-01"},
    {"start": "2026-12-01T10:00:00"},
    {"start": 1764550800, "end": 1764554400},
    {"start": "1796083200", "end": "1796169600"},
    {"start": "1796083200"},
    {"begin": "2026-12-01"},
    {"start": None},
    "2026-12-01",
    None,
    [],
    {"start": "9999-12-31T23:59:59-01:00", "end": "9999-12-31T23:59:59-02:00"},
    {"start": "9999-12-31"},
    {"start": "0001-01-01"},
    {"start": "2026-12-01T10:00:00+09:00", "end": "soon", "why": "x"},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_one_that_is_wrong_is_named_and_the_others_count(wrong: Any) -> None:
    right = {"start": "2026-12-01T10:00:00+09:00", "end": "2026-12-01T11:00:00+09:00"}
    found = read_entries([right, wrong, right], SEOUL)
    assert [s.index for s in found.skipped] == [1] and found.skipped[0].reason
    assert len(found.times) == 2 and len(found.merged()) == 1
    with pytest.raises(Invalid) as refusal:
        read_entries([wrong], SEOUL).merged()
    assert refusal.value.extra["errors"][0]["pointer"] == "/busy/0"  # type: ignore[index]


def test_they_are_merged_before_they_are_counted() -> None:
    first = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)

    def each(minutes: int, gap: int) -> list[dict[str, str]]:
        begin = [first + n * dt.timedelta(minutes=minutes + gap) for n in range(MAX_BUSY + 1)]
        return [{"start": at.isoformat(), "end": (at + dt.timedelta(minutes=minutes)).isoformat()} for at in begin]

    assert len(read_entries(each(10, 0), SEOUL).merged()) == 1
    with pytest.raises(Invalid, match="501 separate"):
        read_entries(each(10, 5), SEOUL).merged()
