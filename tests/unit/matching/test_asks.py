"""A confirmation books what its sender has seen: every order of asks, and every way to say which one is meant."""

from __future__ import annotations

import datetime as dt

import pytest

from schemas.meetings import Venue
from services.chassis.model.refusals import InvalidState
from services.matching.domain import asks
from services.matching.domain import meeting as meetings
from services.matching.domain.asks import MAX_KEPT, Ask, Meant, with_ask
from services.matching.domain.meeting import Meeting, MeetingChange
from tests.unit.matching.test_lives import HALL, LATER, NOW, START, asked, moved

LATEST = LATER + dt.timedelta(minutes=10)
ROOM = Venue(kind="online", url="https://meet.example/x")


def confirm(meeting: Meeting, side: str = "b", **meant: object) -> MeetingChange:
    return meetings.confirm(meeting, side=side, member_id="wang", meant=Meant(**meant), now=NOW)  # type: ignore[arg-type]


def booked() -> Meeting:
    return confirm(asked()).meeting


def refused(meeting: Meeting, side: str = "b", **meant: object) -> InvalidState:
    with pytest.raises(InvalidState) as refusal:
        confirm(meeting, side, **meant)
    assert refusal.value.type == "another-ask"
    return refusal.value


def test_the_only_ask_may_be_confirmed_without_a_word_and_twice() -> None:
    assert booked().state == "booked"
    assert confirm(booked()).event is None and confirm(booked(), start=START, venue=HALL).event is None


def test_a_repeated_confirmation_that_meets_a_move_books_nothing() -> None:
    """The first answer was lost, the other side asked for another time at once, the client sends the same again."""
    found = refused(moved(booked()))
    assert found.extra == {
        "state": "booked",
        "present": {"start": LATER.isoformat(), "venue": {"kind": "onsite", "place": HALL.place}},
    }
    refused(moved(booked()), start=START)
    assert confirm(moved(booked()), start=LATER).meeting.start == LATER
    assert confirm(moved(booked()), is_read=True).meeting.start == LATER
    refused(moved(booked()), start=START, is_read=True)


def test_a_move_that_replaces_another_is_not_the_one_that_was_seen() -> None:
    twice = moved(moved(booked()), LATEST)
    refused(twice)
    refused(twice, start=LATER)
    assert confirm(twice, start=LATEST, venue=HALL).meeting.start == LATEST


def test_the_side_that_was_never_asked_before_may_confirm_without_a_word() -> None:
    assert confirm(moved(booked(), side="b"), side="a").meeting.start == LATER


def test_another_venue_at_the_same_start_is_another_ask() -> None:
    turned = confirm(asked(), venue=ROOM).meeting
    assert turned.asked_by == "b"
    back = confirm(turned, side="a", venue=HALL).meeting
    again = confirm(back, venue=ROOM).meeting
    third = confirm(again, side="a", venue=Venue(kind="onsite", place="B-7")).meeting
    assert third.asked_by == "a"
    refused(third)
    refused(third, start=START)
    assert confirm(third, start=START, venue=third.venue).meeting.state == "booked"
    assert confirm(third, start=START, venue=HALL).meeting.state == "requested", "an older venue asks back"
    assert confirm(third, is_read=True).meeting.state == "booked"


def test_without_the_rule_a_time_is_booked_that_its_sender_never_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meetings, "must_mean", lambda meant, ask, asked: None)
    assert confirm(moved(booked())).meeting.start == LATER


def test_what_was_asked_is_kept_as_keys_and_bounded() -> None:
    found: dict[str, list[str]] = {}
    for n in range(60):
        found = with_ask(found, "b", Ask(START + n * dt.timedelta(minutes=10), HALL, "booked"))
    assert len(found["b"]) == MAX_KEPT and HALL.place and HALL.place not in str(found)
    assert with_ask(found, "b", Ask(START + 59 * dt.timedelta(minutes=10), HALL, "booked")) == found
    assert asks.Ask(START, HALL, "x").key != asks.Ask(START, ROOM, "x").key
