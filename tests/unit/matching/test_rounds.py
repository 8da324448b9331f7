"""Rounds: the rankings, how they are judged, and who is proposed to whom."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.evaluation.rounds import REFERENCE, a_market, means
from services.matching.domain.policy import PolicyRules
from services.matching.domain.rounds import judging, planning
from services.matching.domain.rounds.judging import best_ranking, expected_matches, gini
from services.matching.domain.rounds.market import Market, Mask, Matrix, Ranks, harmonic, joint, ranks
from services.matching.domain.rounds.planning import RoundPlan, Table, plan_round
from services.matching.domain.rounds.round import PAIRS_A_STEP, StoredPlan, next_step

COUNTRIES = ("KR", "CN")


def rules(**changes: float) -> PolicyRules:
    return PolicyRules(**{"minimum_score": 0.3, "proposals": 5, "max_open": 20, "complementary_places": 1, **changes})


def random_market(left: int, right: int, seed: int = 0, allowed: float = 1.0) -> Market:
    random = np.random.default_rng(seed)
    shape = (left, right)
    return Market(random.random(shape), random.random(shape), random.random(shape) < allowed)


def test_pairs_of_an_organiser_come_first_and_once() -> None:
    table = Table.of(np.array([[0.9, 0.8], [0.7, 0.6], [0.5, 0.4]]), np.zeros((3, 2), np.bool_), [2, 2, 2, 3, 2])
    found = plan_round(table, rules(proposals=2), [(3, 0), (1, 4), (0, 3), (1, 3)])
    assert found.pairs[: found.musts] == [(0, 3), (1, 3), (1, 4)]
    assert {frozenset(pair) for pair in found.pairs[3:]} == {frozenset(pair) for pair in [(2, 3), (0, 4)]}
    assert StoredPlan.of("r", found, dt.datetime(2027, 1, 1, tzinfo=dt.UTC)).plan() == found


def test_the_reference_is_reached_by_few_markets() -> None:
    """`make eval-rounds` in small: two markets of 100 x 150 instead of twenty."""
    found = means(0.5, seeds=2)
    for name, expected in REFERENCE["0.5"].items():
        assert found[name] == pytest.approx(expected, rel=0.04), name
    assert found["joint"] > found["harmonic"] > found["naive"]
    ginis = {name: found[f"{name}_gini"] for name in ("naive", "harmonic", "joint")}
    assert ginis == pytest.approx({"naive": 0.78, "harmonic": 0.62, "joint": 0.13}, abs=0.02)


def by_hand(market: Market, places: Ranks) -> Matrix:
    """All that may happen, one case after the other."""
    found = np.zeros(places.shape)
    for j in range(places.shape[1]):
        applies = np.where(places[:, j] > 0, market.to_right[:, j] / np.maximum(places[:, j], 1), 0.0)
        for case in product((0, 1), repeat=len(applies)):
            chance = np.prod([p if came else 1 - p for p, came in zip(applies, case, strict=True)])
            came = [i for i, one in enumerate(case) if one]
            for n, i in enumerate(sorted(came, key=lambda i: -market.to_left[i, j])):
                found[i, j] += chance / (1 + n) * market.to_left[i, j]
    return found


def test_expected_matches_are_exact() -> None:
    market = random_market(7, 4, allowed=0.8)
    places = ranks(harmonic(market))
    assert expected_matches(market, places) == pytest.approx(by_hand(market, places), abs=1e-12)


def test_the_joint_ranking_is_the_equilibrium_whatever_the_beta() -> None:
    """Of each one, what it gives to all others and what it keeps are 1 in all; no beta overflows."""
    market = random_market(30, 20, allowed=0.5)
    for beta in (1.0, 0.1, 0.02, 0.001):
        log_mu = joint(market, beta)
        assert np.isneginf(log_mu[~market.allowed]).all() and np.isfinite(log_mu[market.allowed]).all()
        assert (np.exp(log_mu).sum(axis=1) <= 1 + 1e-6).all() and (np.exp(log_mu).sum(axis=0) <= 1 + 1e-6).all()


def test_who_has_no_candidate_disturbs_nobody() -> None:
    market = random_market(6, 5)
    market.allowed[2], market.allowed[:, 3] = False, False
    log_mu = joint(market)
    assert np.isneginf(log_mu[2]).all() and np.isfinite(np.delete(np.delete(log_mu, 2, 0), 3, 1)).all()
    assert (ranks(log_mu)[2] == 0).all()


@pytest.mark.parametrize("guarded", [True, False])
def test_where_the_joint_ranking_loses_the_other_one_is_kept(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A market so small that each may look at all others: to spread them over it gains nothing."""
    if not guarded:
        monkeypatch.setattr(judging, "KEPT", ("joint",))
    market = random_market(4, 4, seed=5)
    found = best_ranking(market, COUNTRIES)
    best = max(found.judged[name].expected_matches for name in ("joint", "harmonic"))
    assert found.judged["joint"].expected_matches < found.judged["harmonic"].expected_matches == best
    assert (found.judged[found.name].expected_matches == best) is guarded


def test_where_all_wishes_are_the_same_nothing_is_lost() -> None:
    p, q = a_market(1.0, seed=0, left=60, right=40)
    judged = best_ranking(Market(p, q, np.ones(p.shape, np.bool_)), COUNTRIES).judged
    assert judged["joint"].expected_matches >= judged["harmonic"].expected_matches == judged["naive"].expected_matches


def test_a_crowded_market_is_better_ranked_jointly() -> None:
    p, q = a_market(0.5, seed=0, left=60, right=40)
    found = best_ranking(Market(p, q, np.ones(p.shape, np.bool_)), COUNTRIES)
    judged = found.judged
    assert found.name == "joint"
    assert judged["joint"].exposure_gini < judged["harmonic"].exposure_gini < judged["naive"].exposure_gini
    assert 0 < judged["joint"].parity <= 1 and judged["naive"].without_exposure > 0


def test_gini() -> None:
    assert gini(np.ones(5)) == pytest.approx(0) and gini(np.array([0.0] * 99 + [1.0])) == pytest.approx(0.99)
    assert gini(np.array([])) == gini(np.zeros(3)) == 0


# -- who is proposed to whom


def planned(
    values: Matrix, *, room: int = 20, complementary: Collection[tuple[int, int]] = (), **changes: float
) -> RoundPlan:
    mask = np.zeros(values.shape, np.bool_)
    for pair in complementary:
        mask[pair] = True
    return plan_round(Table.of(values, mask, [room] * sum(values.shape)), rules(**changes))


def test_what_an_organiser_has_chosen_takes_the_place_of_others() -> None:
    """Five places at each desk: with two of an organiser, others get three."""
    values = np.full((7, 3), 0.7)
    table = Table.of(values, np.zeros(values.shape, np.bool_), [5] * 10)
    plan = plan_round(table, rules(proposals=5), [(0, 7), (1, 7)])
    assert plan.pairs[:2] == [(0, 7), (1, 7)] and degrees(plan)[7] == 5
    assert len({frozenset(pair) for pair in plan.pairs}) == len(plan.pairs)


def test_who_has_what_an_organiser_has_chosen_is_not_served_once_more() -> None:
    """One desk, one place: the first of two may have it, and has it already."""
    table = Table.of(np.array([[0.9], [0.8]]), np.zeros((2, 1), np.bool_), [5, 5, 1])
    assert plan_round(table, rules(), [(1, 2)]).pairs == [(1, 2)]


def test_where_all_are_equal_all_get_the_same() -> None:
    """Thirty profiles on each side whose texts say the same: whoever stands first in the round must not get all."""
    values = np.full((30, 30), 0.7)
    found = degrees(planned(values, complementary_places=0))
    assert max(found.values()) <= 6 and min(found.values()) == 5
    market = Market(values, values, np.ones(values.shape, np.bool_))
    judged = best_ranking(market, COUNTRIES).judged["joint"]
    assert judged.without_exposure == 0 and judged.exposure_gini < 0.3


def test_equals_among_others_are_chosen_in_turn() -> None:
    """Four copies of one profile, which are the second best for all: not the first of them only."""
    values = np.tile(np.array([0.9, 0.7, 0.7, 0.7, 0.7]), (20, 1))
    found = degrees(planned(values, proposals=2, complementary_places=0))
    assert found[20] == 20 and {found[copy] for copy in range(21, 25)} == {5}


def test_no_desk_is_planned_more_of_one_organisation_than_it_takes() -> None:
    """An agency enters twelve firms, whom all want most: its proposals beyond the fourth would be refused one by one,
    and a desk that could have had others would go without."""
    values = np.vstack([np.full((12, 3), 0.9), np.full((4, 3), 0.5)])
    owners, rights = [*["agency"] * 12, *"abcd", *"xyz"], range(16, 19)
    held = [*[{}] * 16, {"agency": 1}, {"agency": 4, "a": 1}, {"agency": 0}]
    mask, room = np.zeros(values.shape, np.bool_), [8] * 19
    plan = plan_round(Table.of(values, mask, room, owners, held), rules(proposals=6))
    theirs = [Counter(owners[other] for pair in plan.pairs if desk in pair for other in pair) for desk in rights]
    assert [one["agency"] for one in theirs] == [3, 0, 4] and all(one["b"] == 1 for one in theirs)
    alone = degrees(plan_round(Table.of(values, mask, room), rules(proposals=6)))
    assert alone[17] == 8, "without the limit it would be the agency's first"


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 12), st.integers(2, 8), st.integers(1, 6), st.integers(1, 3))
def test_the_share_of_an_organisation_holds_whatever_is_displaced(
    seed: int, left: int, right: int, room: int, organisations: int
) -> None:
    draw = np.random.default_rng(seed)
    owners = [f"o{n}" for n in draw.integers(0, organisations, left + right)]
    held = [{f"o{n}": int(draw.integers(0, 5)) for n in range(organisations)} for _ in owners]
    values = joint(random_market(left, right, seed, 0.7))
    table = Table.of(values, np.zeros(values.shape, np.bool_), [room] * len(owners), owners, held)
    after = table.after(plan_round(table, rules(proposals=6)).pairs)
    assert all(after.held[one][by] <= max(4, held[one].get(by, 0)) for one in range(len(owners)) for by in set(owners))


def test_the_only_place_is_for_the_best() -> None:
    assert not rules(proposals=1).keeps_place(0, 0) and rules(proposals=2).keeps_place(1, 0)


def degrees(plan: RoundPlan) -> Counter[int]:
    return Counter(one for pair in plan.pairs for one in pair)


def test_the_same_table_gives_the_same_plan_and_each_pair_once() -> None:
    values = joint(random_market(40, 30, allowed=0.4))
    plan = planned(values)
    assert plan == planned(values)
    assert len({frozenset(pair) for pair in plan.pairs}) == len(plan.pairs)
    assert not {frozenset(pair) for pair in plan.pairs} & {frozenset(pair) for pair in plan.spares}
    assert min(degrees(plan)[one] for one in range(70)) >= 5


def test_a_cap_holds_and_the_best_come_first() -> None:
    values = np.tile(np.linspace(1, 0.5, 4), (10, 1))  # all want the first one most
    plan = planned(values, room=3)
    assert max(degrees(plan).values()) <= 3 and degrees(plan)[10] == 3


def test_one_place_is_kept_for_a_complementary_sector() -> None:
    """Also for one that all others choose: it is one more then."""
    values = np.array([[0.9, 0.8, 0.7, 0.6, 0.5], *([[0.1, 0.1, 0.1, 0.1, 0.95]] * 3)])
    for places in (0, 1):
        plan = planned(values, complementary=[(0, 4)], proposals=2, complementary_places=places)
        assert any(set(pair) == {0, 8} for pair in plan.pairs) is (places == 1)


@pytest.mark.parametrize("guarded", [True, False])
def test_no_one_goes_without_if_there_is_any_way(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain: the last one knows only a desk that is taken, whose holder can change, if another one changes."""
    if not guarded:
        monkeypatch.setattr(planning._Draft, "serve", lambda self, one: None)
    out = -np.inf
    values = np.array([[0.9, 0.8, out], [out, 0.9, 0.8], [0.7, out, out], [0.6, out, 0.5]])
    plan = planned(values, room=1, proposals=1)
    served = degrees(plan)
    assert max(served.values()) == 1
    assert (len(plan.pairs) == 3) or not guarded


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 6), st.integers(1, 3), st.floats(0.1, 0.9))
def test_as_many_are_served_as_can_be(seed: int, left: int, right: int, room: int, density: float) -> None:
    """Against the largest flow: each side can be covered as far as it can be covered alone."""
    market = random_market(left, right, seed, density)
    plan = planned(harmonic(market), room=room, proposals=2)
    served = degrees(plan)
    assert all(count <= room for count in served.values())
    coverable = [_coverable(market.allowed, room), _coverable(market.allowed.T, room)]
    assert sum(served[i] > 0 for i in range(left)) == coverable[0]
    assert sum(served[left + j] > 0 for j in range(right)) == coverable[1]


def _coverable(allowed: Mask, room: int) -> int:
    """How many rows can have a column each, if a column takes `room` rows (Kuhn's method)."""
    holder: dict[tuple[int, int], int] = {}

    def place(row: int, seen: set[tuple[int, int]]) -> bool:
        for column in np.flatnonzero(allowed[row]):
            for seat in ((int(column), n) for n in range(room)):
                if seat not in seen:
                    seen.add(seat)
                    if seat not in holder or place(holder[seat], seen):
                        holder[seat] = row
                        return True
        return False

    return sum(place(row, set()) for row in range(allowed.shape[0]))


def test_steps_cover_the_plan_and_a_spare_is_for_who_has_nothing() -> None:
    pairs = [(n, 100 + n) for n in range(PAIRS_A_STEP + 5)]
    plan = RoundPlan(pairs, [(1, 150), (2, 151), (1, 152)])
    first, done = next_step(plan, 0, {})
    second, after = next_step(plan, done, {})
    assert first + second == pairs and after == len(pairs)
    assert next_step(plan, after, {}) == ([(1, 150), (2, 151)], len(pairs) + 2)
    assert next_step(plan, after, {1: 1}) == ([(2, 151)], len(pairs) + 3)
    assert next_step(plan, after, {1: 1, 2: 1}) == ([], len(pairs) + 3)
