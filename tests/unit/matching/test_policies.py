"""Policies, and what another one would have proposed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from services.chassis.model.refusals import InvalidState
from services.matching.domain.policy import MAX_POLICIES, Policy, PolicyNames, PolicyRules, name_of
from services.matching.domain.replay import Fitting, History, compare, replay
from services.matching.replay import read_rules
from services.matching.settings import MatchingSettings
from services.matching.usecases.policies import default_policy

NOW = dt.datetime(2026, 11, 30, 1, tzinfo=dt.UTC)
RULES = PolicyRules(minimum_score=0.3, proposals=2, max_open=3)


def a_history(profiles: int = 40, seed: int = 0) -> History:
    """Firms of two countries by turns, which fit by chance."""
    random = np.random.default_rng(seed)
    order = [f"{'kr' if n % 2 else 'cn'}-{n:02}" for n in range(profiles)]
    fitting = {
        one: sorted(
            (
                Fitting(other, round(float(random.random()), 4), bool(random.random() < 0.2))
                for other in order
                if other[:2] != one[:2]
            ),
            key=lambda found: (-found.score, found.id),
        )
        for one in order
    }
    return History(order, {id: f"org-{id}" for id in order}, fitting)


def test_the_default_is_what_the_settings_say() -> None:
    policy = default_policy(MatchingSettings(proposals=2, max_open=3, minimum_score=0.4, days_open=7))
    assert policy.label == "live@0" and policy.rules.model_dump() == {
        "minimum_score": 0.4,
        "proposals": 2,
        "max_open": 3,
        "days_open": 7,
        "complementary_places": 1,
        "beta": 0.1,
    }


def test_a_version_is_counted_only_if_something_changes() -> None:
    first = Policy(id="forum", rules=RULES).after(RULES, NOW)
    assert (first.label, first.after(RULES, NOW)) == ("forum@1", first)
    second = first.after(RULES.model_copy(update={"proposals": 3}), NOW)
    assert second.label == "forum@2" and name_of(second.label) == "forum" and name_of(None) == "live"


@pytest.mark.parametrize(
    "wrong",
    [
        {"minimum_score": 0},
        {"proposals": 0},
        {"max_open": 101},
        {"beta": 0.001},
        {"days_open": 91},
        {"complementary_places": 3},
    ],
)
def test_what_a_policy_may_say_is_bounded(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        PolicyRules.model_validate({**RULES.model_dump(), **wrong})


def test_policies_are_no_more_than_a_hundred() -> None:
    names = PolicyNames(id="names", names=[f"p{n}" for n in range(MAX_POLICIES)])
    assert names.with_name("p1") is names
    with pytest.raises(InvalidState, match="another version"):
        names.with_name("one-more")


def test_places_for_a_complementary_sector_are_the_last_ones() -> None:
    rules = RULES.model_copy(update={"proposals": 3, "complementary_places": 2})
    assert [rules.keeps_place(made, 0) for made in range(3)] == [False, True, True]
    assert [rules.keeps_place(2, complementary) for complementary in (1, 2)] == [True, False]


def test_a_replay_follows_the_rules_and_is_the_same_each_time() -> None:
    history = a_history()
    found = replay(history, RULES)
    assert found == replay(history, RULES)
    assert all(score >= RULES.minimum_score for score in found.open.values())
    assert max(len(found.of(id)) for id in history.order) <= RULES.max_open and found.displaced > 0
    alone = replay(history, RULES.model_copy(update={"max_open": 100}))
    assert alone.displaced == 0 and len(alone.open) > len(found.open)


def test_who_gains_and_who_loses() -> None:
    history = a_history()
    strict = RULES.model_copy(update={"minimum_score": 0.9})
    found = compare(history, replay(history, RULES), replay(history, strict))
    assert found["after"]["proposals"] < found["before"]["proposals"] and found["loses"]
    assert all(one["after"] < one["before"] or one["score"] < 0 for one in found["loses"])
    back = compare(history, replay(history, strict), replay(history, RULES))
    assert [one["profile_id"] for one in back["gains"]] == [one["profile_id"] for one in found["loses"]]
    same = compare(history, replay(history, RULES), replay(history, RULES))
    assert (same["gains"], same["loses"]) == ([], []) and same["before"] == same["after"]


@pytest.mark.parametrize(
    ("text", "why"),
    [("minimum_score: 2\nproposals: 5\nmax_open: 20", "minimum_score"), ("k: 5", "no policy has: k"), ("[", "no YAML")],
)
def test_a_file_that_is_no_policy_is_refused(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(text)
    with pytest.raises(ValueError, match=why):
        read_rules(file)
