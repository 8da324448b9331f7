"""What one organisation may take of another: places at a desk, asks during a rest, acts in a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.chassis.model.refusals import QuotaReached
from services.matching.domain.budget import Budget, day_end, limits
from services.matching.domain.desk import Desk, DeskRoom, OpenMatch, find_room
from services.matching.domain.match import REST, Match
from services.matching.domain.pair import OrgPair, Pair, org_pair_id

NOW = dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)


def open_match(owner: str, **fields: Any) -> OpenMatch:
    return OpenMatch(**({"score": 0.5, "answered": False, "agreed": False, "owner": owner} | fields))


def a_desk(*matches: OpenMatch) -> Desk:
    return Desk(id="p", matches={f"m{n}": match for n, match in enumerate(matches)})


def a_match(**fields: Any) -> Match:
    base: dict[str, Any] = {
        "id": "m",
        "parties": ["a", "b"],
        "owners": {"a": "x", "b": "y"},
        "revisions": {},
        "score": 0.5,
        "interest": {},
        "evidence": [],
        "expires_at": NOW,
    }
    return Match(**(base | fields))


def an_ask(**fields: Any) -> Match:
    return a_match(origin="request", accepted_by=["a"], **fields)


ASK = {"answered": True, "asks": True}
MUSTS = [open_match(f"k{n}", score=0.05, is_must=True) for n in range(20)]


@pytest.mark.parametrize(
    ("there", "newcomer", "room"),
    [
        ([open_match("x")] * 3, open_match("x"), DeskRoom(True)),
        ([open_match("x")] * 4, open_match("x"), DeskRoom(False)),
        ([open_match("x", agreed=True, answered=True)] * 4, open_match("x", score=0.9), DeskRoom(False)),
        ([open_match("x")] * 4, open_match("y"), DeskRoom(True)),
        ([open_match("x", **ASK)], open_match("x", **ASK), DeskRoom(True)),
        ([open_match("x", **ASK)] * 2, open_match("x", **ASK), DeskRoom(False)),
        ([open_match("x", **ASK)] * 2, open_match("x"), DeskRoom(True)),
        ([open_match("x", **ASK)] * 2, open_match("x", answered=True), DeskRoom(True)),
        ([open_match("x", **ASK)] * 2, open_match("y", **ASK), DeskRoom(True)),
        ([open_match(f"o{n}") for n in range(20)], open_match("y", score=0.6), DeskRoom(True, "m0")),
        ([open_match(f"o{n}") for n in range(20)], open_match("y"), DeskRoom(False)),
        ([open_match(f"o{n}", score=0.1) for n in range(20)], open_match("y", **ASK), DeskRoom(False)),
        ([open_match(f"o{n}") for n in range(20)], open_match("y", score=0.1, is_must=True), DeskRoom(True, "m0")),
        ([*MUSTS[1:], open_match("z")], open_match("y", score=0.6), DeskRoom(True, "m19")),
        (MUSTS, open_match("y", score=0.9), DeskRoom(False)),
        (MUSTS, open_match("y", score=0.9, is_must=True), DeskRoom(False)),
        ([open_match(f"o{n}", score=0.1) for n in range(20)], open_match("y", answered=True), DeskRoom(False)),
    ],
)
def test_room_at_a_desk(there: list[OpenMatch], newcomer: OpenMatch, room: DeskRoom) -> None:
    """An ask displaces nothing, and no organisation takes the places of the others."""
    assert find_room(a_desk(*there), newcomer, max_open=20) == room


def test_a_desk_knows_who_asks_whom() -> None:
    asks, is_asked = Desk(id="b").seen(an_ask()), Desk(id="a").seen(an_ask())
    assert (asks.owner, asks.asks, is_asked.owner, is_asked.asks) == ("x", True, "y", False)
    agreed = Desk(id="b").seen(an_ask().model_copy(update={"accepted_by": ["a", "b"], "state": "agreed"}))
    assert not agreed.asks and agreed.agreed


def test_two_organisations_rest_whatever_their_profiles() -> None:
    assert org_pair_id({"p-1": "x", "p-2": "y"}) == org_pair_id({"q-1": "y", "q-2": "x"}) == "x|y"
    declined = OrgPair(id="x|y").after_end(a_match(state="declined"), rest_until=NOW + REST, now=NOW)
    assert declined.rests(NOW) and not declined.is_closed(NOW) and not declined.rests(NOW + REST)
    earlier = declined.after_end(a_match(state="withdrawn"), rest_until=NOW + dt.timedelta(days=1), now=NOW)
    assert earlier.rest_until == NOW + REST, "a rest does not become shorter"


def test_during_a_rest_one_ask_is_free_and_a_declined_one_closes() -> None:
    fresh = OrgPair(id="x|y")
    assert fresh.after_ask(NOW) == fresh, "without a rest asks are not counted"
    resting = fresh.after_end(a_match(state="declined"), rest_until=NOW + REST, now=NOW)
    asked = resting.after_ask(NOW)
    assert asked.is_closed(NOW) and not asked.is_closed(NOW + REST)
    refused = fresh.after_end(an_ask(state="declined"), rest_until=NOW + REST, now=NOW)
    assert refused.is_closed(NOW) and refused.rests(NOW)
    later = NOW + dt.timedelta(days=100)
    longer = refused.after_end(a_match(state="declined"), rest_until=later + REST, now=later)
    assert longer.is_closed(later + REST - dt.timedelta(days=1)), "what is closed stays so until the rest is over"


def test_a_pair_of_profiles_has_one_open_match() -> None:
    pair = Pair(id="a|b").after(a_match())
    assert pair.match_id == "m" and pair.after(a_match(id="n", state="declined")) == pair
    assert pair.after(a_match(state="declined")).match_id is None


def test_a_budget_ends_with_the_day_and_says_when_to_go_on() -> None:
    late = dt.datetime(2026, 11, 30, 23, 59, 30, tzinfo=dt.UTC)
    pair, org = limits("x", "y", late, per_pair=2, per_org=3)
    assert (pair.budget_id, org.budget_id) == ("acts/x|y/2026-11-30", "acts/x/2026-11-30")
    budget = Budget(id=pair.budget_id, day_ends=day_end(late))
    pair.must_allow(budget.with_one_more(), late)
    spent = budget.with_one_more().with_one_more()
    with pytest.raises(QuotaReached) as refusal:
        pair.must_allow(spent, late)
    assert (refusal.value.type, refusal.value.quota, refusal.value.retry_after) == ("budget-spent", "pair_day", 31)
    with pytest.raises(QuotaReached) as refusal:
        pair.must_allow(spent, NOW)
    assert refusal.value.retry_after == 3600
    tomorrow, _ = limits("x", "y", late + dt.timedelta(minutes=1), per_pair=2, per_org=3)
    assert tomorrow.budget_id != pair.budget_id
