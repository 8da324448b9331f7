"""The right partner is found in texts that two people wrote without each other's text in view, and that no one has read
to change a rule (docs/decisions/0018). A failure here says a share, never a text."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from bench.evaluation.fits import Fits
from bench.evaluation.matching import entries, evaluate, recall
from services.matching.embedders import embedder
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings


def test_partners_are_found_by_a_sentence_each() -> None:
    encoder = Encoder(embedder(MatchingSettings().embedder))
    fits = Fits(encoder.scorer())
    bare = recall(fits, entries(encoder, "held", "bare"))
    assert bare["asked"] >= 150
    assert min(bare["r1"] - 0.85, bare["r3"] - 0.95, bare["hard"] - 0.92) >= 0


@cache
def held() -> dict[str, Any]:
    """The figures of the held half. They take minutes."""
    return evaluate("held")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_partners_are_found_bare_and_in_profiles_and_what_says_nothing_meets_no_one() -> None:
    found = held()
    bare, profiles, several = found["bare"], found["profiles"], found["several"]
    assert bare["asked"] >= 150
    assert min(bare["r1"] - 0.85, bare["r3"] - 0.95, bare["hard"] - 0.92) >= 0
    assert min(profiles["r1"] - 0.80, profiles["r3"] - 0.90) >= 0
    assert min(several["r1"] - 0.60, several["r3"] - 0.90) >= 0
    assert found["strangers_above_minimum"] <= 0.03
    assert found["boilerplate_matches"] <= 0.005
    assert found["negated_by_writer"]["first"] >= 0.9


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.xfail(strict=True, reason="the goal is not reached with the denials of a second writer: .87")
def test_what_is_negated_stays_below_the_minimum_if_others_wrote_it() -> None:
    assert held()["negated_below_minimum"] >= 0.9


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.xfail(strict=True, reason="the goals are not reached: bare .67 first, .90 among three")
def test_partners_of_unusual_trades_are_found() -> None:
    found = held()["indirect"]
    assert min(found["bare"]["r1"] - 0.85, found["bare"]["r3"] - 0.95) >= 0
