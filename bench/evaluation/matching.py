"""How well the right partner is found: on the half of the gold set that nothing was learnt from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from schemas.common import Text
from services.matching.domain.indexed_profile import IndexedEntry
from services.matching.domain.pair_score import pair_score
from services.matching.embedders import embedder
from services.matching.encoder import SAYS_SOMETHING, Encoder
from services.matching.settings import MatchingSettings

from .fits import Fits, encoded, entry, introduction_pairs, never_pairs
from .lines import lines
from .partners import DRESSES, GOLDS_BESIDE, STRICT_DRESSES, Dress, Gold, Said, may_meet, texts

Entries = Sequence[tuple[Said, IndexedEntry]]
NEGATED = ("negated_offer", "negated_need", "ended")


def evaluate(half: str, *, name: str = "") -> dict[str, Any]:
    """All figures of one half, for the encoder of this name or that of the settings."""
    settings = MatchingSettings()
    encoder = Encoder(embedder(name or settings.embedder))
    fits = Fits(encoder.scorer())
    dressed = {dress: entries(encoder, half, dress) for dress in DRESSES}
    strict = {dress: recall(fits, entries(encoder, half, dress, "strict")) for dress in STRICT_DRESSES}
    minimum = settings.minimum_score
    never = [score(fits, *pair) for pair in never_pairs(encoder, half)]
    introductions = [score(fits, *pair) for pair in introduction_pairs(encoder, half)]
    negated = _negated(half, never)
    return {
        **{dress: recall(fits, found) | by_direction(fits, found) for dress, found in dressed.items()},
        "strict": strict,
        **{gold: beside(fits, encoder, half, gold, dressed, minimum) for gold in GOLDS_BESIDE},
        "strangers_above_minimum": round(strangers(fits, dressed["profiles"], minimum), 4),
        "boilerplate_matches": round(share(introductions, minimum), 4),
        "negated_below_minimum": round(1 - share([one for some in negated.values() for one in some], minimum), 4),
        "negated_by_writer": {writer: round(1 - share(some, minimum), 4) for writer, some in negated.items()},
        "never_below_minimum": round(1 - share(never, minimum), 4),
        **denials(encoder, half),
        "right_above_minimum": {dress: round(right(fits, found, minimum), 4) for dress, found in dressed.items()},
        "auc": round(auc(fits, dressed["profiles"]), 4),
        "calibration": calibration(fits, dressed["profiles"]),
    }


def _negated(half: str, never: Sequence[float]) -> dict[str, list[float]]:
    """Scores of the pairs of which one side is negated or has ended, by who wrote them: `first`, or `second`, who wrote
    others after rules had been changed for the first half."""
    found: dict[str, list[float]] = {}
    for line, one in zip(lines(f"never.{half}"), never, strict=True):
        if line["tag"] in NEGATED:
            found.setdefault("second" if line.get("writer") == 2 else "first", []).append(one)
    return found


def beside(
    fits: Fits, encoder: Encoder, half: str, gold: Gold, others: Mapping[Dress, Entries], minimum: float
) -> dict[str, Any]:
    """How the right partner is found for the texts of this gold set among `others`, by dress; and the shares at the
    minimum score of the right pairs of the set, and of strangers of which at least one is of it."""
    found = dict[str, Any]()
    for dress in STRICT_DRESSES:
        mine = entries(encoder, half, dress, gold)
        pairs = frozenset(said.pair for said, _ in mine)
        pool = [*mine, *others[dress]]
        found[dress] = recall(fits, pool, only=pairs) | {
            "right_above_minimum": round(share(_scores(fits, mine, wanted=True), minimum), 4),
            "strangers_above_minimum": round(share(_scores(fits, pool, wanted=False, of=pairs), minimum), 4),
        }
    return found


def denials(encoder: Encoder, half: str) -> dict[str, float]:
    """Of single statements: the share of the denials that are heard, and that of offers and requests with words of
    denial in them that are silenced, though they stand."""
    said = lines(f"negation.{half}")
    spoken = encoder.spoken([Text(lang=line["lang"], text=line["text"]) for line in said])
    silent = np.array([one.weights.max() < SAYS_SOMETHING for one in spoken])
    is_denial = np.array([bool(line["negated"]) for line in said])
    return {
        "denials_heard": round(float(silent[is_denial].mean()), 4),
        "standing_silenced": round(float(silent[~is_denial].mean()), 4),
    }


def entries(encoder: Encoder, half: str, dress: Dress, gold: Gold = "partners") -> Entries:
    """All texts of a half as entries."""
    said = list(texts(half, dress, gold))
    known = encoded(encoder, (one.text for one in said))
    return [(one, entry(one, known[one.text.lang, one.text.text])) for one in said]


def score(fits: Fits, need: IndexedEntry, offer: IndexedEntry) -> float:
    """The score of two profiles that have just these two entries."""
    fit = fits.of(need, offer)
    return pair_score("a", "b", [replace(fit, need_of="a", offer_of="b")]).score


def recall(fits: Fits, found: Entries, *, only: frozenset[str] | None = None) -> dict[str, Any]:
    """How often the right partner is the best (`r1`), or among the three best (`r3`), of all that would be compared;
    how often it is better than the tempting wrong one (`hard`); NDCG@10 with one right partner each. Both sides ask.
    `only`: for these pairs."""
    ranks, beaten = list[int](), 0
    for said, mine in found:
        if said.is_hard or (only is not None and said.pair not in only):
            continue
        others = [(other, fits.of(mine, theirs).fit) for other, theirs in found if _meet(said, other)]
        wanted = next(fit for other, fit in others if other.pair == said.pair and not other.is_hard)
        tempting = next(fit for other, fit in others if other.pair == said.pair and other.is_hard)
        ranks.append(sum(fit > wanted for _, fit in others))
        beaten += wanted > tempting
    asked = len(ranks)
    return {
        "r1": round(sum(rank == 0 for rank in ranks) / asked, 4),
        "r3": round(sum(rank < 3 for rank in ranks) / asked, 4),
        "ndcg10": round(sum(1 / math.log2(rank + 2) for rank in ranks if rank < 10) / asked, 4),
        "hard": round(beaten / asked, 4),
        "asked": asked,
    }


def by_direction(fits: Fits, found: Entries) -> dict[str, dict[str, float]]:
    """`recall` of the pairs in which Korea offers, and of those in which China does."""
    offering = {said.pair: said.country for said, _ in found if said.side == "offer"}
    return {
        f"{country} offers": recall(fits, found, only=frozenset(pair for pair, c in offering.items() if c == country))
        for country in sorted(set(offering.values()))
    }


def _meet(a: Said, b: Said) -> bool:
    need, offer = (a, b) if a.side == "need" else (b, a)
    return a.side != b.side and may_meet(need, offer)


def _scores(fits: Fits, found: Entries, *, wanted: bool, of: frozenset[str] = frozenset()) -> list[float]:
    """Scores of the right pairs, or of strangers: pairs of one kind that belong to other pairs. `of`: only those with a
    side of one of these pairs; all if it is empty."""
    return [
        score(fits, asked, given)
        for need, asked in found
        for offer, given in found
        if need.side == "need"
        and may_meet(need, offer)
        and (need.pair == offer.pair) is wanted
        and (not of or of & {need.pair, offer.pair})
        and (not wanted or need.is_hard == offer.is_hard)
    ]


def strangers(fits: Fits, found: Entries, minimum: float) -> float:
    """The share of strangers at or above the minimum score."""
    return share(_scores(fits, found, wanted=False), minimum)


def right(fits: Fits, found: Entries, minimum: float) -> float:
    """The share of right pairs at or above the minimum score."""
    return share(_scores(fits, found, wanted=True), minimum)


def share(scores: Sequence[float], minimum: float) -> float:
    """The share at or above the minimum."""
    return sum(one >= minimum for one in scores) / len(scores)


def auc(fits: Fits, found: Entries) -> float:
    """The chance that a right pair has a higher score than a stranger."""
    wanted, strange = np.array(_scores(fits, found, wanted=True)), np.array(_scores(fits, found, wanted=False))
    return float((wanted[:, None] > strange).mean() + 0.5 * (wanted[:, None] == strange).mean())


def calibration(fits: Fits, found: Entries) -> dict[str, Any]:
    """Of the best match of each text, by its fit: how many there are and how many of them are right."""
    bands: dict[str, list[bool]] = {}
    for said, mine in found:
        others = [(fits.of(mine, theirs).fit, other) for other, theirs in found if _meet(said, other)]
        if not said.is_hard and others:
            fit, best = max(others, key=lambda one: one[0])
            band = f"{int(min(fit, 0.999) * 5) / 5:.1f}"
            bands.setdefault(band, []).append(best.pair == said.pair and not best.is_hard)
    return {
        band: {"of": len(found), "right": round(sum(found) / len(found), 2)} for band, found in sorted(bands.items())
    }
