"""How the parts of a fit become one number in [0, 1]: learnt from pairs that people wrote and graded."""

from __future__ import annotations

import math
from dataclasses import dataclass

FEATURES = ("statement", "whole", "bridge", "strength")
"""The parts that the model weighs, in the order of its weights. `statement`: the best pair of statements. `whole`: the
two texts, each statement as far as it says something. `bridge`: shared words. `strength`: the logarithm of how much the
two statements say, 0 at most."""
TOPICS_WEIGHT = 0.6
"""What a common topic adds, in the scale of the logit: an owner has chosen it, so it is not learnt."""


@dataclass(frozen=True)
class PairModel:
    """A logistic regression. Without weights (an encoder without a trained model) the fit is a straight line."""

    weights: tuple[float, ...] = ()
    bias: float = 0.0

    def fit(self, *, statement: float, whole: float, bridge: float, strength: float, topics: float) -> float:
        """The probability that such a pair is right, in [0, 1]; 0 where one of the two says nothing."""
        if not self.weights:
            blend = statement + 0.2 * bridge + 0.1 * topics
            return min(1.0, max(0.0, (blend - 0.05) / 0.7))
        values = (statement, whole, bridge, strength)
        logit = self.bias + TOPICS_WEIGHT * topics + sum(w * v for w, v in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
