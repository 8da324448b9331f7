"""How good a ranking is for all together, and for each (docs/rules.md, section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pydantic import BaseModel, ConfigDict

from .market import BETA, Market, Matrix, Ranks, harmonic, joint, naive, ranks

SHOWN = 10
"""A list is looked at up to here."""
KEPT = ("joint", "harmonic")
"""The rankings that a round may use; of equals the first."""


def expected_matches(market: Market, places: Ranks) -> Matrix:
    """For each pair, the probability that the left one applies and the right one answers.

    The left one applies with its interest divided by the place. The right one looks at its applicants in its own order:
    at one with n better applicants with 1 / (1 + n). The mean over n is that of a Poisson binomial distribution, and
    computed exactly: E[1 / (1 + n)] is the integral of E[t^n] = product(1 - p + p t) over t in [0, 1], and Gauss's rule
    has no error for a polynomial of this degree."""
    applies = np.where(places > 0, market.to_right / np.maximum(places, 1), 0.0)
    order = np.argsort(-market.to_left, axis=0, kind="stable")
    coming = np.take_along_axis(applies, order, axis=0)
    looked_at = np.zeros(coming.shape)
    for t, weight in zip(*_nodes(len(coming)), strict=True):
        better = np.cumprod(1 - coming * (1 - t), axis=0)
        looked_at[:1] += weight
        looked_at[1:] += weight * better[:-1]
    found = np.zeros(coming.shape)
    np.put_along_axis(found, order, coming * looked_at * np.take_along_axis(market.to_left, order, axis=0), axis=0)
    return found


@lru_cache(maxsize=8)
def _nodes(applicants: int) -> tuple[Matrix, Matrix]:
    """Points and weights for [0, 1], exact for a product of this many factors."""
    points, weights = np.polynomial.legendre.leggauss(applicants // 2 + 1)
    return (points + 1) / 2, weights / 2


def exposure(places: Ranks) -> Matrix:
    """How much each right one is seen: 1 / place in each list that has it among the first SHOWN."""
    seen: Matrix = np.where((places > 0) & (places <= SHOWN), 1 / np.maximum(places, 1), 0.0).sum(axis=0)
    return seen


def gini(values: Matrix) -> float:
    """0 if all have the same, near 1 if one has everything."""
    total, n = float(values.sum()), len(values)
    if n == 0 or total <= 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ np.sort(values) / (n * total))


class Judged(BaseModel):
    """A ranking. `expected_matches`: with applications of both sides. `by_country`: those of the applications of one
    country, for each of its profiles. `exposure_gini`: the mean of both sides. `without_exposure`: the share of
    profiles with a candidate that no list has among its first SHOWN."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    expected_matches: float
    exposure_gini: float
    without_exposure: float
    by_country: dict[str, float]

    @property
    def parity(self) -> float:
        """What a profile of the one country may expect, divided by what one of the other may: 1 if it is the same."""
        low, high = min(self.by_country.values()), max(self.by_country.values())
        return low / high if high > 0 else 1.0


def judge(market: Market, from_left: Ranks, from_right: Ranks, countries: tuple[str, str]) -> Judged:
    """Judges the lists of the left ones and those of the right ones, shape (right, left). `countries`: left, right."""
    sides = ((market, from_left), (market.flipped(), from_right))
    found = [float(expected_matches(side, places).sum()) for side, places in sides]
    seen = [exposure(places) for _, places in sides]
    has_candidate = [side.allowed.any(axis=0) for side, _ in sides]
    # Who has no candidate can be in no list, however it is ranked.
    kept = [values[mask] for values, mask in zip(seen, has_candidate, strict=True)]
    unseen, all_of_them = sum(int((values <= 0).sum()) for values in kept), sum(len(values) for values in kept)
    return Judged(
        expected_matches=round(sum(found), 4),
        exposure_gini=round((gini(kept[0]) + gini(kept[1])) / 2, 4),
        without_exposure=round(unseen / all_of_them, 4) if all_of_them else 0.0,
        by_country={
            country: round(matches / max(1, len(places)), 4)
            for country, matches, (_, places) in zip(countries, found, sides, strict=True)
        },
    )


@dataclass(frozen=True)
class Ranking:
    """The ranking that is kept, by its `name`, as the value of each pair; and how all of them were judged."""

    name: str
    values: Matrix
    judged: Mapping[str, Judged]


def best_ranking(market: Market, countries: tuple[str, str], *, beta: float = BETA) -> Ranking:
    """Ranks jointly and by the score, and keeps what promises more matches: where all want the same few, the joint
    ranking may lose. The naive one is judged beside them."""
    values = {"joint": joint(market, beta), "harmonic": harmonic(market)}
    judged = {name: judge(market, ranks(value), ranks(value.T), countries) for name, value in values.items()}
    judged["naive"] = judge(market, ranks(naive(market)), ranks(naive(market.flipped())), countries)
    name = max(KEPT, key=lambda one: judged[one].expected_matches)
    return Ranking(name, values[name], judged)
