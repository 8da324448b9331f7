"""A linear map, learnt from pairs that people wrote: it brings a need nearer to the offer that answers it than their
encoders put them, across languages and points of view."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]
EXACT = 2.0**24


def _nothing() -> npt.NDArray[np.float32]:
    return np.zeros((0, 0), dtype=np.float32)


@dataclass(frozen=True)
class Alignment:
    """A vector x becomes `x + (x @ into) @ back`. Shapes: (dimensions, rank), (rank, dimensions). An empty one is no
    map."""

    into: npt.NDArray[np.float32] = field(default_factory=_nothing)
    back: npt.NDArray[np.float32] = field(default_factory=_nothing)

    def direction(self, vector: Vector) -> Vector:
        """Where the map brings a vector, as one of length 1 whose items have 24 bits: the product of two is their
        cosine, and exact in float64. Zeros for an empty text; without dimensions where there is no map."""
        if not self.into.size:
            return np.zeros(0, dtype=np.float32)
        mapped = (vector + (vector @ self.into) @ self.back).astype(np.float64)
        length = np.linalg.norm(mapped) or 1.0
        return (np.rint(mapped / length * EXACT) / EXACT).astype(np.float32)
