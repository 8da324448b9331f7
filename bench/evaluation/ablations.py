"""What each part of a fit gives: the right partner is looked for without it. The weights of the other parts stay, so
this is what the part gives to the model that ships, not what the best model without it would reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from services.matching.domain.indexed_profile import IndexedEntry
from services.matching.domain.pair_model import FEATURES
from services.matching.domain.pair_score import Scorer
from services.matching.embedders import embedder
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings

from .fits import Fits
from .matching import Entries, entries, recall
from .partners import DRESSES, Dress

Recalls = dict[str, dict[str, float]]


def evaluate(half: str) -> dict[str, Recalls]:
    """R@1 and R@3 by dress, without each feature of the pair model, and without the gate (all statements alike)."""
    encoder = Encoder(embedder(MatchingSettings().embedder))
    dressed = {dress: entries(encoder, half, dress) for dress in DRESSES}
    model = encoder.pair_model
    found = {}
    for at, name in enumerate(FEATURES):
        weights = tuple(0.0 if n == at else weight for n, weight in enumerate(model.weights))
        scorer = encoder.scorer(replace(model, weights=weights))
        found[f"without {name}"] = _recalls(scorer, dressed)
    ungated: dict[Dress, Entries] = {
        dress: [(said, _ungated(entry)) for said, entry in those] for dress, those in dressed.items()
    }
    found["without the gate"] = _recalls(encoder.scorer(model), ungated)
    return found


def _recalls(scorer: Scorer, dressed: Mapping[Dress, Entries]) -> Recalls:
    fits = Fits(scorer)
    of_dress = {dress: recall(fits, those) for dress, those in dressed.items()}
    return {dress: {name: of[name] for name in ("r1", "r3")} for dress, of in of_dress.items()}


def _ungated(entry: IndexedEntry) -> IndexedEntry:
    """Each statement counts alike, in the whole text too."""
    if not entry.statements:
        return entry
    vectors = entry.said.vectors
    mean = vectors.mean(axis=0)
    whole = (mean / (np.linalg.norm(mean) or 1)).astype(np.float16).tobytes()
    alike = [statement.model_copy(update={"weight": 1.0}) for statement in entry.statements]
    # model_copy keeps cached arrays in __dict__; a new object computes them from its own statements.
    return IndexedEntry(**{**entry.model_dump(), "vector": whole, "statements": [one.model_dump() for one in alike]})
