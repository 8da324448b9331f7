"""How long a server wants to be left alone: what it says may be anything."""

from __future__ import annotations

import datetime as dt

import pytest

from services.chassis.model import retry_after_seconds

NOW = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)
DAY = 86_400.0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("9" * 5000, DAY),
        ("Sat, 28 Nov 2026 12:05:00 GMT", 300.0),
        ("Sat, 28 Nov 2026 12:05:00 -0000", 300.0),
        ("Sat, 28 Nov 2026 12:05:00", 300.0),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0.0),
        ("Sat, 28 Nov 2099 12:05:00 GMT", DAY),
        ("Sat, 28 Nov 99999999999999999999 12:05:00 GMT", None),
        ("Sat, 31 Feb 2026 12:05:00 GMT", None),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
        ("٣", None),
        ("²", None),
        ("", None),
        (None, None),
    ],
)
def test_it_is_a_number_or_a_date_and_no_more_than_is_waited(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW, most=DAY) == seconds
