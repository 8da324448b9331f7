"""`make eval-rounds`: the rankings of a round against the figures of the literature; to bench/results/rounds.json.

The market is that of Su, Bayoumi and Joachims (WWW 2022): 150 apply to 100. Interests are random, mixed with a common
order of weight lambda. The best ranking known is their social-welfare optimum, found by conditional gradients: it beats
the joint ranking by 0.2 to 1.7 %, and takes a lottery over rankings that no list can show. The joint one ships."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from services.matching.domain.rounds.judging import expected_matches, exposure, gini
from services.matching.domain.rounds.market import Market, Matrix, harmonic, joint, naive, ranks

RESULTS = Path(__file__).parents[1] / "results" / "rounds.json"
REFERENCE = {
    "0.25": {"naive": 128.7, "harmonic": 166.6, "welfare": 173.5},
    "0.5": {"naive": 106.9, "harmonic": 131.0, "welfare": 152.7},
    "0.75": {"naive": 95.0, "harmonic": 105.0, "welfare": 134.2},
}
"""Expected matches."""
REFERENCE_GINI = {"naive": 0.78, "harmonic": 0.62, "joint": 0.13}
"""Exposure in the first ten, lambda 0.5."""
SEEDS = 20
WITHIN = 0.02
RATE, MAX_STEPS, ENOUGH = 0.2, 50, 1e-3


def a_market(weight: float, seed: int, *, left: int = 150, right: int = 100) -> tuple[Matrix, Matrix]:
    """The interests of both sides, shape (left, right)."""
    random = np.random.default_rng(seed)
    to_right = (1 - weight) * random.random((left, right)) + weight * np.linspace(1, 0, right)
    to_left = (1 - weight) * random.random((left, right)) + weight * np.linspace(1, 0, left)[:, None]
    return to_right, to_left


def welfare(market: Market) -> Matrix:
    """How much each left one looks at each right one, on average over its lottery of rankings, for the most matches.

    Conditional gradients on a lower bound of the expected matches, a / (1 + better applicants) * q: the best ranking
    against a gradient is the one that is sorted by it, so no linear programme is solved."""
    order = np.argsort(-market.to_left, axis=0, kind="stable")
    back = np.argsort(order, axis=0)
    wanted = np.take_along_axis(market.to_left, order, axis=0)
    looks = np.full(market.to_right.shape, (1 / np.arange(1, market.to_right.shape[1] + 1)).mean())
    before = 0.0
    for _ in range(MAX_STEPS + 1):
        coming = np.take_along_axis(market.to_right * looks, order, axis=0)
        crowd = 1 + np.cumsum(coming, axis=0) - coming
        value = float((coming * wanted / crowd).sum())
        if abs(value - before) < ENOUGH:
            break
        before = value
        harm = coming * wanted / crowd**2
        slope = wanted / crowd - (np.cumsum(harm[::-1], axis=0)[::-1] - harm)
        gradient = np.take_along_axis(slope, back, axis=0) * market.to_right
        looks = (1 - RATE) * looks + RATE / ranks(gradient)
    return looks


def one_market(weight: float, seed: int) -> dict[str, float]:
    """Expected matches of each ranking, and how unequal the exposure is."""
    to_right, to_left = a_market(weight, seed)
    market = Market(to_right, to_left, np.ones(to_right.shape, np.bool_))
    found = {}
    for name, values in (("naive", naive(market)), ("harmonic", harmonic(market)), ("joint", joint(market))):
        places = ranks(values)
        found[name] = float(expected_matches(market, places).sum())
        found[f"{name}_gini"] = gini(exposure(places))
    # A lottery: one who is looked at with this probability stands first, or not in the list.
    lottery = Market(to_right * welfare(market), to_left, market.allowed)
    found["welfare"] = float(expected_matches(lottery, np.ones(to_right.shape, np.int64)).sum())
    return found


def means(weight: float, *, seeds: int) -> dict[str, float]:
    """The means over several markets."""
    found = [one_market(weight, seed) for seed in range(seeds)]
    return {name: float(np.mean([one[name] for one in found])) for name in found[0]}


def main() -> None:
    began, table, far = time.monotonic(), dict[str, Any](), list[str]()
    for weight, reference in REFERENCE.items():
        found = means(float(weight), seeds=SEEDS)
        table[weight] = {name: round(value, 3) for name, value in found.items()}
        off = {name: found[name] / expected - 1 for name, expected in reference.items()}
        far += [f"{name} at lambda {weight}: {share:+.1%}" for name, share in off.items() if abs(share) > WITHIN]
        shown = ", ".join(f"{name} {found[name]:.1f} ({share:+.1%})" for name, share in off.items())
        print(f"lambda {weight}: {shown}; joint {found['joint']:.1f}")
    ginis = ", ".join(f"{name} {table['0.5'][f'{name}_gini']:.2f} ({of})" for name, of in REFERENCE_GINI.items())
    print(f"exposure Gini at 10, lambda 0.5: {ginis}")
    print(f"not within {WITHIN:.0%} of the reference: {'; '.join(far) or 'none'}")
    result = {"found": table, "reference": REFERENCE, "reference_gini": REFERENCE_GINI, "seeds": SEEDS}
    RESULTS.write_text(json.dumps({**result, "seconds": round(time.monotonic() - began, 1)}, indent=2) + "\n")


if __name__ == "__main__":
    main()
