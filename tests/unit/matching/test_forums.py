"""Forums: what an organiser defines, its slots, its life, and its plan in parts."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import Any, get_args

import pytest

from schemas import forums as contract
from schemas.forums import MAX_MEETINGS_A_PART, ScheduledMeeting
from services.chassis.model import Invalid, InvalidState
from services.chassis.model.events import MAX_EVENT_BYTES
from services.matching.domain.forums import plan_parts as parts
from services.matching.domain.forums.forum import (
    Forum,
    State,
    announce,
    change,
    move_on,
    must_take_registrations,
    to_event,
)
from services.matching.domain.forums.registration import MAX_PARTICIPANTS, Delegate, Roster, why_not
from services.matching.domain.forums.setup import ForumSetup, must_fit_together
from services.matching.domain.forums.venue import DEFAULT_WALK_MINUTES
from tests.support.forums import forum_of_2027

NOW = dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)


def a_setup(**other: Any) -> ForumSetup:
    return ForumSetup.model_validate(forum_of_2027(**other))


def a_forum(**other: Any) -> Forum:
    return announce("f-1", a_setup(**other), owner="kic", now=NOW).forum


def clocks(setup: ForumSetup) -> list[str]:
    return [f"{start.astimezone(setup.tz):%d %H:%M}" for start in setup.slots()]


def test_slots_follow_each_other_with_the_change_over_and_begin_again_after_a_break() -> None:
    found = clocks(a_setup())
    assert found[:6] == ["04 09:00", "04 09:30", "04 10:00", "04 10:30", "04 11:00", "04 11:30"]
    assert found[6:8] == ["04 13:00", "04 13:30"]
    assert found[-1] == "05 15:30" and len(found) == 6 + 10 + 12
    dense = a_setup(change_over=0, days=[{"date": "2027-03-04", "opens": "09:00", "closes": "10:10"}])
    assert clocks(dense) == ["04 09:00", "04 09:20", "04 09:40"]
    short = {"date": "2027-03-04", "opens": "09:00", "closes": "10:10", "breaks": [{"start": "09:20", "end": "09:30"}]}
    assert clocks(a_setup(change_over=30, days=[short])) == ["04 09:00", "04 09:50"], (
        "a break is a change-over at least"
    )


def test_slots_are_on_the_grid_that_claims_have() -> None:
    assert all(start.minute % 10 == 0 and start.tzinfo is dt.UTC for start in a_setup().slots())
    with pytest.raises(Invalid, match="every ten minutes"):
        # 15 minutes from a whole hour of UTC: no ten-minute grid fits both clocks at 09:00.
        must_fit_together(a_setup(zone="Asia/Kathmandu", talks=[]))


@pytest.mark.parametrize(("until", "first"), [("13:05", "04 13:10"), ("12:55", "04 13:00"), ("13:00", "04 13:00")])
def test_a_break_until_between_two_marks_of_the_grid_ends_at_the_next_one(until: str, first: str) -> None:
    """A slot between them would share its minutes with claims of others, and not its claims."""
    day = {"date": "2027-03-04", "opens": "11:30", "closes": "13:40", "breaks": [{"start": "12:00", "end": until}]}
    assert clocks(a_setup(days=[day]))[:2] == ["04 11:30", first]


@pytest.mark.parametrize(
    ("start", "end", "is_taken"),
    [
        ("2027-03-04T08:00", "2027-03-04T09:00", True),  # the keynote before people meet
        ("2027-03-05T16:00", "2027-03-05T17:00", True),
        ("2027-03-05T09:00", "2027-03-05T10:00", True),
        ("2027-03-03T20:00", "2027-03-03T21:00", False),
        ("2027-03-06T10:00", "2027-03-06T11:00", False),
    ],
)
def test_a_talk_is_on_a_date_of_the_forum(start: str, end: str, is_taken: bool) -> None:
    talk = {"id": "T-1", "start": f"{start}:00+09:00", "end": f"{end}:00+09:00"}
    with nullcontext() if is_taken else pytest.raises(Invalid, match="A talk is on a day of the forum"):
        must_fit_together(a_setup(talks=[talk]))


@pytest.mark.parametrize(
    ("end", "is_taken"),
    [("2027-03-05T23:30", True), ("2027-03-06T00:00", True), ("2027-03-06T00:30", False), ("2027-06-04T09:00", False)],
)
def test_a_talk_lasts_as_long_as_the_days_of_its_forum_at_most(end: str, is_taken: bool) -> None:
    setup = a_setup(talks=[{"id": "T-1", "start": "2027-03-04T20:00:00+09:00", "end": f"{end}:00+09:00"}])
    with nullcontext() if is_taken else pytest.raises(Invalid, match="ends on a day of the forum"):
        must_fit_together(setup)
    must_fit_together(setup, setup)


def test_a_talk_does_not_go_on_through_a_day_between_those_of_its_forum() -> None:
    apart = [{"date": date, "opens": "10:00", "closes": "17:00"} for date in ("2027-03-04", "2027-03-06")]
    long = {"id": "T-1", "start": "2027-03-04T20:00:00+09:00", "end": "2027-03-06T09:00:00+09:00"}
    with pytest.raises(Invalid, match="ends on a day of the forum"):
        must_fit_together(a_setup(days=apart, talks=[long]))


KIM, LEE, BOTH = ({"profile_id": "kr-1"} | member for member in ({"member_id": "kim"}, {"member_id": "lee"}, {}))


@pytest.mark.parametrize(
    ("one", "other", "hours", "is_taken"),
    [
        (KIM, KIM, (10, 12), False),
        (KIM, BOTH, (10, 12), False),
        (BOTH, BOTH, (10, 12), False),
        (KIM, LEE, (10, 12), True),
        (KIM, KIM, (11, 12), True),
        (KIM, KIM | {"profile_id": "kr-2"}, (10, 12), True),
    ],
)
def test_no_one_speaks_in_two_places_at_a_time(
    one: dict[str, Any], other: dict[str, Any], hours: tuple[int, int], is_taken: bool
) -> None:
    talks = [talk("T-1", 9, 11) | {"speakers": [one]}, talk("T-2", *hours, room=None) | {"speakers": [other]}]
    setup = a_setup(talks=talks)
    with nullcontext() if is_taken else pytest.raises(Invalid, match="speaks in T-2 at that time"):
        must_fit_together(setup)
    must_fit_together(setup, setup)


@pytest.mark.parametrize(
    ("terms", "is_taken"),
    [
        ({}, True),
        ({"quiet_from": "08:00", "quiet_until": "08:00", "answer_minutes_ahead": 600}, True),
        ({"quiet_from": "10:00", "quiet_until": "09:50"}, False),
        ({"quiet_from": "10:00", "quiet_until": "09:50", "enabled": False}, True),
        # Between nine in Beijing and eleven in Seoul there is an hour.
        ({"quiet_from": "11:00", "quiet_until": "09:00", "answer_minutes": 60}, True),
        ({"quiet_from": "11:00", "quiet_until": "09:00", "answer_minutes": 61}, False),
        # On the day before it is too long, on the day it is not.
        ({"quiet_from": "12:00", "quiet_until": "08:00", "answer_minutes_ahead": 600}, True),
    ],
)
def test_terms_on_which_nothing_could_be_offered_are_refused(terms: dict[str, Any], is_taken: bool) -> None:
    setup = a_setup(offers=terms)
    with nullcontext() if is_taken else pytest.raises(Invalid, match="no time that became free could be offered"):
        must_fit_together(setup)
    must_fit_together(setup, setup)


def test_a_talk_between_two_days_that_are_apart_is_on_none() -> None:
    apart = [{"date": date, "opens": "10:00", "closes": "17:00"} for date in ("2027-03-04", "2027-03-08")]
    talk = {"id": "T-1", "start": "2027-03-06T10:00:00+09:00", "end": "2027-03-06T11:00:00+09:00"}
    with pytest.raises(Invalid, match="A talk is on a day of the forum"):
        must_fit_together(a_setup(days=apart, talks=[talk]))


def test_a_break_at_night_is_a_slip_of_the_clock() -> None:
    day = {"date": "2027-03-04", "opens": "09:00", "closes": "18:00", "breaks": [{"start": "00:00", "end": "01:00"}]}
    with pytest.raises(Invalid, match="not within the hours of its day"):
        must_fit_together(a_setup(days=[day], talks=[]))


def test_who_is_there_only_between_the_days_does_not_come() -> None:
    setup = a_setup()
    evening, morning = dt.datetime(2027, 3, 4, 9, tzinfo=dt.UTC), dt.datetime(2027, 3, 5, 1, tzinfo=dt.UTC)
    assert why_not(Delegate(member_id="m", arrives_at=evening, leaves_at=morning), setup) is not None
    late = morning + dt.timedelta(minutes=20)
    assert why_not(Delegate(member_id="m", arrives_at=evening, leaves_at=late), setup) is None


def test_walks_count_in_both_directions() -> None:
    setup = a_setup()
    assert setup.walking_minutes("A", "B") == setup.walking_minutes("B", "A") == 7
    assert setup.walking_minutes("A", "A") == 0
    assert a_setup(walks=[]).walking_minutes("A", "B") == DEFAULT_WALK_MINUTES


def talk(id: str, start: int, end: int, room: str | None = "R-1") -> dict[str, Any]:
    hours = {"start": f"2027-03-04T{start:02}:00:00+09:00", "end": f"2027-03-04T{end:02}:00:00+09:00"}
    return {"id": id, "room": room, **hours}


def interpreter(date: str, *hours: tuple[int, int]) -> dict[str, Any]:
    spans = [
        {"start": f"{date}T{start:02}:00:00+09:00", "end": f"{date}T{end:02}:00:00+09:00"}
        for start, end in hours or [(9, 12)]
    ]
    return {"id": "kim", "pairs": [["ko", "zh"]], "hours": spans}


def test_talks_that_follow_each_other_or_are_elsewhere_fit_together() -> None:
    must_fit_together(a_setup(talks=[talk("T-1", 9, 11), talk("T-2", 11, 12), talk("T-3", 9, 12, room=None)]))
    must_fit_together(a_setup(talks=[talk("T-1", 9, 11, room=None), talk("T-2", 9, 11, room=None)]))


def test_hours_that_are_stored_may_stay_where_they_are() -> None:
    stored = a_setup(interpreters=[interpreter("2026-03-04")])
    forum = a_forum().model_copy(update={"setup": stored})
    changed = change(forum, stored.model_copy(update={"change_over": 20}))
    assert changed.forum.setup.interpreters == stored.interpreters
    with pytest.raises(Invalid, match="on a date of the forum"):
        change(forum, a_setup(interpreters=[interpreter("2026-03-05")]))


def test_an_interpreter_works_through_hours_that_touch() -> None:
    one = a_setup(interpreters=[interpreter("2027-03-04", (12, 15), (9, 12), (16, 18))]).interpreters[0]
    at = {hour: dt.datetime(2027, 3, 4, tzinfo=dt.UTC) + dt.timedelta(hours=hour - 9) for hour in range(8, 19)}
    assert one.works(at[11], at[13]) and one.works(at[9], at[15]) and one.works(at[16], at[18])
    assert (
        not one.works(at[14], at[17])
        and not one.works(at[15], at[16])
        and not one.works(at[17], at[18] + at[10].resolution)
    )


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"names": {}}, "/names"),
        ({"days": [{"date": "2027-03-04", "opens": "18:00", "closes": "09:00"}]}, "/days/0"),
        ({"days": [{"date": "2027-03-04", "opens": "09:00", "closes": "09:10"}]}, "/days/0"),
        ({"days": [{"date": "2027-03-04", "opens": "09:05", "closes": "12:00"}]}, "/days/0"),
        ({"days": [{"date": d, "opens": "09:00", "closes": "12:00"} for d in ("2027-03-05", "2027-03-04")]}, "/days"),
        ({"days": [{"date": "2027-03-04", "opens": "09:00", "closes": "12:00"}] * 2}, "/days"),
        ({"tables": [{"id": "A-1", "hall": "A"}, {"id": "A-1", "hall": "B"}]}, "/tables"),
        ({"rooms": [{"id": "A-1", "hall": "A"}]}, "/tables"),
        ({"tables": [{"id": "C-1", "hall": "C"}]}, "/tables/0/hall"),
        ({"walks": [{"halls": ["A", "X"], "minutes": 3}]}, "/walks/0/halls"),
        ({"interpreters": [{"id": "kim", "pairs": [["ko", "ko"]]}]}, "/interpreters/0/pairs"),
        ({"interpreters": [{"id": "kim", "pairs": []}]}, "/interpreters/0/pairs"),
        ({"talks": [{"id": "T", "start": "2027-04-01T00:00:00Z", "end": "2027-04-01T01:00:00Z"}]}, "/talks/0"),
        ({"rooms": []}, "/talks/0/room"),
        ({"talks": [talk("T-1", 9, 11), talk("T-2", 10, 12)]}, "/talks/1/room"),
        ({"walks": [{"halls": ["A", "B"], "minutes": 7}, {"halls": ["B", "A"], "minutes": 3}]}, "/walks/1/halls"),
        ({"tables": [{"id": "A-1", "hall": "A"}, {"id": "a-1", "hall": "B"}]}, "/tables"),
        ({"halls": [{"id": "A"}, {"id": "B"}, {"id": "b"}]}, "/halls"),
        ({"interpreters": [interpreter("2026-03-04")]}, "/interpreters/0/hours"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(wrong: dict[str, Any], pointer: str) -> None:
    must_fit_together(a_setup())
    with pytest.raises(Invalid) as refused:
        must_fit_together(a_setup(**wrong))
    errors: Any = refused.value.extra["errors"]
    assert errors[0]["pointer"] == pointer


def test_a_forum_opens_and_ends_its_registration_and_closes() -> None:
    forum = a_forum()
    with pytest.raises(InvalidState, match="Registration is not open"):
        must_take_registrations(forum)
    opened = move_on(forum, "open")
    assert opened.event is contract.ForumUpdated and move_on(opened.forum, "open").event is None
    must_take_registrations(opened.forum)
    closed = move_on(move_on(opened.forum, "ready").forum, "closed", reason="over")
    assert closed.event is contract.ForumClosed and closed.forum.reason == "over"
    for state in get_args(State):
        if state != "closed":
            with pytest.raises(InvalidState, match="nothing else"):
                move_on(closed.forum, state)
    with pytest.raises(InvalidState, match="changes no more"):
        change(closed.forum, a_setup(change_over=20))


def test_the_same_setup_again_changes_nothing() -> None:
    forum = a_forum()
    assert change(forum, a_setup()).event is None
    assert change(forum, a_setup(change_over=20)).event is contract.ForumUpdated


def test_the_event_names_no_person() -> None:
    said = to_event(a_forum(), contract.ForumAnnounced).model_dump_json()
    assert "대연회장" in said and "개막 강연" in said and '"tables":3' in said
    for private in ("kim-1", "wang-1", "kr-1", "kic"):
        assert private not in said


def test_an_interpreter_works_in_its_hours_in_both_directions() -> None:
    kim, wang = a_setup().interpreters
    nine = dt.datetime(2027, 3, 4, 0, tzinfo=dt.UTC)
    length = dt.timedelta(minutes=20)
    assert kim.speaks("zh", "ko") and not kim.speaks("ko", "en")
    assert kim.works(nine + dt.timedelta(days=1), nine + dt.timedelta(days=1) + length)
    assert wang.works(nine, nine + length)
    assert not wang.works(nine + dt.timedelta(hours=2, minutes=50), nine + dt.timedelta(hours=3, minutes=10))


def test_a_delegate_is_there_from_its_arrival_to_its_leaving() -> None:
    nine, length = dt.datetime(2027, 3, 4, 0, tzinfo=dt.UTC), dt.timedelta(minutes=20)
    late = Delegate(member_id="m", arrives_at=nine + length, leaves_at=nine + 3 * length)
    assert not late.is_there(nine, nine + length)
    assert late.is_there(nine + length, nine + 2 * length)
    assert not late.is_there(nine + 3 * length, nine + 4 * length)
    assert Delegate(member_id="m").is_there(nine, nine + length)


def test_a_roster_has_a_last_place() -> None:
    full = Roster(id="f").with_more(MAX_PARTICIPANTS)
    with pytest.raises(InvalidState, match="takes 1000 participants"):
        full.with_more(1)
    assert full.with_more(-1).with_more(1).participants == MAX_PARTICIPANTS
    assert Roster(id="f").with_more(-1).participants == 0


def scheduled(count: int, place: str | None, start: str = "2027-03-04T00:00:00+00:00") -> list[ScheduledMeeting]:
    return [ScheduledMeeting(meeting_id=f"{n:036}", start=start, place=place) for n in range(count)]


def test_a_plan_is_said_for_each_day_and_hall() -> None:
    next_day = "2027-03-04T23:30:00+00:00"  # in Seoul it is the fifth
    meetings = [*scheduled(2, "A-1"), *scheduled(1, "B-2"), *scheduled(3, "R-1", next_day), *scheduled(1, None)]
    found = parts.plan_parts(a_setup(), "f-1", 1, meetings)
    assert [(p.date, p.hall, len(p.meetings)) for p in found] == [
        ("2027-03-04", None, 1),
        ("2027-03-04", "A", 2),
        ("2027-03-04", "B", 1),
        ("2027-03-05", "A", 3),
    ]
    assert len({part.id for part in found}) == 4


def test_a_part_is_never_too_large_and_one_that_is_gone_is_said_to_be_empty() -> None:
    many = parts.plan_parts(a_setup(), "f" * 64, 1, scheduled(2 * MAX_MEETINGS_A_PART + 1, "A" * 30))
    assert [len(part.meetings) for part in many] == [MAX_MEETINGS_A_PART, MAX_MEETINGS_A_PART, 1]
    assert max(len(parts.to_event(part).model_dump_json()) for part in many) < MAX_EVENT_BYTES / 2
    few = parts.plan_parts(a_setup(), "f" * 64, 2, scheduled(1, "A" * 30))
    gone = parts.emptied(many, few, 2)
    assert [part.part for part in gone] == [1, 2]
    assert all(part.plan == 2 and not part.meetings for part in gone)
