"""Who is offered a time that became free, when, and on which terms."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.chassis.model import InvalidState
from services.matching.domain.asks import Meant
from services.matching.domain.forum_plans import offers
from services.matching.domain.forum_plans.closures import Closure
from services.matching.domain.forum_plans.day_change import closure_of, consequences, overrun
from services.matching.domain.forum_plans.next_pairs import Wanted, next_pairs
from services.matching.domain.forum_plans.openings import MAX_LOOKS, Opening
from services.matching.domain.forum_plans.plan import MAX_CLOSURES, PlanBook
from services.matching.domain.forums.offer_terms import Chance, OfferTerms
from services.matching.domain.forums.registration import Targets
from services.matching.domain.forums.setup import ForumSetup
from services.matching.domain.meeting import Meeting
from tests.support.forums import forum_of_2027
from tests.unit.matching.test_forum_plans import FIRST, NOW, booked, match, registration, sources, standing

SEOUL, BEIJING = ZoneInfo("Asia/Seoul"), ZoneInfo("Asia/Shanghai")
SLOT = dt.datetime(2027, 3, 4, 14, tzinfo=SEOUL)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("now", "asked", "lapses"),
    [
        ("2027-03-04T10:00", "2027-03-04T10:00", "2027-03-04T10:20"),
        ("2027-03-04T13:25", "2027-03-04T13:25", "2027-03-04T13:45"),  # a quarter of an hour is left
        ("2027-03-04T13:26", None, None),
        ("2027-03-03T15:00", "2027-03-03T15:00", "2027-03-03T17:00"),
        # In Seoul it would end at the beginning of quiet hours, in Beijing before it.
        ("2027-03-03T19:00", "2027-03-03T19:00", "2027-03-03T21:00"),
        # At eight in Beijing it is nine in Seoul.
        ("2027-03-03T19:01", "2027-03-04T09:00", "2027-03-04T09:20"),
        ("2027-03-04T03:00", "2027-03-04T09:00", "2027-03-04T09:20"),
    ],
)
def test_people_are_asked_when_they_can_answer(now: str, asked: str | None, lapses: str | None) -> None:
    found = OfferTerms().chance(SLOT, at(now), SEOUL, [SEOUL, BEIJING])
    assert found == (Chance(at(asked), at(lapses)) if asked and lapses else None)


def test_quiet_hours_are_those_of_a_side_and_may_lie_within_a_day() -> None:
    terms = OfferTerms(quiet_from="12:00", quiet_until="13:00")
    found = terms.chance(SLOT, at("2027-03-04T11:45"), SEOUL, [SEOUL])
    assert found and found.at == at("2027-03-04T13:00")
    assert terms.chance(SLOT, at("2027-03-04T11:45"), SEOUL, [BEIJING]) == Chance(
        at("2027-03-04T11:45"), at("2027-03-04T12:05")
    )
    none = OfferTerms(quiet_from="08:00", quiet_until="08:00")
    assert none.chance(SLOT, at("2027-03-04T03:00"), SEOUL, [SEOUL]) is not None


def freed_of(meetings: list[Meeting], match_id: str) -> tuple[Meeting, list[Meeting]]:
    gone = next(one for one in meetings if one.match_id == match_id)
    return gone, [one for one in meetings if one is not gone]


def asked_of(setup: dict[str, Any], **changes: Any) -> list[str]:
    """Matches in the order in which they are asked, after that of kr and cn was cancelled at 09:00."""
    first = sources(matches=[match("kr", "cn")])
    gone, left = freed_of(booked(first), "m-kr-cn")
    changes |= {"setup": ForumSetup.model_validate(forum_of_2027(talks=[], **setup))}
    everybody = [registration(id) for id in ("kr", "cn", "zh", "ko")]
    pairs = [match("kr", "zh"), match("ko", "cn", score=0.6), match("ko", "zh")]
    speak = {"kr": ["ko"], "ko": ["ko"], "cn": ["zh"], "zh": ["zh"]}
    fields: dict[str, Any] = {
        "registrations": everybody,
        "matches": [*first.matches, *pairs],
        "languages": speak,
    } | changes
    after = replace(first, **fields)
    assert left == []
    return [one.match_id for one in next_pairs(Wanted(gone.start, gone.venue.place, {"m-kr-cn"}, False), after)]


def test_the_next_pair_is_chosen_in_the_order_of_objectives() -> None:
    by_score = ["m-ko-cn", "m-ko-zh", "m-kr-zh"]
    assert asked_of({}) == by_score
    short = [registration("kr", targets=Targets(minimum=1)), *map(registration, ("cn", "zh", "ko"))]
    assert asked_of({}, registrations=short) == ["m-kr-zh", "m-ko-cn", "m-ko-zh"]
    must = [registration("ko", must_meets=["zh"]), *short[:3]]
    assert asked_of({}, registrations=must) == ["m-ko-zh", "m-kr-zh", "m-ko-cn"]


def test_who_is_not_free_then_is_not_asked() -> None:
    taken = frozenset({f"member/org-ko/rep-ko/{FIRST:%Y-%m-%dT%H:%MZ}"})
    assert asked_of({}, claims=taken) == ["m-kr-zh"]
    assert asked_of({"interpreters": []}, claims=taken) == [], "they share no language"


def test_a_remote_interpreter_is_offered_only_with_a_link() -> None:
    remote = [one | {"attendance": "remote"} for one in forum_of_2027()["interpreters"]]
    before = sources(setup=ForumSetup.model_validate(forum_of_2027(talks=[], interpreters=remote)))
    gone, left = freed_of(booked(before), "m-kr-cn")
    around = standing(before, left)
    around = replace(around, locks={id: at for id, at in around.locks.items() if id != "m-kr-cn"}, booked=frozenset())
    for has_link, asked in ((True, [("m-kr-cn", True)]), (False, [])):
        found = next_pairs(Wanted(gone.start, gone.venue.place, {"m-kr-zh"}, has_link), around)
        assert [(one.match_id, one.online) for one in found] == asked


def test_the_place_that_became_free_goes_first() -> None:
    before = sources()
    meetings = booked(before)
    gone, left = freed_of(meetings, "m-kr-cn")
    moved = gone.model_copy(update={"venue": gone.venue.model_copy(update={"place": "B-2"})})
    around = standing(before, left)
    around = replace(around, locks={id: at for id, at in around.locks.items() if id != "m-kr-cn"}, booked=frozenset())
    (found,) = next_pairs(Wanted(moved.start, moved.venue.place, {"m-kr-zh"}, False), around)
    assert (found.match_id, found.place, found.start) == ("m-kr-cn", "B-2", gone.start)


def offer() -> Meeting:
    before = sources()
    gone, _ = freed_of(booked(before), "m-kr-cn")
    planned = next(
        one
        for one in next_pairs(Wanted(gone.start, gone.venue.place, (), False), sources())
        if one.match_id == "m-kr-zh"
    )
    made = offers.offered(
        "t-1", match("kr", "zh"), planned, opening_id=gone.id, forum_id="f", setup=before.setup, link=None
    )
    return offers.made(made, NOW + dt.timedelta(minutes=20)).meeting


def test_an_offer_waits_for_no_one_in_particular_and_is_booked_by_both() -> None:
    asked = offer()
    assert (asked.requesters, asked.state, asked.plan, asked.forum_id) == (set(), "requested", None, "f")
    once = offers.accept(asked, side="kr", meant=Meant(), now=NOW)
    assert (once.meeting.state, once.meeting.accepted_by) == ("requested", ["kr"])
    assert offers.accept(once.meeting, side="kr", meant=Meant(), now=NOW).event is None
    both = offers.accept(once.meeting, side="zh", meant=Meant(start=asked.start), now=NOW).meeting
    assert (both.state, both.accepted_by, both.lapses_at) == ("booked", ["kr", "zh"], None)
    with pytest.raises(InvalidState, match="over"):
        offers.accept(asked, side="kr", meant=Meant(), now=NOW + dt.timedelta(minutes=20))
    with pytest.raises(InvalidState, match="not the start"):
        offers.accept(asked, side="kr", meant=Meant(start=asked.start + dt.timedelta(hours=1)), now=NOW)


def test_an_opening_remembers_whom_it_was_offered() -> None:
    asked = offer()
    offered = Opening(start=asked.start).offering(asked)
    declined = offered.answered(asked.model_copy(update={"state": "cancelled", "reason": "cancelled"}))
    assert (declined.state, declined.offer, declined.tried) == ("looking", None, {"m-kr-zh": "cancelled"})
    assert offered.answered(asked.model_copy(update={"state": "completed"})).state == "filled"


def test_a_speaker_who_overruns_is_away_with_the_room_and_no_longer() -> None:
    talk = {
        "id": "T-1",
        "start": "2027-03-04T09:00:00+09:00",
        "end": "2027-03-04T09:40:00+09:00",
        "room": "R-1",
        "speakers": [{"profile_id": "kr"}, {"profile_id": "gone"}],
    }
    before = sources(setup=ForumSetup.model_validate(forum_of_2027(talks=[talk])))
    meetings = booked(before)
    (talk_of,) = before.setup.talks
    closure = closure_of(overrun(talk_of, 25), "f", before.setup, before.registrations)
    assert closure is not None and closure.holders == ["member/org-kr/rep-kr", "room/f/R-1"]
    assert (closure.first_slot, closure.end) == (talk_of.end, talk_of.end + dt.timedelta(minutes=25))
    next_one = min(meetings, key=lambda one: one.start)
    found = consequences(closure, standing(before, meetings), meetings)
    hit = [one.match_id for one in meetings if one.start < closure.end]
    assert [one.match_id for one, _ in found.moved] == hit and next_one.match_id in hit
    assert all(planned.start >= closure.end for _, planned in found.moved)
    assert closure_of(replace(overrun(talk_of, 25), id="T-9"), "f", before.setup, before.registrations) is None


def test_what_is_away_is_kept_until_it_is_over_once_each_and_not_without_end() -> None:
    def away(n: int) -> Closure:
        return Closure(kind="table", id=f"A-{n}", start=FIRST, end=FIRST + dt.timedelta(hours=1), holders=[f"t/{n}"])

    book = PlanBook(id="f").with_closure(away(1), NOW).with_closure(away(1), NOW).with_closure(away(2), NOW)
    assert [one.id for one in book.closures] == ["A-1", "A-2"]
    assert book.hits({"t/2", "x"}, FIRST, FIRST + dt.timedelta(minutes=20))
    assert not book.hits({"t/2"}, FIRST + dt.timedelta(hours=1), FIRST + dt.timedelta(hours=2))
    assert [one.id for one in book.without_closure("table", "A-1").closures] == ["A-2"]
    assert book.with_closure(away(3), FIRST + dt.timedelta(hours=1)).closures == [away(3)]
    for n in range(MAX_CLOSURES - 2):
        book = book.with_closure(away(n + 3), NOW)
    with pytest.raises(InvalidState, match="the most"):
        book.with_closure(away(0), NOW)


def test_a_time_without_a_pair_is_looked_at_again_some_times_and_others_never() -> None:
    opening, looks = Opening(start=SLOT).ended("no_pair"), 0
    while opening.may_be_looked_at_again:
        opening, looks = opening.looked_at_again().ended("no_pair"), looks + 1
    assert looks == MAX_LOOKS
    assert not Opening(start=SLOT).may_be_looked_at_again, "it is looked at"
    for why in ("too_near", "offers_spent"):
        assert not Opening(start=SLOT).ended(why).may_be_looked_at_again
