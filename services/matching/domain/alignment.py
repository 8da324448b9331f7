"""A linear map, learnt from pairs that people wrote: it brings a need nearer to the offer that answers it than their
encoders put them, across languages and points of view."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


def _nothing() -> npt.NDArray[np.float32]:
    return np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True)
class Alignment:
    """A vector x becomes `x + (x @ into) @ back`. Shapes: (dimensions, rank), (rank, dimensions). An empty one is no
    map."""

    into: npt.NDArray[np.float32] = field(default_factory=_nothing)
    back: npt.NDArray[np.float32] = field(default_factory=_nothing)

    def likeness(self, a: Vector, b: Vector) -> float:
        """The cosine of two vectors after the map, in [-1, 1]; 0 without a map, and for an empty text."""
        if not self.into.size:
            return 0.0
        x, y = self._mapped(a), self._mapped(b)
        length = float(np.linalg.norm(x) * np.linalg.norm(y))
        return float(x @ y) / length if length else 0.0

    def _mapped(self, vector: Vector) -> Vector:
        return np.asarray(vector + (vector @ self.into) @ self.back, dtype=np.float32)
