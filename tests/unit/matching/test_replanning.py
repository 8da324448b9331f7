"""Meetings that cannot stay keep their time where that can be, or get the nearest one; what a forum's sides have moved
between its slots stays there and counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from services.matching.domain.forum_plans.day_change import Consequences, DayChange, closure_of, consequences, moved_to
from services.matching.domain.forum_plans.inputs import Sources
from services.matching.domain.forum_plans.next_pairs import Wanted, next_pairs
from services.matching.domain.forum_plans.plan import PlannedMeeting
from services.matching.domain.forums.registration import Delegate, Targets
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.meeting import Meeting
from tests.support.forums import forum_of_2027
from tests.unit.matching.test_forum_plans import (
    FIRST,
    booked,
    following,
    match,
    planned,
    registration,
    sources,
    standing,
)

BETWEEN = FIRST + dt.timedelta(minutes=10)
"""No slot of the forum begins then: one begins every half an hour."""


def minutes(count: int) -> dt.timedelta:
    return dt.timedelta(minutes=count)


def a_forum(*pairs: tuple[str, str], tables: int = 1, closes: str = "11:20", **changes: Any) -> Sources:
    """One morning, whose people all speak Korean."""
    setup = forum_of_2027(
        days=[{"date": "2027-03-04", "opens": "09:00", "closes": closes}],
        tables=[{"id": f"A-{n}", "hall": "A"} for n in range(1, tables + 1)],
        talks=[],
        rooms=[],
    )
    people = sorted({one for pair in pairs for one in pair})
    fields = {
        "setup": ForumSetup.model_validate(setup),
        "registrations": [registration(id) for id in people],
        "matches": [match(*pair) for pair in pairs],
        "languages": {id: ["ko"] for id in people},
    }
    return sources(**fields | changes)


def meets(pair: tuple[str, str], start: dt.datetime, place: str = "A-1") -> dict[str, PlannedMeeting]:
    id = f"m-{pair[0]}-{pair[1]}"
    sides = {one: f"rep-{one}" for one in pair}
    meeting = PlannedMeeting(match_id=id, sides=sides, start=start, place=place, interpreter=None, online=False)
    return {id: meeting}


def after(change: DayChange, forum: Sources, found: dict[str, PlannedMeeting], now: dt.datetime) -> Consequences:
    """What follows from a change at a moment."""
    meetings = booked(forum, found)
    closure = closure_of(change, "f", forum.setup, forum.registrations)
    assert closure is not None
    return consequences(closure, replace(standing(forum, meetings, found), now=now), meetings)


def times(found: Consequences) -> dict[str, tuple[dt.datetime, str | None]]:
    return {one.match_id: (to.start, to.place) for one, to in found.moved}


ONE, OTHER, THIRD = ("k1", "c1"), ("k2", "c2"), ("k3", "c3")


@pytest.mark.parametrize("kind", ["table", "interpreter"])
def test_who_loses_a_table_or_an_interpreter_keeps_its_time_where_others_are_free(kind: str) -> None:
    firms = [f"k{n}" for n in range(4)], [f"c{n}" for n in range(4)]
    pairs = [(k, c) for k in firms[0] for c in firms[1]]
    helpers = [{"id": f"i-{n}", "pairs": [["ko", "zh"]]} for n in range(6)]
    body = forum_of_2027(talks=[], interpreters=helpers)
    speak = {id: ["ko"] for id in firms[0]} | {id: ["zh"] for id in firms[1]}
    forum = a_forum(*pairs, setup=ForumSetup.model_validate(body), languages=speak)
    meetings = booked(forum)
    holders = {key for one in meetings for key in one.resources if key.startswith(f"{kind}/")}
    assert len(holders) > 1
    for holder in sorted(holders):
        away = DayChange(kind, holder.rpartition("/")[2], FIRST, FIRST + dt.timedelta(days=2))  # type: ignore[arg-type]
        found = following(away, forum, meetings)
        assert found.moved and not found.lost
        assert all(to.start == was.start for was, to in found.moved), holder


def test_who_cannot_keep_its_time_gets_the_nearest_one_with_notice() -> None:
    forum, found = a_forum(ONE), meets(ONE, FIRST + minutes(60))
    gone = DayChange("table", "A-1", FIRST + minutes(60), FIRST + minutes(80))
    at = times(after(gone, forum, found, FIRST - minutes(60)))
    assert at == {"m-k1-c1": (FIRST + minutes(90), "A-1")}, "of two as near the later one"
    at = times(after(gone, forum, found, FIRST + minutes(59)))
    assert at == {"m-k1-c1": (FIRST + minutes(90), "A-1")}
    short = replace(
        forum,
        setup=forum.setup.model_copy(update={"offers": forum.setup.offers.model_copy(update={"lead_minutes": 45})}),
    )
    at = times(after(gone, short, found, FIRST + minutes(59)))
    assert at == {"m-k1-c1": (FIRST + minutes(120), "A-1")}, "nobody is sent to a table in half an hour"
    late = replace(gone, end=FIRST + minutes(200))
    assert [one.match_id for one in after(late, short, found, FIRST + minutes(59)).lost] == ["m-k1-c1"]


def test_nobody_is_left_out_because_another_one_took_the_nearest_time() -> None:
    """The better pair would take the only time that the other one has."""
    delegate = Delegate(member_id="rep-k2", leaves_at=FIRST + minutes(140))
    soon_gone = registration("k2", delegates=[delegate])
    people = [registration("k1"), registration("c1"), registration("c2"), soon_gone]
    matches = [match(*ONE, score=0.9), match(*OTHER, score=0.1)]
    forum = a_forum(ONE, OTHER, closes="11:50", registrations=people, matches=matches)
    found = meets(ONE, FIRST + minutes(60)) | meets(OTHER, FIRST + minutes(90))
    gone = DayChange("table", "A-1", FIRST + minutes(60), FIRST + minutes(110))
    at = times(after(gone, forum, found, FIRST + minutes(59)))
    assert at == {"m-k1-c1": (FIRST + minutes(150), "A-1"), "m-k2-c2": (FIRST + minutes(120), "A-1")}


def test_a_second_link_moves_with_its_meeting() -> None:
    (was,) = booked(a_forum(ONE), meets(ONE, FIRST))
    links = {"url": "https://a.example/1", "fallback_url": "https://b.example/2"}
    was = was.model_copy(update={"venue": was.venue.model_copy(update=links)})
    (planned_again,) = meets(ONE, FIRST + minutes(30)).values()
    setup = a_forum(ONE).setup
    hybrid = moved_to(was, planned_again.model_copy(update={"online": True}), setup).meeting.venue
    assert (hybrid.url, hybrid.fallback_url) == tuple(links.values())
    onsite = moved_to(was, planned_again, setup).meeting.venue
    assert (onsite.url, onsite.fallback_url) == (None, None)


def test_a_meeting_that_gets_a_remote_interpreter_gets_the_link_of_the_forum() -> None:
    (was,) = booked(a_forum(ONE), meets(ONE, FIRST))
    (planned_again,) = meets(ONE, FIRST + minutes(30)).values()
    helped, setup = planned_again.model_copy(update={"online": True}), a_forum(ONE).setup
    assert was.venue.url is None
    assert (
        moved_to(was, helped, setup, "https://meet.example/{id}").meeting.venue.url == f"https://meet.example/{was.id}"
    )
    assert moved_to(was, planned_again, setup, "https://meet.example/{id}").meeting.venue.url is None


def moved_between(pair: tuple[str, str], *others: tuple[str, str], **changes: Any) -> tuple[Sources, list[Meeting]]:
    """A forum at which the sides of a meeting have moved it to a time between the slots."""
    forum, found = a_forum(pair, *others, **changes), meets(pair, BETWEEN)
    meetings = booked(forum, found)
    return standing(forum, meetings, found), meetings


def test_what_was_moved_between_the_slots_is_not_planned_again_and_keeps_its_table() -> None:
    forum, _ = moved_between(ONE, OTHER)
    assert {id: at.start for id, at in planned(forum).items()} == {"m-k2-c2": FIRST + minutes(60)}


def test_what_was_moved_between_the_slots_takes_no_one_elses_time() -> None:
    forum, found = a_forum(ONE, OTHER, THIRD), meets(ONE, BETWEEN)
    found |= meets(OTHER, FIRST + minutes(60)) | meets(THIRD, FIRST + minutes(120))
    forum = replace(forum, matches=[match(*ONE, score=0.9), match(*OTHER, score=0.1), match(*THIRD)])
    gone = DayChange("table", "A-1", FIRST + minutes(60), FIRST + minutes(80))
    assert times(after(gone, forum, found, FIRST - minutes(60))) == {"m-k2-c2": (FIRST + minutes(90), "A-1")}


@pytest.mark.parametrize("is_held", [True, False])
def test_what_was_moved_between_the_slots_or_held_counts_for_the_maximum(is_held: bool) -> None:
    few = registration("k1", targets=Targets(minimum=0, maximum=1))
    people = [few, registration("c1"), registration("c2")]
    if is_held:
        forum = a_forum(("k1", "c2"), registrations=people, met={"k1": 1})
    else:
        forum, _ = moved_between(ONE, ("k1", "c2"), registrations=people)
    wanted = Wanted(FIRST + minutes(90), "A-1", frozenset(), False)
    assert next_pairs(wanted, forum) == [] and planned(forum) == {}
    assert next_pairs(wanted, replace(forum, registrations=[registration("k1"), *people[1:]])) != []


@pytest.mark.parametrize("most", [3, 4])
@pytest.mark.parametrize("held", [0, 1, 2])
def test_an_interpreter_has_a_rest_also_after_meetings_that_were_held(held: int, most: int) -> None:
    """Three meetings in a row before 10:30; the first ones are completed, the others booked."""
    speakers = {
        one: ["ko"] if one.startswith("k") else ["zh"] for one in ("k1", "k2", "k3", "k4", "c1", "c2", "c3", "c4")
    }
    helper = [{"id": "int-1", "pairs": [["ko", "zh"]], "max_in_row": most}]
    forum = a_forum(ONE, OTHER, THIRD, ("k4", "c4"), languages=speakers)
    forum = replace(
        forum, setup=ForumSetup.model_validate(forum.setup.model_dump(mode="json") | {"interpreters": helper})
    )
    found = dict[str, PlannedMeeting]()
    for n, pair in enumerate((ONE, OTHER, THIRD)):
        found |= {
            id: at.model_copy(update={"interpreter": "int-1"})
            for id, at in meets(pair, FIRST + minutes(30 * n)).items()
        }
    left = dict(list(found.items())[held:])
    done = [at for id, at in found.items() if id not in left]
    forum = standing(forum, booked(forum, left), left)
    met = {side: 1 for at in done for side in at.sides}
    now = FIRST + minutes(65)
    matches = [one for one in forum.matches if one.id not in found or one.id in left]
    forum = replace(forum, matches=matches, met=met, served={"int-1": [at.start for at in done]}, now=now)
    pairs = next_pairs(Wanted(FIRST + minutes(90), "A-1", frozenset(), False), forum)
    assert [one.match_id for one in pairs] == (["m-k4-c4"] if most == 4 else [])


def test_an_interpreter_has_a_rest_also_after_a_meeting_between_the_slots() -> None:
    helper = [{"id": "int-1", "pairs": [["ko", "zh"]], "max_in_row": 1}]
    speakers = {"k1": ["ko"], "c1": ["zh"], "k2": ["ko"], "c2": ["zh"]}
    forum = a_forum(ONE, OTHER, languages=speakers)
    forum = replace(
        forum, setup=ForumSetup.model_validate(forum.setup.model_dump(mode="json") | {"interpreters": helper})
    )
    found = {id: at.model_copy(update={"interpreter": "int-1"}) for id, at in meets(ONE, BETWEEN).items()}
    forum = standing(forum, booked(forum, found), found)
    assert planned(forum)["m-k2-c2"].start >= FIRST + minutes(60)
    assert next_pairs(Wanted(FIRST + minutes(30), "A-1", frozenset(), False), forum) == []


def test_nothing_new_is_planned_in_a_slot_that_has_begun() -> None:
    forum, found = a_forum(ONE, OTHER, tables=2, closes="09:20"), meets(ONE, FIRST)
    forum = replace(standing(forum, booked(forum, found), found), now=FIRST + minutes(5))
    assert set(planned(forum)) == {"m-k1-c1"}


def test_what_is_over_does_not_stay() -> None:
    forum, found = a_forum(ONE, OTHER, tables=1), meets(ONE, FIRST) | meets(OTHER, FIRST + minutes(90))
    gone = DayChange("table", "A-1", FIRST + minutes(90), FIRST + minutes(110))
    assert after(gone, forum, found, FIRST + minutes(60)).stay == 0
    assert after(gone, forum, found, FIRST - minutes(60)).stay == 1
