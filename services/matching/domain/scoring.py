"""Interest is mutual or it is none: fits of needs and offers, both directions, and the reasons (rules 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LEAD = 0.7
"""A lead that asks for what I offer interests me too, a little less than what I asked for."""
MAX_EVIDENCE = 4


@dataclass(frozen=True)
class Fit:
    """How well an offer answers a need, in [0, 1]; the two are entries of two profiles."""

    need_of: str
    need_id: str
    offer_of: str
    offer_id: str
    fit: float


@dataclass(frozen=True)
class Score:
    """`score` is the harmonic mean of the two interests, 0 if either is; both halves are shown."""

    score: float
    interest: Mapping[str, float]
    evidence: Sequence[Fit]


def score(a: str, b: str, fits: Iterable[Fit]) -> Score:
    """Of two profiles by id; `fits` are those between them, of equal kinds."""
    known = sorted(fits, key=lambda f: (-f.fit, f.need_id, f.offer_id))
    of_need = {side: max((f.fit for f in known if f.need_of == side), default=0.0) for side in (a, b)}
    interest = {a: max(of_need[a], LEAD * of_need[b]), b: max(of_need[b], LEAD * of_need[a])}
    return Score(harmonic_mean(interest[a], interest[b]), interest, _evidence(known))


def harmonic_mean(x: float, y: float) -> float:
    return 0.0 if x <= 0 or y <= 0 else 2 * x * y / (x + y)


def _evidence(known: Sequence[Fit]) -> list[Fit]:
    """The best fits, each need and each offer once."""
    chosen: list[Fit] = []
    used: set[str] = set()
    for fit in known:
        if fit.fit > 0 and not {fit.need_id, fit.offer_id} & used and len(chosen) < MAX_EVIDENCE:
            chosen.append(fit)
            used |= {fit.need_id, fit.offer_id}
    return chosen


def against(languages_a: Iterable[str], languages_b: Iterable[str]) -> list[str]:
    """What speaks against a pair that otherwise fits."""
    return [] if set(languages_a) & set(languages_b) else ["no_common_language"]
