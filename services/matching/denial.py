"""Whether a statement says that something is not offered or needed, or no more: a logistic regression over its vector,
the cues of a denial, and phrases that tell it, which were learnt with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.chassis.model import fold

from .domain.speech import CUES, cues
from .embedders import Vectors

VECTOR_SCALE, CUE_SCALE = 4.0, 2.0
"""Vectors against what is seen on the surface: a regularised regression depends on the scale."""
LONGEST_PHRASE = 4
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Denial:
    """`weights`: of the features, the bias last; empty where nothing was learnt. `phrases`: runs of letters that speak
    for a denial or against one."""

    weights: Floats = field(default_factory=lambda: np.zeros(0))
    phrases: tuple[str, ...] = ()

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {phrase: number for number, phrase in enumerate(self.phrases)}

    def features(self, vectors: Vectors, texts: Sequence[str]) -> Floats:
        """Shape (texts, dimensions + phrases + cues + 2): the vector, which phrases a text has, the cues, the length,
        1."""
        surface = [[*(CUE_SCALE * cue for cue in cues(text)), min(len(text), 120) / 60, 1.0] for text in texts]
        has = np.zeros((len(texts), len(self.phrases)))
        for row, text in zip(has, texts, strict=True):
            row[[self._numbers[one] for one in phrases(text) & self._numbers.keys()]] = 1.0
        shown = np.array(surface).reshape(len(texts), CUES + 2)
        return np.hstack([VECTOR_SCALE * vectors.astype(np.float64), has, shown])


def phrases(text: str) -> set[str]:
    """All runs of one to four letters of a text as it is compared, with marks at its begin and its end."""
    written = f"^{' '.join(fold(text).split())}$"
    starts = range(len(written))
    return {written[at : at + length] for at in starts for length in range(1, LONGEST_PHRASE + 1)}
