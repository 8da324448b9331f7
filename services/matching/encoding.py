"""A text as it is scored: centred vector, hubness, grams. All three follow from the text, the embedder and what ships
in `reference/`, never from who else is in the pool; so a score is the same on any day (rules 4)."""

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
from .domain.indexed import Encoded
from .domain.taxonomy import Taxonomy, taxonomy
from .embedding import Embedder, Vectors

REFERENCE = Path(__file__).parent / "reference"
VERSION = 1
"""Of whatever else than the embedder goes into an encoding: the sample, the readings, the arithmetic."""
NEIGHBOURS = 20
"""Of the sample: a text's hubness is its mean similarity to so many of its nearest."""


def read_texts() -> list[Text]:
    """The reference sample: what firms in the forum's fields say, none of it anybody's."""
    lines = (REFERENCE / "texts.tsv").read_text(encoding="utf-8").splitlines()
    return [Text(lang=lang, text=text) for lang, _, text in (line.partition("\t") for line in lines)]


def read_readings() -> dict[str, str]:
    """Chinese character -> its Korean reading."""
    lines = (REFERENCE / "readings.txt").read_text(encoding="utf-8").splitlines()
    return {character: line[0] for line in lines if line[:1] != "#" for character in line[1:]}


def read_taxonomy() -> Taxonomy:
    return taxonomy(yaml.safe_load((REFERENCE / "taxonomy.yaml").read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Sample:
    """Of the reference texts: each language's mean vector, and all of them centred."""

    means: Mapping[str, Vectors]
    centred: Vectors


class Encoder:
    """Blocking and slow: call `encode` in a thread. The first call also encodes the reference sample (a second)."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = f"{embedder.name}/{VERSION}"
        self.taxonomy = read_taxonomy()
        self._texts = read_texts()
        self.bridge = Bridge.over(read_readings(), (text.text for text in self._texts))
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[Text]) -> list[Encoded]:
        with self._lock:
            sample = self._sample
        vectors = _centred(self._embedder.embed([text.text for text in texts]), texts, sample.means)
        nearest = np.sort(vectors @ sample.centred.T, axis=1)[:, -NEIGHBOURS:]
        return [
            Encoded(
                encoder=self.name,
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
    """Without what is common to all texts of its language, and of length 1 again; a language without a mean stays."""
    rows = vectors.astype(np.float32, copy=True)
    for row, text in zip(rows, texts, strict=True):
        row -= means.get(text.lang, np.float32(0))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    np.divide(rows, lengths, out=rows, where=lengths > 0)
    return rows
