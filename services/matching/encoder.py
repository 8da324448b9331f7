"""Encodes a text as it is scored: centred vector, hubness, grams. All three depend on the text, the embedder and the
files in `reference/` only, never on other profiles, so a score is the same on any day (docs/rules.md, section 4)."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import yaml

from schemas.common import Text

from .domain.bridge import Bridge
from .domain.indexed_profile import EncodedText
from .domain.taxonomy import Taxonomy, taxonomy
from .embedders import Embedder, Vectors

REFERENCE = Path(__file__).parent / "reference"
VERSION = 1
"""Version of everything but the embedder that goes into an encoding: the sample, the readings, the arithmetic."""
NEIGHBOURS = 20
"""The hubness of a text is its mean cosine with this many of the nearest texts of the sample."""


def read_texts() -> list[Text]:
    """The reference sample: invented texts as firms in the forum's fields write them."""
    lines = (REFERENCE / "texts.tsv").read_text(encoding="utf-8").splitlines()
    return [Text(lang=lang, text=text) for lang, _, text in (line.partition("\t") for line in lines)]


def read_readings() -> dict[str, str]:
    """The Korean reading of each Chinese character."""
    lines = (REFERENCE / "readings.txt").read_text(encoding="utf-8").splitlines()
    return {character: line[0] for line in lines if line[:1] != "#" for character in line[1:]}


def read_taxonomy() -> Taxonomy:
    """The taxonomy that ships with the product."""
    return taxonomy(yaml.safe_load((REFERENCE / "taxonomy.yaml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Sample:
    """The encoded reference texts: the mean vector of each language, and all vectors centred, shape (texts,
    dimensions)."""

    means: Mapping[str, Vectors]
    centred: Vectors


class Encoder:
    """Slow CPU work: call `encode` in a thread. Its first call also encodes the reference sample (one second)."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = f"{embedder.name}/{VERSION}"
        self.taxonomy = read_taxonomy()
        self._texts = read_texts()
        self.bridge = Bridge.over(read_readings(), (text.text for text in self._texts))
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        """One encoded text for each text, in the same order."""
        # Several threads may come first; without the lock each would encode the whole sample.
        with self._lock:
            sample = self._sample
        vectors = _centred(self._embedder.embed([text.text for text in texts]), texts, sample.means)
        nearest = np.sort(vectors @ sample.centred.T, axis=1)[:, -NEIGHBOURS:]
        return [
            EncodedText(
                encoder=self.name,
                # Half the bytes of float32 in each document and in the change stream.
                vector=vector.astype(np.float16).tobytes(),
                hubness=round(float(near.mean()), 4),
                grams=self.bridge.grams(text.text).tobytes(),
            )
            for text, vector, near in zip(texts, vectors, nearest, strict=True)
        ]

    @cached_property
    def _sample(self) -> Sample:
        vectors = self._embedder.embed([text.text for text in self._texts])
        means: dict[str, Vectors] = {}
        for lang in sorted({text.lang for text in self._texts}):
            rows = [i for i, text in enumerate(self._texts) if text.lang == lang]
            means[lang] = vectors[rows].mean(axis=0)
        return Sample(means, _centred(vectors, self._texts, means))


def _centred(vectors: Vectors, texts: Sequence[Text], means: Mapping[str, Vectors]) -> Vectors:
    """Vectors without the mean of their language, of length 1 again. A language without a mean is left as it is."""
    rows = vectors.astype(np.float32, copy=True)
    for row, text in zip(rows, texts, strict=True):
        row -= means.get(text.lang, np.float32(0))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, lengths, out=rows, where=lengths > 0)
    return rows
