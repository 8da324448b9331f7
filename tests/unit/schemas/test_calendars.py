"""The table of holidays: what a reader may rely on, and how large it gets."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.calendars import MAX_COUNTRIES, MAX_DAYS, CalendarUpdated
from services.chassis.model.events import MAX_EVENT_BYTES

FIRST = dt.date(2026, 1, 1)


def days(count: int) -> dict[str, bool]:
    return {(FIRST + dt.timedelta(days=n)).isoformat(): False for n in range(count)}


def test_the_largest_table_is_far_below_the_largest_record() -> None:
    countries = [f"A{chr(ord('A') + n)}" for n in range(MAX_COUNTRIES)]
    table = CalendarUpdated(
        calendar_id="holidays",
        version="v" * 40,
        days={country: days(MAX_DAYS) for country in countries},
        announced={country: [2026] * MAX_DAYS for country in countries},
    )
    assert len(table.model_dump_json()) < MAX_EVENT_BYTES * 0.7


@pytest.mark.parametrize(
    "wrong",
    [
        {"KR": days(MAX_DAYS + 1)},
        {"KR": {"2027-02-30": False}},
        {"KR": {"20270201": False}},
        {"KR": {"soon": False}},
        {"KR": {"2027-02-01": "no day"}},
        {"$x.y": {"2027-02-01": False}},
        {f"A{chr(ord('A') + n)}": {} for n in range(MAX_COUNTRIES + 1)},
    ],
)
def test_what_is_no_table_is_refused(wrong: Any) -> None:
    with pytest.raises(ValidationError):
        CalendarUpdated(calendar_id="holidays", version="1", days=wrong)
