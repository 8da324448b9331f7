"""After the table: who was there, what became of it, codes of tables."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.model.refusals import InvalidState
from services.matching.domain.after import attendance as after
from services.matching.domain.after import outcome as outcomes
from services.matching.domain.after.attendance import Kept, attendance_of
from services.matching.domain.after.debrief import must_have_begun
from services.matching.domain.after.table_code import CHARACTERS, LENGTH, is_at, table_code
from services.matching.domain.diary import Diary
from services.matching.domain.meeting import Meeting
from services.matching.usecases.outcomes import _told
from tests.unit.matching.test_lives import START, agreed, asked

END = START + dt.timedelta(minutes=20)
KEY = b"a key of this installation"


def minutes(n: float, since: dt.datetime = START) -> dt.datetime:
    return since + dt.timedelta(minutes=n)


def booked(**fields: Any) -> Meeting:
    return asked(state="booked", lapses_at=None, **fields)


def test_one_side_that_is_there_is_enough_for_a_meeting_to_be_held() -> None:
    meeting = booked()
    here = after.check_in(attendance_of(meeting), meeting, side="a", at_table=False, now=minutes(-5))
    assert after.ended(here, meeting, now=minutes(19)).event is None
    held = after.ended(here, meeting, now=END)
    assert (held.meeting.state, held.event) == ("completed", contract.MeetingCompleted)
    assert after.ended(attendance_of(meeting), meeting, now=END).event is None  # no one knows


def test_a_check_in_at_the_table_says_more_than_one_from_anywhere() -> None:
    meeting = booked()
    here = after.check_in(attendance_of(meeting), meeting, side="a", at_table=False, now=minutes(-5))
    seen = after.check_in(here, meeting, side="a", at_table=True, now=minutes(1))
    again = after.check_in(seen, meeting, side="a", at_table=False, now=minutes(2))
    assert seen.here["a"].at_table and seen.here["a"].at == minutes(-5)
    assert again is seen


@pytest.mark.parametrize(
    ("now", "refused"), [(-31, "too-early"), (-30, None), (140, None), (141, "over")], ids=["31", "30", "140", "141"]
)
def test_the_time_to_check_in(now: int, refused: str | None) -> None:
    meeting = booked()
    if refused is None:
        assert after.check_in(attendance_of(meeting), meeting, side="b", at_table=False, now=minutes(now)).here
        return
    with pytest.raises(InvalidState) as refusal:
        after.check_in(attendance_of(meeting), meeting, side="b", at_table=False, now=minutes(now))
    assert refusal.value.type == refused


@pytest.mark.parametrize("state", ["requested", "cancelled", "expired", "no_show"])
def test_only_a_booking_is_checked_in_to(state: Any) -> None:
    meeting = booked().model_copy(update={"state": state})
    with pytest.raises(InvalidState) as refusal:
        after.check_in(attendance_of(meeting), meeting, side="a", at_table=True, now=START)
    assert refusal.value.extra["state"] == state


def test_a_check_in_to_a_time_that_was_moved_is_none() -> None:
    meeting = booked()
    here = after.check_in(attendance_of(meeting), meeting, side="a", at_table=False, now=minutes(-5))
    moved = meeting.model_copy(update={"start": END, "end": minutes(20, END)})
    assert here.for_start(moved.start).here == {}
    assert after.ended(here, moved, now=moved.end).event is None


def test_a_no_show_is_said_after_five_minutes_and_not_of_one_who_is_here() -> None:
    meeting = booked()
    with pytest.raises(InvalidState, match="five minutes"):
        after.no_show(attendance_of(meeting), meeting, absent=["b"], now=minutes(4))
    said = after.no_show(attendance_of(meeting), meeting, absent=["b"], now=minutes(5))
    assert (said.change.meeting.state, said.change.event) == ("no_show", contract.MeetingNoShow)
    assert said.attendance.absent == ["b"] and set(said.attendance.here) == {"a"}
    again = after.no_show(said.attendance, said.change.meeting, absent=["b"], now=minutes(6))
    assert again.change.event is None
    here = after.check_in(attendance_of(meeting), meeting, side="b", at_table=True, now=minutes(2))
    with pytest.raises(InvalidState) as refusal:
        after.no_show(here, meeting, absent=["b"], now=minutes(6))
    assert refusal.value.type == "is-here"
    with pytest.raises(InvalidState) as late:
        after.no_show(attendance_of(meeting), meeting, absent=["b"], now=minutes(141))
    assert late.value.type == "over"


@pytest.mark.parametrize(("absent", "there"), [(["a"], {"b"}), (["a", "b"], set())])
def test_an_organiser_corrects_which_side_was_missing(absent: list[str], there: set[str]) -> None:
    """The topic never says which one, so there is nothing new for it to say; a side cannot shift it to the other."""
    said = after.no_show(attendance_of(booked()), booked(), absent=["b"], now=minutes(6))
    correct = partial(after.no_show, said.attendance, said.change.meeting, absent=absent, now=minutes(300))
    with pytest.raises(InvalidState) as refusal:
        correct()
    assert refusal.value.type == "not-in-this-state"
    corrected = correct(corrects=True)
    assert (corrected.change.event, corrected.change.meeting.state) == (None, "no_show")
    assert corrected.attendance.absent == absent and set(corrected.attendance.here) == there


def test_a_check_in_by_the_code_of_the_table_stands_against_a_correction() -> None:
    here = after.check_in(attendance_of(booked()), booked(), side="a", at_table=True, now=minutes(2))
    said = after.no_show(here, booked(), absent=["b"], now=minutes(6))
    with pytest.raises(InvalidState) as refusal:
        after.no_show(said.attendance, said.change.meeting, absent=["a"], now=minutes(7), corrects=True)
    assert refusal.value.type == "is-here"
    held = booked().model_copy(update={"state": "completed"})
    with pytest.raises(InvalidState):
        after.no_show(here, held, absent=["b"], now=END, corrects=True)


def test_only_a_side_that_was_not_missing_takes_a_no_show_back() -> None:
    said = after.no_show(attendance_of(booked()), booked(), absent=["b"], now=minutes(6))
    with pytest.raises(InvalidState) as refusal:
        after.took_place(said.attendance, said.change.meeting, side="b", now=END)
    assert refusal.value.type == "no-show"
    # Also at once: the other side may come through the door right after it was said.
    for side, now in (("a", minutes(7)), ("a", END), (None, minutes(7))):
        taken_back = after.took_place(said.attendance, said.change.meeting, side=side, now=now)
        assert taken_back.event is contract.MeetingCompleted
    with pytest.raises(InvalidState, match="not over"):
        after.took_place(attendance_of(booked()), booked(), side="a", now=minutes(19))


def test_a_booking_is_released_until_its_end_and_a_request_is_not() -> None:
    given = after.release(booked(), side="a", now=minutes(3))
    assert (given.meeting.state, given.meeting.reason, given.meeting.ended_by) == ("cancelled", "released", "a")
    assert given.meeting.ical_sequence == 1
    assert after.release(given.meeting, side="a", now=minutes(4)).event is None
    missed = booked().model_copy(update={"state": "no_show"})
    for meeting, now in ((asked(), minutes(-5)), (booked(), END), (missed, END)):
        with pytest.raises(InvalidState):
            after.release(meeting, side="a", now=now)


def test_what_was_held_is_over_and_stays_in_the_diary() -> None:
    held = booked().model_copy(update={"state": "completed"})
    assert held.has_been_held(START) and not held.is_open
    diary = Diary(id="m").after(booked())
    assert diary.meetings and not diary.held
    assert diary.after(held).held == {"t": END} and not diary.after(held).meetings


def test_the_kept_rate_is_of_what_is_known() -> None:
    assert Kept(3, 1, 7).rate == 0.75
    assert Kept(0, 0, 7).rate is None


def test_the_highest_step_and_the_one_that_both_report() -> None:
    one = outcomes.reported(outcomes.outcome_of(agreed()), side="a", steps=["nda", "met"], now=START)
    both = outcomes.reported(one, side="b", steps=["met"], now=END)
    assert (both.highest, both.confirmed) == ("nda", "met")
    event = outcomes.to_event(both)
    assert [(s.step, s.reported_by) for s in event.steps] == [("met", ["a", "b"]), ("nda", ["a"])]
    assert event.steps[0].since.startswith(f"{START:%Y-%m-%dT%H:%M}")
    again = outcomes.reported(both, side="a", steps=["nda", "met"], now=END)
    assert again == both
    assert outcomes.reported(both, side="a", steps=["met"], now=END).highest == "met"


def test_what_was_taken_back_is_said_once() -> None:
    """A side with no steps says the same as one that never said anything."""
    nothing = outcomes.outcome_of(agreed())
    one = outcomes.reported(nothing, side="a", steps=["met"], now=START)
    none = outcomes.reported(one, side="a", steps=[], now=END)
    assert _told(one) != _told(nothing) and _told(none) != _told(one)
    for side in ("a", "b"):
        assert _told(outcomes.reported(none, side=side, steps=[], now=END)) == _told(none)


def test_meetings_that_were_held_report_themselves() -> None:
    first = outcomes.after_meetings(outcomes.outcome_of(agreed()), sides=["a"], held=1, now=START)
    assert (first.highest, first.confirmed) == ("met", None)
    second = outcomes.after_meetings(first, sides=["a", "b"], held=2, now=END)
    assert (second.highest, second.confirmed) == ("second_meeting", "second_meeting")
    assert second.said["a"]["met"] == START


def test_nothing_comes_of_a_match_that_was_not_agreed() -> None:
    with pytest.raises(InvalidState):
        outcomes.outcome_of(agreed().model_copy(update={"representatives": {"a": "kim"}}))


def test_a_debrief_is_written_once_the_meeting_has_begun() -> None:
    must_have_begun(booked(), START)
    for meeting, now in ((booked(), minutes(-1)), (asked(), minutes(1))):
        with pytest.raises(InvalidState):
            must_have_begun(meeting, now)


def test_the_code_of_a_table_is_of_its_place_and_installation() -> None:
    code = table_code("전시장 A-12", KEY)
    assert len(code) == LENGTH and set(code) <= set(CHARACTERS)
    here = booked(venue=Venue(kind="onsite", place="전시장 Ａ-12"))  # a full-width letter
    assert is_at(here, code, KEY)
    assert not is_at(here, table_code("전시장 A-13", KEY), KEY)
    assert not is_at(here, table_code("전시장 A-12", b"another"), KEY)
    assert not is_at(booked(venue=Venue(kind="online", url="https://m.example")), code, KEY)
