"""How the parts of a fit become one number in [0, 1]: learnt from pairs that people wrote and graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .alignment import Alignment

Floats = npt.NDArray[np.float64]
FEATURES = ("statement", "whole", "bridge", "strength", "aligned", "nodes", "names", "one_language", "concepts")
"""The parts that the model weighs, in the order of its weights. `statement`: the best pair of statements. `whole`: the
two texts, each statement as far as it says something. `bridge`: shared words. `strength`: the logarithm of how much the
two statements say, 0 at most. `aligned`: the two texts after the alignment. `nodes`: what both are about. `names`:
shared names in Latin letters. `one_language`: whether both are written in one; any two such texts are more alike than
texts of two languages, which speaks for nothing. `concepts`: what both name, in whichever language."""
TOPICS_WEIGHT = 0.6
"""What a common topic adds, in the scale of the logit: an owner has chosen it, so it is not learnt."""
KIND_WEIGHTS: Mapping[str, float] = {"landing": 1.3, "programme": 0.8}
"""What the kind itself adds. Who looks for a place to settle, or for a programme, is served by most of those who offer
one, in any words: docs/decisions/0018."""


@dataclass(frozen=True)
class PairModel:
    """A logistic regression. Without weights (an encoder without a trained model) the fit is a straight line."""

    weights: tuple[float, ...] = ()
    bias: float = 0.0
    alignment: Alignment = field(default_factory=Alignment, compare=False)

    def fits(self, parts: Mapping[str, Floats], kind: str = "") -> Floats:
        """The probability that a pair of this kind with these parts is right, in [0, 1], for each item of the parts; 0
        where one of the two says nothing."""
        if not self.weights:
            blend = parts["statement"] + 0.2 * parts["bridge"] + 0.1 * parts["topics"]
            return np.clip((blend - 0.05) / 0.7, 0.0, 1.0)
        logit = self.bias + KIND_WEIGHTS.get(kind, 0.0) + TOPICS_WEIGHT * parts["topics"]
        logit += sum(weight * parts[name] for name, weight in zip(FEATURES, self.weights, strict=True))
        found: Floats = 1 / (1 + np.exp(-np.clip(logit, -30.0, 30.0)))
        return found
