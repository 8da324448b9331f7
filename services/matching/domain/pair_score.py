"""The score of a pair: how well needs meet offers in both directions, and why (docs/rules.md, section 4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from .bridge import Bridge
from .calendar import ZONES
from .concepts import Rarity
from .fit_parts import Comparison, Parts
from .indexed_profile import OTHER, IndexedEntry, IndexedProfile, Span
from .pair_model import PairModel
from .profile_row import Side
from .taxonomy import Taxonomy

LEAD = 0.7
"""A profile that needs what I offer interests me too, a little less than one that offers what I need."""
MAX_EVIDENCE = 4
LEAST_REASON = 0.31
"""The fit of a further reason. The best pair is told whatever its fit; one that no minimum would let pass beside it
only says that the two have entries of one kind: a logistic is never 0."""
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


class _Met(NamedTuple):
    """An entry of one profile met one of another: how well they fit, and where the parts of it are."""

    fit: float
    mine: IndexedEntry
    theirs: IndexedEntry
    parts: Parts
    at: int


@dataclass(frozen=True)
class Scorer:
    """Scores pairs by their own texts, the shipped sample and the taxonomy. No other profile has an influence: a score
    is the same to the last bit, whatever it is computed beside. `models`: those of encoders that have another one than
    `model`, by the name of the encoder."""

    bridge: Bridge
    taxonomy: Taxonomy
    rarity: Rarity
    model: PairModel = field(default_factory=PairModel)
    models: Mapping[str, PairModel] = field(default_factory=dict)

    @cached_property
    def _comparisons(self) -> dict[str, tuple[PairModel, Comparison]]:
        return {}

    def _of_encoder(self, encoder: str) -> tuple[PairModel, Comparison]:
        if encoder not in self._comparisons:
            model = self.models.get(encoder, self.model)
            self._comparisons[encoder] = model, Comparison(self.bridge, self.taxonomy, self.rarity, model.alignment)
        return self._comparisons[encoder]

    def score(self, a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> PairScore:
        """The score of two profiles; the same in both orders."""
        return self.scores(a, [b], now)[0]

    def scores(self, me: IndexedProfile, others: Sequence[IndexedProfile], now: dt.datetime) -> list[PairScore]:
        """The score of a profile with each of the others. CPU work: many belong in a thread."""
        return [score for _, score in self.fitting(me, others, now, 0.0)]

    def fitting(
        self, me: IndexedProfile, others: Sequence[IndexedProfile], now: dt.datetime, minimum: float
    ) -> list[tuple[IndexedProfile, PairScore]]:
        """The others whose score with a profile reaches the minimum, in order, with it."""
        met, sectors = self._met(me, others, now), self.taxonomy.sectors(me.topics(now))
        return [
            (other, self._described(me, other, [_fit(me, other, one) for one in found], sectors, now))
            for other, found in zip(others, met, strict=True)
            if _score(found) >= minimum
        ]

    def _described(
        self, me: IndexedProfile, other: IndexedProfile, fits: list[Fit], sectors: frozenset[str], now: dt.datetime
    ) -> PairScore:
        is_complementary = self.taxonomy.complete_each_other(sectors, self.taxonomy.sectors(other.topics(now)))
        found = pair_score(me.id, other.id, fits)
        return replace(found, against=against(me, other, now), complementary=is_complementary)

    def fits(self, a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> list[Fit]:
        """The fits of every need of one profile with every offer of the other, where the kinds are equal."""
        return [_fit(a, b, one) for one in self._met(a, [b], now)[0]]

    def _met(self, me: IndexedProfile, others: Sequence[IndexedProfile], now: dt.datetime) -> list[list[_Met]]:
        """What of a profile meets what of each other one. Entries that both have another encoding meet by the last of
        them."""
        there: dict[tuple[Side, str, str], list[tuple[int, IndexedEntry]]] = {}
        for number, other in enumerate(others):
            for entry in other.live_entries(now):
                there.setdefault((entry.side, entry.kind, entry.encoder), []).append((number, entry))
        met: list[dict[tuple[str, str], _Met]] = [{} for _ in others]
        for mine in me.live_entries(now):
            found = there.get((OTHER[mine.side], mine.kind, mine.encoder), ())
            for (number, _), one in zip(found, self._meet(mine, [entry for _, entry in found]), strict=True):
                met[number][one.mine.id, one.theirs.id] = one
        return [list(found.values()) for found in met]

    def _meet(self, mine: IndexedEntry, theirs: Sequence[IndexedEntry]) -> list[_Met]:
        if not theirs:
            return []
        model, comparison = self._of_encoder(mine.encoder)
        parts = comparison.parts(mine, theirs)
        fits = model.fits(parts.values, mine.kind).tolist()
        return [_Met(round(fit, 4), mine, theirs[at], parts, at) for at, fit in enumerate(fits)]

    def fit(self, a: IndexedProfile, need: IndexedEntry, b: IndexedProfile, offer: IndexedEntry) -> Fit:
        """How well one offer answers one need, as the model weighs the parts."""
        return _fit(a, b, self._meet(need, [offer])[0])


def _fit(me: IndexedProfile, other: IndexedProfile, met: _Met) -> Fit:
    mine = (me.id, met.mine, met.mine.said.spans[met.parts.mine[met.at]])
    theirs = (other.id, met.theirs, met.theirs.said.spans[met.parts.theirs[met.at]])
    asked, given = (mine, theirs) if met.mine.side == "need" else (theirs, mine)
    return Fit(*asked[:2], *given[:2], met.fit, met.parts.of(met.at), asked[2], given[2])


def _score(met: Sequence[_Met]) -> float:
    """The score that `pair_score` gives, without the rest of it."""
    mine = max((one.fit for one in met if one.mine.side == "need"), default=0.0)
    theirs = max((one.fit for one in met if one.theirs.side == "need"), default=0.0)
    return round(harmonic_mean(*_interests(mine, theirs)), 4)


def _interests(of_mine: float, of_theirs: float) -> tuple[float, float]:
    """What each of two profiles has of the other, from the best fit of a need of each."""
    return max(of_mine, LEAD * of_theirs), max(of_theirs, LEAD * of_mine)


def pair_score(a: str, b: str, fits: Iterable[Fit]) -> PairScore:
    """The score of two profiles, by id, from the fits between them."""
    # The ids decide between equal fits: the same evidence on every replica, and in both orders of the pair.
    known = sorted(fits, key=lambda f: (-f.fit, f.need.id, f.offer.id))
    of_need = {side: max((f.fit for f in known if f.need_of == side), default=0.0) for side in (a, b)}
    interest = dict(zip((a, b), _interests(of_need[a], of_need[b]), strict=True))
    rounded = {side: round(value, 4) for side, value in sorted(interest.items())}
    return PairScore(round(harmonic_mean(*interest.values()), 4), rounded, _evidence(known), ())


def harmonic_mean(x: float, y: float) -> float:
    """0 if either value is 0 or less."""
    return 0.0 if x <= 0 or y <= 0 else 2 * x * y / (x + y)


def _evidence(known: Sequence[Fit]) -> list[Fit]:
    """The best fits, with each need and each offer in one of them at most; the first, and what fits by itself."""
    chosen: list[Fit] = []
    used: set[str] = set()
    for fit in known:
        if fit.fit < LEAST_REASON and (chosen or fit.fit <= 0):
            break
        if not {fit.need.id, fit.offer.id} & used and len(chosen) < MAX_EVIDENCE:
            chosen.append(fit)
            used |= {fit.need.id, fit.offer.id}
    return chosen


def against(a: IndexedProfile, b: IndexedProfile, now: dt.datetime) -> list[str]:
    """Codes of what speaks against a pair, for example that the two have no common language."""
    # Of a profile that names no language none is known, which is not the same as that there is none.
    is_known = a.languages and b.languages
    found = [NO_COMMON_LANGUAGE] if is_known and not set(a.languages) & set(b.languages) else []
    # ISO dates sort as text.
    if any(end < _today(profile, now) for profile in (a, b) for end in profile.certificates_end):
        found.append(EXPIRED_CERTIFICATE)
    return found


def _today(profile: IndexedProfile, now: dt.datetime) -> str:
    """The date in the profile's country: a certificate is still valid on its last day there."""
    return now.astimezone(ZONES[profile.country]).date().isoformat()
