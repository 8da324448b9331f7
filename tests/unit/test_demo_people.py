"""The demo's people decide by what they are shown: interest convinces, objections count, the seed settles the rest."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from deploy.demo import people
from deploy.demo.measures import Measures, percentile
from deploy.demo.people import Accept, Confirm, Decline, LeaveOpen, decide_match
from services.matching.api.bodies import DeclineIn

PAIR = {"need": {"text_id": "n"}, "offer": {"text_id": "o"}, "fit": 0.5}
MEETING = {"venue": people.PLACES[0], "conflicts": []}


def match(interest: float, **changes: Any) -> dict[str, Any]:
    shown = {"parties": ["a", "b"], "interest": {"a": interest, "b": 0.9}, "score": 0.9, "evidence": [PAIR]}
    return shown | {"accepted_by": [], "against": [], "origin": "live"} | changes


def share(shown: dict[str, Any], act: type) -> float:
    """Of 500 people who see the same match."""
    return sum(isinstance(decide_match(shown, "a", random.Random(n)), act) for n in range(500)) / 500


def test_ones_own_interest_decides_not_the_score_nor_the_other_sides() -> None:
    assert share(match(0.8), Accept) == 1.0
    assert share(match(0.05), Decline) == 1.0
    assert share(match((people.ACCEPT_FROM + people.DECLINE_BELOW) / 2), LeaveOpen) > 0.75


def test_more_interest_never_makes_fewer_accept() -> None:
    shares = [share(match(n / 10), Accept) for n in range(11)]
    assert all(less <= more for less, more in pairwise(shares)) and (shares[0], shares[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"accepted_by": ["b"]}, 1),
        ({"evidence": [PAIR, PAIR]}, 1),
        ({"against": ["no_common_language"]}, -1),
        ({"accepted_by": ["a"]}, 0),
    ],
)
def test_what_else_is_shown_tips_the_scale(changes: dict[str, Any], sign: int) -> None:
    plain, changed = (share(match(people.ACCEPT_FROM, **more), Accept) for more in ({}, changes))
    assert (changed > plain) - (changed < plain) == sign


def test_being_asked_for_by_name_counts_more_than_a_yes() -> None:
    live, named = (share(match(0.2, accepted_by=["b"], origin=origin), Accept) for origin in ("live", "request"))
    assert live < named


def test_reasons_are_such_as_the_platform_takes() -> None:
    acts = [decide_match(match(0.0, against=["no_common_language"]), "a", random.Random(n)) for n in range(200)]
    reasons = {act.reason for act in acts if isinstance(act, Decline)}
    assert len(reasons) > 1
    assert all(DeclineIn.model_validate({"reason": reason}) for reason in reasons)


def test_the_same_seed_has_the_same_opinion() -> None:
    middling = match(people.ACCEPT_FROM)
    opinions = [[decide_match(middling, "a", random.Random(f"{seed}/kim/x")) for seed in range(40)] for _ in range(2)]
    assert opinions[0] == opinions[1] and len(set(map(type, opinions[0]))) > 1


def test_a_matter_is_told_by_its_texts_which_are_the_same_in_every_run() -> None:
    other = {"need": {"text_id": "o2"}, "offer": {"text_id": "n2"}, "fit": 0.4}
    one, turned = match(0.1, evidence=[PAIR, other]), match(0.9, evidence=[other, PAIR], match_id="another")
    assert people.subject(one) == people.subject(turned) != people.subject(match(0.1))


# -- named partners


def test_people_search_with_the_other_languages_words_for_what_they_need() -> None:
    mine = {"needs": [{"text": {"text": "차량용 배터리와 황화리튬을 찾습니다"}, "topics": ["material"]}]}
    terms = [("배터리", "电池", "battery"), ("황화리튬", "硫化锂", "material"), ("로봇", "机器人", "robotics")]
    terms += [("음극재", "负极材料", "material")]
    glossary = [{"ko": ko, "zh": zh, "topic": topic} for ko, zh, topic in terms]
    assert people.search_words(mine, glossary, "ko", "zh") == ["硫化锂", "电池", "负极材料"]


def entry(kind: str, *topics: str) -> dict[str, Any]:
    return {"kind": kind, "topics": list(topics)}


def test_the_favourite_offers_what_is_needed() -> None:
    mine = {"needs": [entry("supply", "battery", "material")], "offers": []}
    same_topic = {"owner": "x", "offers": [entry("talent", "battery")]}
    same_kind_too = {"owner": "a", "offers": [entry("supply", "battery")]}
    stranger = {"owner": "z", "offers": [entry("supply", "food")]}
    assert people.best_partner([stranger, same_topic, same_kind_too], mine) == same_kind_too
    assert people.best_partner([stranger], mine) is None and people.best_partner([], mine) is None


# -- meetings


def test_one_side_of_an_agreed_match_asks() -> None:
    for interest in (0.1, 0.9, 0.99):
        asking = Counter(
            side for n in range(200) for side in "ab" if people.requests_meeting(match(interest), side, _chance(n))
        )
        assert len(asking) == 1 and 0 < 200 - asking.total() < 200


def test_a_request_is_confirmed_turned_round_or_left_lying() -> None:
    acts = [people.answer_request(MEETING, False, _chance(n)) for n in range(500)]
    venues = [act.venue for act in acts if isinstance(act, Confirm)]
    assert sum(isinstance(act, LeaveOpen) for act in acts) > 10 and venues.count(None) > 350
    assert len(venues) - venues.count(None) > 20 and MEETING["venue"] not in venues


def test_ones_own_request_turned_round_is_fine() -> None:
    assert {people.answer_request(MEETING, True, _chance(n)) for n in range(100)} == {Confirm()}


def test_whoever_is_no_longer_free_must_move() -> None:
    caught = MEETING | {"conflicts": ["kim"]}
    assert all(people.wants_to_move(caught, "kim", _chance(n)) for n in range(100))
    assert 0 < sum(people.wants_to_move(caught, "wang", _chance(n)) for n in range(500)) < 120


def test_busy_times_lie_ahead_and_apart() -> None:
    now = dt.datetime(2026, 11, 25, 13, 37, tzinfo=dt.UTC)
    for n in range(50):
        times = [(t["start"], t["end"]) for t in people.busy_times(now, _chance(n))]
        assert now.isoformat() < times[0][0] and times == sorted(times) and 2 <= len(times) <= 4
        assert all(before[1] <= after[0] for before, after in pairwise(times))


def test_without_a_free_slot_nobody_chooses_one() -> None:
    assert people.choose_slot([], _chance(1)) is None
    assert people.choose_slot([{"start": "10:00"}], _chance(1)) == "10:00"


def _chance(n: int) -> random.Random:
    return random.Random(n)


# -- how long it takes


def test_percentiles_by_nearest_rank() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.95, 1.0)] == [1.0, 50.0, 95.0, 100.0]
    assert percentile([3.0], 0.95) == 3.0


def test_only_what_was_measured_stands_in_the_table() -> None:
    measures = Measures(http={"profiles": [0.01, 0.03], "matching": []}, published_at={"a": 1.0, "b": 5.0, "c": 9.0})
    assert measures.table({"a": 1.5, "b": 4.0}) == [
        ("published → first match on the topic", 1, 500, 500),
        ("HTTP profiles", 2, 10, 30),
    ]
