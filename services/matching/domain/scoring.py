"""Interest is mutual or it is none: fits of needs and offers, both directions, and the reasons (rules 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .bridge import Bridge
from .calendar import ZONES
from .indexed import IndexedEntry, IndexedProfile
from .taxonomy import Taxonomy

LEAD = 0.7
"""A lead that asks for what I offer interests me too, a little less than what I asked for."""
MAX_EVIDENCE = 4
BRIDGE_WEIGHT, TOPICS_WEIGHT = 0.2, 0.1
UNRELATED, PERFECT = 0.05, 0.75
"""Where the blend of two texts begins to mean something, and where it leaves no doubt: a fit of 0 and of 1. Measured:
docs/decisions/0006-scores-from-texts-alone.md."""
NO_COMMON_LANGUAGE, EXPIRED_CERTIFICATE, BELOW_MINIMUM = "no_common_language", "expired_certificate", "below_minimum"


@dataclass(frozen=True)
class Fit:
    """How well an offer answers a need, in [0, 1], and the parts of it; the two are entries of two profiles."""

    need_of: str
    need: IndexedEntry
    offer_of: str
    offer: IndexedEntry
    fit: float
    parts: Mapping[str, float]


@dataclass(frozen=True)
class Judgement:
    """Of a pair. `score` is the harmonic mean of the two interests, 0 if either is; both halves are shown. `against`:
    what speaks against it all the same."""

    score: float
    interest: Mapping[str, float]
    evidence: Sequence[Fit]
    against: Sequence[str]
    complementary: bool = False


@dataclass(frozen=True)
class Scorer:
    """Judges pairs by their own texts, the shipped sample and the taxonomy; by nobody else in the pool."""

    bridge: Bridge
    taxonomy: Taxonomy

    def judge(self, a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> Judgement:
        """The same whoever of the two asks."""
        found = judgement(a.id, b.id, self.fits(a, b, now))
        return Judgement(
            found.score,
            found.interest,
            found.evidence,
            against(a, b, now),
            self.taxonomy.is_complementary(a.topics(), b.topics()),
        )

    def fits(self, a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> list[Fit]:
        """Every need of one with every offer of the other, of the same kind."""
        return [
            self.fit(x, need, y, offer)
            for x, y in ((a, b), (b, a))
            for need in x.live_entries(now)
            if need.side == "need"
            for offer in y.live_entries(now)
            if offer.side == "offer" and offer.kind == need.kind and offer.encoder == need.encoder
        ]

    def fit(self, a: IndexedProfile, need: IndexedEntry, b: IndexedProfile, offer: IndexedEntry) -> Fit:
        """The calibrated blend: cosine corrected for hubs (CSLS), the Sino-Korean bridge, common topics."""
        cosine = float(need.vector_array @ offer.vector_array)
        csls = 2 * cosine - need.hubness - offer.hubness
        bridge = self.bridge.likeness(need.gram_array, offer.gram_array)
        topics = self.taxonomy.overlap(need.topics, offer.topics)
        blend = csls + BRIDGE_WEIGHT * bridge + TOPICS_WEIGHT * topics
        fit = min(1.0, max(0.0, (blend - UNRELATED) / (PERFECT - UNRELATED)))
        parts = {"cosine": cosine, "csls": csls, "bridge": bridge, "topics": topics}
        return Fit(a.id, need, b.id, offer, round(fit, 4), {name: round(part, 4) for name, part in parts.items()})


def judgement(a: str, b: str, fits: Iterable[Fit]) -> Judgement:
    """Of two profiles by id; `fits` are those between them."""
    known = sorted(fits, key=lambda f: (-f.fit, f.need.id, f.offer.id))
    of_need = {side: max((f.fit for f in known if f.need_of == side), default=0.0) for side in (a, b)}
    interest = {a: max(of_need[a], LEAD * of_need[b]), b: max(of_need[b], LEAD * of_need[a])}
    rounded = {side: round(value, 4) for side, value in sorted(interest.items())}
    return Judgement(round(harmonic_mean(*interest.values()), 4), rounded, _evidence(known), ())


def harmonic_mean(x: float, y: float) -> float:
    return 0.0 if x <= 0 or y <= 0 else 2 * x * y / (x + y)


def _evidence(known: Sequence[Fit]) -> list[Fit]:
    """The best fits, each need and each offer once."""
    chosen: list[Fit] = []
    used: set[str] = set()
    for fit in known:
        if fit.fit > 0 and not {fit.need.id, fit.offer.id} & used and len(chosen) < MAX_EVIDENCE:
            chosen.append(fit)
            used |= {fit.need.id, fit.offer.id}
    return chosen


def against(a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> list[str]:
    """What speaks against a pair that otherwise fits."""
    found = [] if set(a.languages) & set(b.languages) else [NO_COMMON_LANGUAGE]
    if any(end < _today(profile, now) for profile in (a, b) for end in profile.certificates_end):
        found.append(EXPIRED_CERTIFICATE)
    return found


def _today(profile: IndexedProfile, now: dt.datetime) -> str:
    """Where the profile is: a certificate's last day still counts there."""
    return now.astimezone(ZONES[profile.country]).date().isoformat()
