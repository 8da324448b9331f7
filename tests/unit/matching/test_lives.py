"""The lives of a match and of a meeting, as tables of what may follow what."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.model.refusals import Invalid, InvalidState
from services.matching.domain import match as matches
from services.matching.domain import meeting as meetings
from services.matching.domain.asks import Meant
from services.matching.domain.calendar import LIBRARY, must_be_common
from services.matching.domain.claim import NO_PLACES, at_its_sign, claimed_slot, slots
from services.matching.domain.forum_plans.booking import places_of
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.match import Match
from services.matching.domain.meeting import Meeting, request
from services.matching.domain.meeting_event import to_event
from services.matching.job_kinds import MatchJob, MeetingJob
from tests.support.forums import forum_of_2027

NOW = dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)  # Monday, 10:00 in Seoul
START = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)  # Tuesday, 10:00 in Seoul
HALL = Venue(kind="onsite", place="A3")


def a_match(**fields: Any) -> Match:
    base: dict[str, Any] = {
        "id": "m",
        "parties": ["a", "b"],
        "owners": {"a": "hanbit", "b": "huaqiao"},
        "revisions": {"a": 1, "b": 1},
        "score": 0.5,
        "interest": {"a": 0.5, "b": 0.5},
        "evidence": [],
        "expires_at": NOW + dt.timedelta(days=14),
    }
    return Match(**(base | fields))


def agreed() -> Match:
    return a_match(state="agreed", accepted_by=["a", "b"], representatives={"a": "kim", "b": "wang"})


def asked(**fields: Any) -> Meeting:
    meeting = request("t", agreed(), side="a", member_id="kim", start=START, venue=HALL, now=NOW)
    return meeting.model_copy(update=fields)


def test_two_yeses_agree_and_fix_who_represents_whom() -> None:
    one = matches.accept(a_match(), side="a", member_id="kim", now=NOW)
    again = matches.accept(one.match, side="a", member_id="lee", now=NOW)
    both = matches.accept(one.match, side="b", member_id="wang", now=NOW)
    assert (one.match.state, again.event, both.match.state) == ("accepted", None, "agreed")
    assert both.match.representatives == {"a": "kim", "b": "wang"}


@pytest.mark.parametrize("state", ["declined", "expired", "withdrawn"])
def test_after_its_end_a_match_is_not_accepted(state: str) -> None:
    with pytest.raises(InvalidState) as refusal:
        matches.accept(a_match(state=state), side="a", member_id="kim", now=NOW)
    assert refusal.value.extra == {"state": state}


def test_an_answer_binds_by_the_clock_not_by_the_job() -> None:
    late = NOW + dt.timedelta(days=15)
    with pytest.raises(InvalidState) as refusal:
        matches.accept(a_match(), side="a", member_id="kim", now=late)
    assert refusal.value.type == "lapsed"
    assert matches.expire(a_match(), now=late).match.state == "expired"
    assert matches.expire(a_match(), now=NOW).event is None
    assert matches.expire(agreed(), now=late).event is None


def test_a_decline_is_final_private_and_too_late_after_agreement() -> None:
    declined = matches.decline(a_match(), reason="competitor", now=NOW)
    assert declined.event and matches.to_event(declined.match, declined.event).reason is None
    assert matches.decline(declined.match, reason="other", now=NOW).event is None
    with pytest.raises(InvalidState):
        matches.decline(agreed(), reason="other", now=NOW)


def test_a_withdrawal_says_why() -> None:
    ended = matches.withdraw(agreed(), reason="profile_erased")
    assert ended.event and matches.to_event(ended.match, ended.event).reason == "profile_erased"
    assert matches.withdraw(ended.match, reason="displaced").event is None


@pytest.mark.parametrize(
    ("start", "says"),
    [
        (START + dt.timedelta(minutes=5), "grid"),
        (NOW - dt.timedelta(days=3), "future"),
    ],
)
def test_a_start_off_the_grid_or_past_is_refused(start: dt.datetime, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        request("t", agreed(), side="a", member_id="kim", start=start, venue=HALL, now=NOW)


@pytest.mark.parametrize(
    "start",
    [START.replace(hour=18), START.replace(hour=3, minute=30), dt.datetime(2026, 12, 6, 1, tzinfo=dt.UTC)],
)
def test_a_start_outside_working_hours_is_refused(start: dt.datetime) -> None:
    with pytest.raises(Invalid, match="do not work"):
        must_be_common(start, LIBRARY)


def test_only_who_agreed_may_meet() -> None:
    with pytest.raises(InvalidState, match="accept"):
        request("t", a_match(), side="a", member_id="kim", start=START, venue=HALL, now=NOW)


@pytest.mark.parametrize(
    ("now", "lapses"),
    [
        (NOW, START),
        (START - dt.timedelta(days=5), START - dt.timedelta(days=3)),
        (START + dt.timedelta(hours=-1), START + dt.timedelta(minutes=-40)),
        (START + dt.timedelta(minutes=-10), START),
    ],
)
def test_a_request_lapses_after_two_days_twenty_minutes_or_at_its_start(now: dt.datetime, lapses: dt.datetime) -> None:
    assert request("t", agreed(), side="a", member_id="kim", start=START, venue=HALL, now=now).lapses_at == lapses


def test_the_other_side_confirms_and_a_repeat_is_no_news() -> None:
    booked = meetings.confirm(asked(), side="b", member_id="wang", meant=Meant(), now=NOW)
    assert booked.meeting.state == "booked" and booked.event
    assert meetings.confirm(booked.meeting, side="b", member_id="wang", meant=Meant(), now=NOW).event is None
    with pytest.raises(InvalidState) as refusal:
        meetings.confirm(asked(), side="a", member_id="kim", meant=Meant(), now=NOW)
    assert refusal.value.type == "own-request"


def test_another_venue_turns_the_request_round() -> None:
    online = Venue(kind="online", url="https://meet.example/x")
    turned = meetings.confirm(asked(), side="b", member_id="wang", meant=Meant(venue=online), now=NOW).meeting
    assert (turned.state, turned.asked_by, turned.asked_by_member, turned.venue) == ("requested", "b", "wang", online)
    assert meetings.confirm(turned, side="a", member_id="kim", meant=Meant(), now=NOW).meeting.state == "booked"


@pytest.mark.parametrize("is_move", [False, True])
def test_no_side_turns_its_own_request_round(is_move: bool) -> None:
    """It would have more time for its answer, as often as it likes."""
    online = Venue(kind="online", url="https://meet.example/x")
    meeting = moved(a_booking()) if is_move else asked()
    with pytest.raises(InvalidState) as refusal:
        meetings.confirm(meeting, side="a", member_id="kim", meant=Meant(venue=online), now=NOW)
    assert refusal.value.type == "own-request"


def test_a_late_confirmation_is_lapsed_even_before_the_job_ran() -> None:
    with pytest.raises(InvalidState) as refusal:
        meetings.confirm(asked(), side="b", member_id="wang", meant=Meant(), now=START)
    assert refusal.value.type == "lapsed"
    assert meetings.lapse(asked(), now=START).meeting.state == "expired"
    assert meetings.lapse(asked(), now=NOW).event is None


def test_cancelling_a_booking_moves_its_sequence_on() -> None:
    booked = meetings.confirm(asked(), side="b", member_id="wang", meant=Meant(), now=NOW).meeting
    ended = meetings.cancel(booked, side="a", reason="cancelled", now=NOW)
    assert (ended.meeting.ical_sequence, ended.meeting.ended_by) == (1, "a")
    assert meetings.cancel(ended.meeting, side="b", reason="cancelled", now=NOW).event is None
    with pytest.raises(InvalidState):
        meetings.cancel(asked(state="expired"), side="a", reason="cancelled", now=NOW)


def test_a_meeting_claims_every_ten_minutes_of_every_member_half_open() -> None:
    assert len(list(slots(START, START + dt.timedelta(minutes=20)))) == 2
    assert asked().claim_ids() == [
        "member/hanbit/kim/2026-12-01T01:00Z",
        "member/hanbit/kim/2026-12-01T01:10Z",
        "member/huaqiao/wang/2026-12-01T01:00Z",
        "member/huaqiao/wang/2026-12-01T01:10Z",
    ]


LATER = START + dt.timedelta(minutes=10)


def a_booking(**fields: Any) -> Meeting:
    return asked(state="booked", lapses_at=None, **fields)


def moved(meeting: Meeting, start: dt.datetime = LATER, side: str = "a", now: dt.datetime = NOW) -> Meeting:
    return meetings.ask_move(meeting, side=side, member_id="kim", start=start, venue=None, now=now).meeting


def confirmed(meeting: Meeting) -> meetings.MeetingChange:
    """The other side confirms what is asked for now."""
    return meetings.confirm(meeting, side="b", member_id="wang", meant=Meant(start=meeting.ask.start), now=NOW)


def test_a_move_is_asked_for_and_the_old_time_stands_until_it_is_confirmed() -> None:
    waiting = moved(a_booking())
    assert waiting.start == START and waiting.move and waiting.move.start == LATER
    with pytest.raises(InvalidState) as refusal:
        meetings.confirm(waiting, side="a", member_id="kim", meant=Meant(), now=NOW)
    assert refusal.value.type == "own-request"
    done = confirmed(waiting)
    assert (done.meeting.start, done.meeting.move, done.meeting.ical_sequence) == (LATER, None, 1)
    assert done.event is not None and done.event.event_type == "magpie.meeting.rescheduled"
    assert confirmed(moved(done.meeting, START)).meeting.ical_sequence == 2


def test_the_same_move_again_is_no_news_and_another_replaces_it() -> None:
    waiting = moved(a_booking())
    again = meetings.ask_move(waiting, side="a", member_id="kim", start=LATER, venue=None, now=NOW)
    other = meetings.ask_move(waiting, side="b", member_id="wang", start=LATER + (LATER - START), venue=None, now=NOW)
    assert again.event is None and other.meeting.move and other.meeting.move.asked_by == "b"


def test_a_move_with_another_venue_is_turned_round() -> None:
    online = Venue(kind="online", url="https://meet.example/x")
    meant = Meant(start=LATER, venue=online)
    turned = meetings.confirm(moved(a_booking()), side="b", member_id="wang", meant=meant, now=NOW).meeting
    assert turned.start == START and turned.move
    assert (turned.move.asked_by, turned.move.venue) == ("b", online)


@pytest.mark.parametrize(
    ("meeting", "start", "now"),
    [
        (asked(), LATER, NOW),
        (asked(state="cancelled"), LATER, NOW),
        (a_booking(), START, NOW),
        (a_booking(), LATER + dt.timedelta(minutes=5), NOW),
        (a_booking(), LATER, START),
    ],
)
def test_what_cannot_be_moved_is_refused(meeting: Meeting, start: dt.datetime, now: dt.datetime) -> None:
    with pytest.raises((InvalidState, Invalid)):
        meetings.ask_move(meeting, side="a", member_id="kim", start=start, venue=None, now=now)


@pytest.mark.parametrize(
    ("venue", "held"),
    [
        (None, ["table/f/A-1", "interpreter/f/lee"]),
        (Venue(kind="onsite", place="A-1", url="https://meet.example/x"), ["table/f/A-1", "interpreter/f/lee"]),
        (Venue(kind="onsite", place="A-2"), ["table/f/A-2", "interpreter/f/lee"]),
        (Venue(kind="onsite", place="R-1"), ["room/f/R-1", "interpreter/f/lee"]),
        (Venue(kind="onsite", place="Ａ－2"), ["table/f/A-2", "interpreter/f/lee"]),
        (Venue(kind="onsite", place="r-1"), ["room/f/R-1", "interpreter/f/lee"]),
        (Venue(kind="onsite", place="로비"), ["interpreter/f/lee"]),
        (Venue(kind="online", url="https://meet.example/x"), ["interpreter/f/lee"]),
    ],
)
def test_a_moved_meeting_of_a_forum_holds_the_place_that_it_names_and_its_interpreter(
    venue: Venue | None, held: list[str]
) -> None:
    at_table = a_booking(
        forum_id="f",
        venue=Venue(kind="onsite", place="A-1"),
        resources=["table/f/A-1", "interpreter/f/lee"],
    )
    places = places_of(ForumSetup.model_validate(forum_of_2027()), "f")
    waiting = meetings.ask_move(at_table, side="a", member_id="kim", start=LATER, venue=venue, now=NOW).meeting
    meant = Meant(is_read=True)
    done = meetings.confirm(waiting, side="b", member_id="wang", meant=meant, now=NOW, places=places).meeting
    assert (done.start, done.resources) == (LATER, held)


@pytest.mark.parametrize(
    ("typed", "sign"),
    [
        ("A-1", "A-1"),
        ("ａ－2", "A-2"),
        ("r-1", "R-1"),
        ("대연회장 A-1", "A-1"),
        ("대연회장A-1", "A-1"),
        ("a a-1", "A-1"),
        ("대연회장 B-1", "대연회장 B-1"),
        ("A-9", "A-9"),
        ("로비", "로비"),
        (None, None),
    ],
)
def test_a_place_of_a_forum_is_called_as_on_its_sign(typed: str | None, sign: str | None) -> None:
    places = places_of(ForumSetup.model_validate(forum_of_2027()), "f")
    venue = Venue(kind="onsite", place=typed, url="https://meet.example/1")
    assert at_its_sign(venue, places) == venue.model_copy(update={"place": sign})
    assert at_its_sign(venue, NO_PLACES) == venue


def test_a_move_lapses_like_a_request_and_at_the_old_start_at_the_latest() -> None:
    waiting = moved(a_booking())
    assert waiting.move and waiting.move.lapses_at == min(START, NOW + dt.timedelta(hours=48))
    late = waiting.move.lapses_at
    with pytest.raises(InvalidState) as refusal:
        meetings.confirm(waiting, side="b", member_id="wang", meant=Meant(), now=late)
    assert refusal.value.type == "lapsed"
    forgotten = meetings.lapse(waiting, now=late)
    assert forgotten.meeting == a_booking(asked=waiting.asked) and forgotten.event is not None
    assert forgotten.event.event_type == "magpie.meeting.move_lapsed"


def test_cancelling_forgets_the_move_and_a_conflict_is_told_once() -> None:
    assert meetings.cancel(moved(a_booking()), side="b", reason="cancelled", now=NOW).meeting.move is None
    conflict = meetings.conflicting(a_booking(), "kim", now=NOW)
    assert conflict.event and meetings.conflicting(conflict.meeting, "kim", now=NOW).event is None
    assert meetings.conflicting(asked(), "kim", now=NOW).event is None
    assert meetings.conflicting(a_booking(), "kim", now=a_booking().end).event is None, "it has been held"
    assert confirmed(moved(conflict.meeting)).meeting.conflicts == []


def test_a_claim_names_its_slot() -> None:
    assert [claimed_slot(id) for id in asked().claim_ids()] == [START, START + (LATER - START)] * 2


def test_a_meeting_of_a_forum_also_claims_the_time_to_change_over() -> None:
    """A move to the next ten minutes must not leave its table and its people without it."""
    meeting = asked(resources=["table/f/A-1"], change_over=10)
    times = [START, START + dt.timedelta(minutes=10), START + dt.timedelta(minutes=20)]
    assert [claimed_slot(id) for id in meeting.claim_ids()] == times * 3
    without = meeting.model_copy(update={"change_over": 0})
    assert [claimed_slot(id) for id in without.claim_ids()] == times[:2] * 3, "it takes place for 20 minutes"


def test_the_same_pseudonym_in_another_organisation_is_another_person() -> None:
    """On the topic both are `kim`; who is taken when it is booked are two people."""
    meeting = asked(sides={"a": "kim", "b": "kim"})
    assert meeting.members == ["kim"] and meeting.member_keys == ["hanbit/kim", "huaqiao/kim"]
    assert len(meeting.claim_ids()) == 4 and meeting.requesters == {"hanbit/kim"}
    turned = moved(a_booking(), side="b").move
    assert a_booking(move=turned).requesters == {"huaqiao/kim"}
    shown = to_event(meeting, contract.MeetingRequested)
    assert shown.members == ["kim"] and "hanbit" not in shown.model_dump_json()


def test_a_job_decides_by_the_instant_that_it_was_planned_for() -> None:
    """The replica's copy of the clock is some milliseconds behind when mongod says that the time has come."""
    late = NOW + dt.timedelta(days=14)
    job = MatchJob(match_id="m", at=late)
    behind = late - dt.timedelta(milliseconds=5)
    assert matches.expire(a_match(expires_at=late), now=behind).event is None
    assert matches.expire(a_match(expires_at=late), now=job.due(behind)).match.state == "expired"
    assert job.due(late + dt.timedelta(seconds=1)) == late + dt.timedelta(seconds=1)
    assert MeetingJob(meeting_id="t").due(NOW) == NOW
