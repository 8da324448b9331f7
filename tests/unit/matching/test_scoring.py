"""Interest is mutual or it is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.scoring import LEAD, Fit, against, harmonic_mean, score


def fit(need_of: str, offer_of: str, value: float, n: int = 0) -> Fit:
    return Fit(need_of, f"need-{need_of}-{n}", offer_of, f"offer-{offer_of}-{n}", value)


def test_what_i_asked_for_interests_me_fully_and_a_lead_a_little_less() -> None:
    found = score("a", "b", [fit("a", "b", 0.8)])
    assert found.interest == {"a": 0.8, "b": LEAD * 0.8}
    assert found.score == pytest.approx(harmonic_mean(0.8, 0.56))


def test_no_fit_is_no_score() -> None:
    assert score("a", "b", []).score == 0


def test_the_score_is_the_pairs_own_whoever_asks() -> None:
    fits = [fit("a", "b", 0.8), fit("b", "a", 0.6)]
    assert score("a", "b", fits).score == score("b", "a", fits[::-1]).score


def test_evidence_names_each_need_and_offer_once_best_first() -> None:
    fits = [fit("a", "b", 0.5), fit("a", "b", 0.9), fit("b", "a", 0.7), fit("a", "b", 0.0, 3)]
    assert [e.fit for e in score("a", "b", fits).evidence] == [0.9, 0.7]


def test_what_speaks_against_a_pair_is_said() -> None:
    assert against(["ko"], ["zh"]) == ["no_common_language"] and against(["ko", "en"], ["en"]) == []


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), max_size=8))
def test_a_score_lies_between_nothing_and_the_weaker_interest_doubled(pairs: list[tuple[bool, float]]) -> None:
    found = score(
        "a", "b", [fit(*(("a", "b") if mine else ("b", "a")), value, n) for n, (mine, value) in enumerate(pairs)]
    )
    low = min(found.interest.values())
    assert 0 <= found.score <= max(found.interest.values()) + 1e-9 and found.score <= 2 * low + 1e-9
