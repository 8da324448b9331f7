"""The score of a pair: how well needs meet offers in both directions, and why (docs/rules.md, section 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .bridge import Bridge
from .calendar import ZONES
from .indexed_profile import IndexedEntry, IndexedProfile
from .pair_model import PairModel
from .taxonomy import Taxonomy

LEAD = 0.7
"""A profile that needs what I offer interests me too, a little less than one that offers what I need."""
MAX_EVIDENCE = 4
GATE = 0.1
"""How far the weight of a statement moves it: by this much of its logarithm. Measured: docs/decisions/0018."""
MAX_NAMES = 3
"""Shared names in Latin letters, from which on one more says nothing new."""
Span = tuple[int, int]
NO_COMMON_LANGUAGE, EXPIRED_CERTIFICATE, BELOW_MINIMUM = "no_common_language", "expired_certificate", "below_minimum"


@dataclass(frozen=True)
class Fit:
    """How well an offer answers a need, in [0, 1], and the parts of this value. `need_of` and `offer_of` are the
    profiles of the two entries, `need_span` and `offer_span` the characters of the statements that met."""

    need_of: str
    need: IndexedEntry
    offer_of: str
    offer: IndexedEntry
    fit: float
    parts: Mapping[str, float]
    need_span: Span = (0, 0)
    offer_span: Span = (0, 0)


@dataclass(frozen=True)
class PairScore:
    """The score of two profiles, in [0, 1]: the harmonic mean of the two interests, so 0 if either is 0. `interest` is
    by profile. `against` lists what speaks against the pair although it fits."""

    score: float
    interest: Mapping[str, float]
    evidence: Sequence[Fit]
    against: Sequence[str]
    complementary: bool = False


@dataclass(frozen=True)
class Scorer:
    """Scores pairs by their own texts, the shipped sample and the taxonomy. No other profile has an influence."""

    bridge: Bridge
    taxonomy: Taxonomy
    model: PairModel = field(default_factory=PairModel)

    def score(self, a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> PairScore:
        """The score of two profiles; the same in both orders."""
        found = pair_score(a.id, b.id, self.fits(a, b, now))
        is_complementary = self.taxonomy.is_complementary(a.topics(), b.topics())
        return replace(found, against=against(a, b, now), complementary=is_complementary)

    def fits(self, a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> list[Fit]:
        """The fits of every need of one profile with every offer of the other, where the kinds are equal."""
        return [
            self.fit(x, need, y, offer)
            for x, y in ((a, b), (b, a))
            for need in x.live_entries(now)
            if need.side == "need"
            for offer in y.live_entries(now)
            if offer.side == "offer" and offer.kind == need.kind and offer.encoder == need.encoder
        ]

    def fit(self, a: IndexedProfile, need: IndexedEntry, b: IndexedProfile, offer: IndexedEntry) -> Fit:
        """The best pair of statements, the two texts as wholes, shared words and common topics, as the model weighs
        them. Cosines are corrected for hubs (CSLS)."""
        asked, given = need.said, offer.said
        likeness = 2 * (asked.vectors @ given.vectors.T) - asked.hubness[:, None] - given.hubness
        weighted = likeness + GATE * (np.log(asked.weights)[:, None] + np.log(given.weights))
        x, y = np.unravel_index(int(weighted.argmax()), weighted.shape)
        parts = {
            "statement": float(likeness[x, y]),
            "whole": 2 * float(need.vector_array @ offer.vector_array) - need.hubness - offer.hubness,
            "bridge": self.bridge.likeness(need.gram_array, offer.gram_array),
            "strength": float(np.log(asked.weights[x]) + np.log(given.weights[y])),
            "aligned": self.model.alignment.likeness(need.vector_array, offer.vector_array),
            "nodes": self.taxonomy.weighted_overlap(self._about(need), self._about(offer)),
            "names": min(len(need.name_set & offer.name_set), MAX_NAMES) / MAX_NAMES,
            "topics": self.taxonomy.overlap(need.topics, offer.topics),
        }
        fit = round(self.model.fit(parts), 4)
        rounded = {name: round(part, 4) for name, part in parts.items()}
        return Fit(a.id, need, b.id, offer, fit, rounded, asked.spans[x], given.spans[y])

    def _about(self, entry: IndexedEntry) -> Mapping[str, float]:
        """What an entry is about: what its statements say, and for certain what its owner has declared."""
        return {**entry.said.nodes, **dict.fromkeys(self.taxonomy.known(entry.topics), 1.0)}


def pair_score(a: str, b: str, fits: Iterable[Fit]) -> PairScore:
    """The score of two profiles, by id, from the fits between them."""
    # The ids decide between equal fits: the same evidence on every replica, and in both orders of the pair.
    known = sorted(fits, key=lambda f: (-f.fit, f.need.id, f.offer.id))
    of_need = {side: max((f.fit for f in known if f.need_of == side), default=0.0) for side in (a, b)}
    interest = {a: max(of_need[a], LEAD * of_need[b]), b: max(of_need[b], LEAD * of_need[a])}
    rounded = {side: round(value, 4) for side, value in sorted(interest.items())}
    return PairScore(round(harmonic_mean(*interest.values()), 4), rounded, _evidence(known), ())


def harmonic_mean(x: float, y: float) -> float:
    """0 if either value is 0 or less."""
    return 0.0 if x <= 0 or y <= 0 else 2 * x * y / (x + y)


def _evidence(known: Sequence[Fit]) -> list[Fit]:
    """The best fits, with each need and each offer in one of them at most."""
    chosen: list[Fit] = []
    used: set[str] = set()
    for fit in known:
        if fit.fit > 0 and not {fit.need.id, fit.offer.id} & used and len(chosen) < MAX_EVIDENCE:
            chosen.append(fit)
            used |= {fit.need.id, fit.offer.id}
    return chosen


def against(a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> list[str]:
    """Codes of what speaks against a pair, for example that the two have no common language."""
    found = [] if set(a.languages) & set(b.languages) else [NO_COMMON_LANGUAGE]
    # ISO dates sort as text.
    if any(end < _today(profile, now) for profile in (a, b) for end in profile.certificates_end):
        found.append(EXPIRED_CERTIFICATE)
    return found


def _today(profile: IndexedProfile, now: dt.datetime) -> str:
    """The date in the profile's country: a certificate is still valid on its last day there."""
    return now.astimezone(ZONES[profile.country]).date().isoformat()
