"""The demo's books can go red: whatever is lost, doubled or out of order is named."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from deploy.demo.books import Books, Snapshot, find_problems, order_problems

TEN, TEN_TEN, TEN_TWENTY = (f"2026-12-01T10:{minute}:00Z" for minute in ("00", "10", "20"))
MATCH = {"parties": ["a", "b"], "accepted_by": ["a", "b"], "state": "agreed"}
MEETING = {"parties": ["a", "b"], "state": "booked", "members": ["kim", "wang"], "ical_sequence": 0}
MEETING |= {"start": TEN, "end": TEN_TWENTY}
LATER = MEETING | {"start": TEN_TEN, "end": "2026-12-01T10:30:00Z"}
PROPOSED = [("kim", "match.proposed", "m"), ("wang", "match.proposed", "m")]
AGREED = [("kim", "match.agreed", "m"), ("wang", "match.agreed", "m")]
REQUESTED = [("wang", "meeting.requested", "t")]
BOOKED = [("kim", "meeting.booked", "t"), ("wang", "meeting.booked", "t")]
LAPSED = ("kim", "meeting.expired", "t")
CONFLICT = [("kim", "meeting.conflict_detected", "t"), ("wang", "meeting.conflict_detected", "t")]
CANCELLED = [("kim", "meeting.cancelled", "t"), ("wang", "meeting.cancelled", "t")]
MOVED = [("kim", "meeting.rescheduled", "t"), ("wang", "meeting.rescheduled", "t")]
FIRST = [("wang", "match.accepted", "m")]
NOTICES = [*PROPOSED, *FIRST, *AGREED, *REQUESTED, *BOOKED]


def books(**changes: Any) -> Books:
    kept: dict[str, Any] = {
        "recipients": {"a": ["kim"], "b": ["wang"]},
        "accepted": {("m", "a"), ("m", "b")},
        "first_yes": {"m": "a"},
        "requested": Counter({("t", "a"): 1}),
        "booked": {"t": TEN},
    }
    return Books(**(kept | changes))


def found(**changes: Any) -> Snapshot:
    there: dict[str, Any] = {"matches": {"m": MATCH}, "meetings": {"t": MEETING}, "notices": Counter(NOTICES)}
    return Snapshot(**(there | changes))


def test_right_books_say_nothing() -> None:
    assert find_problems(books(), found()) == []


MOVED_BOOKS = {"booked": {"t": TEN_TEN}, "moved": Counter({"t": 1}), "moves_requested": Counter({("t", "b"): 1})}
MOVED_THERE = {"t": LATER | {"ical_sequence": 1}}
ASKED_TO_MOVE = ("kim", "meeting.move_requested", "t")


@pytest.mark.parametrize(
    ("kept", "there"),
    [
        ({"cancelled": {"t"}}, {"meetings": {"t": MEETING | {"state": "cancelled", "ical_sequence": 1}},
                                "notices": Counter([*NOTICES, *CANCELLED])}),
        ({"requested": Counter({("t", "a"): 1, ("t", "b"): 1})},
         {"notices": Counter([*NOTICES, ("kim", "meeting.requested", "t")])}),
        ({"booked": {}}, {"meetings": {"t": MEETING | {"state": "requested"}},
                          "notices": Counter([*PROPOSED, *FIRST, *AGREED, *REQUESTED])}),
        (MOVED_BOOKS, {"meetings": MOVED_THERE, "notices": Counter([*NOTICES, *MOVED, ASKED_TO_MOVE])}),
        ({"conflicts": Counter({"t": 1})}, {"notices": Counter([*NOTICES, *CONFLICT])}),
        ({"named": {"m": "a"}, "first_yes": {}},
         {"notices": Counter([("wang", "match.asked", "m"), *AGREED, *REQUESTED, *BOOKED])}),
        ({}, {"notices": Counter([*NOTICES, LAPSED])}),
    ],
    ids=["cancelled", "turned round", "left lying", "moved", "conflict", "asked by name", "of another kind, once"],
)  # fmt: skip
def test_right_books_of_other_courses_say_nothing(kept: dict[str, Any], there: dict[str, Any]) -> None:
    assert find_problems(books(**kept), found(**there)) == []


@pytest.mark.parametrize(
    ("kept", "there", "says"),
    [
        ({}, {"notices": Counter(NOTICES[1:])}, "notice missing: 1 x match.proposed of m for kim"),
        ({}, {"notices": Counter([*NOTICES, NOTICES[0]])}, "notice too many: 1 x match.proposed of m for kim"),
        ({}, {"notices": Counter(NOTICES) - Counter(REQUESTED)}, "notice missing: 1 x meeting.requested of t for wang"),
        ({}, {"notices": Counter([*NOTICES, *CANCELLED])}, "notice too many: 1 x meeting.cancelled of t for kim"),
        ({}, {"notices": Counter([*NOTICES, ASKED_TO_MOVE])}, "notice too many: 1 x meeting.move_requested of t"),
        (
            {},
            {"notices": Counter([*NOTICES, ("kim", "match.accepted", "m")])},
            "notice too many: 1 x match.accepted of m",
        ),
        ({}, {"notices": Counter([*NOTICES, LAPSED, LAPSED])}, "notice too many: 1 x meeting.expired of t for kim"),
        ({"conflicts": Counter({"t": 1})}, {}, "notice missing: 1 x meeting.conflict_detected of t for kim"),
        (MOVED_BOOKS, {"meetings": MOVED_THERE}, "notice missing: 1 x meeting.rescheduled of t for kim"),
        ({"named": {"m": "b"}}, {}, "notice too many: 1 x match.proposed of m for kim"),
        ({}, {"matches": {"m": MATCH | {"accepted_by": ["b"]}}}, "answer lost: a accepted match m"),
        (
            {},
            {"matches": {"m": MATCH | {"state": "withdrawn"}}},
            "answer wrong: a accepted match m, which is withdrawn",
        ),
        ({"declined": {"m"}}, {}, "answer lost: match m was declined"),
        ({}, {"matches": {"m": MATCH, "n": MATCH}}, "answer of nobody: match n is agreed"),
        ({"requested": Counter({("t", "a"): 1, ("u", "a"): 1})}, {}, "meeting lost: u was asked for"),
        ({}, {"meetings": {"t": MEETING, "u": MEETING}}, "meeting of nobody: u"),
        ({}, {"meetings": {"t": MEETING | {"state": "requested"}}}, "booking wrong: meeting t is requested"),
        ({"booked": {}}, {}, "booking wrong: meeting t is booked, promised was requested"),
        ({"cancelled": {"t"}}, {}, "booking wrong: meeting t is booked, promised was cancelled"),
        ({}, {"meetings": {"t": LATER}}, f"booking wrong: meeting t is at {TEN_TEN}, promised {TEN}"),
        (MOVED_BOOKS, {"meetings": {"t": LATER}}, "changes wrong: meeting t changed 0 times, told were 1"),
        ({}, {"meetings": {"t": MEETING, "u": LATER}}, "booked twice: kim at 2026-12-01T10:10:00+00:00"),
    ],
)
def test_what_is_wrong_is_named(kept: dict[str, Any], there: dict[str, Any], says: str) -> None:
    assert any(line.startswith(says) for line in find_problems(books(**kept), found(**there)))


def test_the_first_yes_is_known_by_the_answer_to_it() -> None:
    kept = Books()
    kept.record_acceptance("m", "b", "accepted")
    kept.record_acceptance("m", "a", "agreed")
    kept.record_named_partner("n", "a")
    assert (kept.first_yes, kept.named) == ({"m": "b"}, {"n": "a"})
    assert kept.accepted == {("m", "a"), ("m", "b"), ("n", "a")}


def test_the_tally_counts_a_thing_once() -> None:
    kept = books(
        requested=Counter({("t", "a"): 1, ("t", "b"): 1, ("u", "a"): 1, ("v", "a"): 1}),
        cancelled={"v"},
        left_open={("m", "a"), ("n", "a"), ("o", "a")},
        declined={"o"},
    )
    tally = kept.tally()
    assert (tally["said yes"], tally["left open"], tally["meetings asked for"], tally["turned round"]) == (2, 1, 3, 1)
    assert (tally["booked"], tally["left lying"], tally["cancelled"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("numbers", "fine"),
    [([1, 2, 3], True), ([1, 2, 1, 2, 3], True), ([1, 3], False), ([1, 2, 3, 2], False), ([2, 3], False)],
)
def test_an_older_event_comes_again_only_before_anything_newer(numbers: list[int], fine: bool) -> None:
    assert (order_problems({("matches", "m"): numbers}) == []) is fine
