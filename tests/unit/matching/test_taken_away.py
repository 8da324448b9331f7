"""What another setup takes away from what is booked: as claims, from when until when."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.matching.domain.forum_plans.taken_away import taken_away
from services.matching.domain.forums.setup import ForumSetup
from tests.support.forums import forum_of_2027

BEFORE = ForumSetup.model_validate(forum_of_2027())


def found(**other: Any) -> list[tuple[str, str, str, str]]:
    closures = taken_away(BEFORE, ForumSetup.model_validate(forum_of_2027(**other)), "f")
    return [(holder, one.id, clock(one.start), clock(one.end)) for one in closures for holder in one.holders]


def clock(at: dt.datetime) -> str:
    return f"{at.astimezone(BEFORE.tz):%d %H:%M}"


def part(name: str, *without: str, **other: Any) -> dict[str, Any]:
    return {name: [one | other for one in forum_of_2027()[name] if one["id"] not in without]}


def test_the_same_and_more_take_nothing_away() -> None:
    assert found() == [] == found(tables=[*forum_of_2027()["tables"], {"id": "C-9", "hall": "A"}])
    assert found(change_over=20, walks=[], names={"en": "Forum"}) == []
    assert found(**part("interpreters", hours=[])) == [], "always there"
    assert found(talks=[]) == []


def test_what_is_gone_is_away_on_each_day() -> None:
    days = [("04 08:00", "04 19:00"), ("05 09:00", "05 17:00")]
    assert found(**part("tables", "A-1")) == [("table/f/A-1", "A-1", *times) for times in days]
    assert found(**part("interpreters", "kim-1")) == [("interpreter/f/kim-1", "kim-1", *times) for times in days]
    as_room = found(**part("tables", "A-1"), rooms=[*forum_of_2027()["rooms"], {"id": "A-1", "hall": "A"}])
    assert as_room == [("table/f/A-1", "A-1", *times) for times in days], "claims of a room are others"


def test_a_day_that_is_gone_takes_everything_of_it() -> None:
    (first, _) = forum_of_2027()["days"]
    gone = found(days=[first])
    assert {(start, end) for _, _, start, end in gone} == {("05 09:00", "05 17:00")}
    assert {holder for holder, *_ in gone} >= {"table/f/A-1", "room/f/R-1", "interpreter/f/kim-1"}


@pytest.mark.parametrize("room", ["R-1", None])
def test_a_new_talk_takes_its_room(room: str | None) -> None:
    talk = {"id": "T-2", "room": room, "start": "2027-03-05T11:00:00+09:00", "end": "2027-03-05T12:00:00+09:00"}
    taken = [("room/f/R-1", "T-2", "05 11:00", "05 12:00")] if room else []
    assert found(talks=[*forum_of_2027()["talks"], talk]) == taken


def test_hours_that_are_cut_are_away() -> None:
    hours = [{"start": "2027-03-04T09:00:00+09:00", "end": "2027-03-04T11:00:00+09:00"}]
    cut = [one | ({"hours": hours} if one["id"] == "wang-1" else {}) for one in forum_of_2027()["interpreters"]]
    assert found(interpreters=cut) == [
        ("interpreter/f/wang-1", "wang-1", *times)
        for times in [("04 08:00", "04 09:00"), ("04 11:00", "04 19:00"), ("05 09:00", "05 17:00")]
    ]
