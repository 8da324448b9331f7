"""The demo's books can go red: whatever is lost, doubled or out of order is named."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from deploy.demo.books import Books, Found, order_kept, wrong

MATCH = {"parties": ["a", "b"], "accepted_by": ["a", "b"], "state": "agreed"}
MEETING = {"parties": ["a", "b"], "asked_by": "a", "state": "booked", "members": ["kim", "wang"], "start": "10:00"}
NOTICES = [
    ("kim", "match.proposed", "m"),
    ("wang", "match.proposed", "m"),
    ("kim", "match.agreed", "m"),
    ("wang", "match.agreed", "m"),
    ("wang", "meeting.requested", "t"),
    ("kim", "meeting.booked", "t"),
    ("wang", "meeting.booked", "t"),
]


def books(**changes: Any) -> Books:
    kept: dict[str, Any] = {
        "recipients": {"a": ["kim"], "b": ["wang"]},
        "accepted": {("m", "a"), ("m", "b")},
        "requested": {"t": "a"},
        "booked": {"t"},
    }
    return Books(**(kept | changes))


def found(**changes: Any) -> Found:
    there: dict[str, Any] = {"matches": {"m": MATCH}, "meetings": {"t": MEETING}, "notices": Counter(NOTICES)}
    return Found(**(there | changes))


def test_right_books_say_nothing() -> None:
    assert wrong(books(), found()) == []


@pytest.mark.parametrize(
    ("kept", "there", "says"),
    [
        ({}, {"notices": Counter(NOTICES[1:])}, "notice missing: 1 x match.proposed of m for kim"),
        ({}, {"notices": Counter([*NOTICES, NOTICES[0]])}, "notice too many: 1 x match.proposed of m for kim"),
        ({}, {"matches": {"m": MATCH | {"accepted_by": ["b"]}}}, "answer lost: a accepted match m"),
        ({"declined": {"m"}}, {}, "answer lost: match m was declined"),
        ({"requested": {"t": "a", "u": "a"}}, {}, "meeting lost: u was asked for"),
        ({}, {"meetings": {"t": MEETING | {"state": "requested"}}}, "booking wrong: meeting t is requested"),
        ({}, {"meetings": {"t": MEETING, "u": MEETING}}, "booked twice: kim at 10:00"),
    ],
)
def test_what_is_wrong_is_named(kept: dict[str, Any], there: dict[str, Any], says: str) -> None:
    assert any(line.startswith(says) for line in wrong(books(**kept), found(**there)))


@pytest.mark.parametrize(
    ("numbers", "fine"),
    [([1, 2, 3], True), ([1, 2, 1, 2, 3], True), ([1, 3], False), ([1, 2, 3, 2], False), ([2, 3], False)],
)
def test_an_older_event_comes_again_only_before_anything_newer(numbers: list[int], fine: bool) -> None:
    assert (order_kept({("matches", "m"): numbers}) == []) is fine
