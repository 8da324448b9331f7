"""What was learnt for an encoder, as it ships in `reference/`: means of languages, sample, gate, pair model.

`python -m bench.evaluation.train` writes these files from the tuning halves of the evaluation's texts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .denial import VECTOR_SCALE, Denial
from .domain.alignment import Alignment
from .domain.pair_model import PairModel
from .embedders import Parts, Vectors

REFERENCE = Path(__file__).parent / "reference"
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True)
class Trained:
    """`means`: the mean vector of each language. `sample`: centred vectors of the reference sample, shape (texts,
    dimensions). `gate`: weights of the logistic regression that tells whether a statement says something, the bias
    last; empty where nothing was learnt, and then every text is one statement."""

    means: Mapping[str, Vectors]
    sample: Vectors
    gate: npt.NDArray[np.float64]
    denial: Denial
    pair: PairModel

    def says(self, vectors: Vectors, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """The probability that each statement says something that is offered or needed, shape (texts,)."""
        return _chances(gate_features(vectors, texts), self.gate)

    def denies(self, vectors: Vectors, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """The probability that each statement says that something is not offered or needed, shape (texts,)."""
        return _chances(self.denial.features(vectors, texts), self.denial.weights)


def _chances(features: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    chances: npt.NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
    return chances


def gate_features(vectors: Vectors, texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Shape (texts, dimensions + 5): the vector, length, share of digits, hashtags, whether it is very short, 1."""
    surface = [
        [
            min(len(text), 120) / 60,
            5 * len(_DIGIT.findall(text)) / max(1, len(text)),
            text.count("#") / 3,
            float(len(text) < 10),
            1.0,
        ]
        for text in texts
    ]
    return np.hstack([VECTOR_SCALE * vectors.astype(np.float64), np.array(surface).reshape(len(texts), 5)])


def centred(vectors: Vectors, langs: Sequence[str], means: Mapping[str, Vectors], parts: Parts) -> Vectors:
    """Vectors without the mean of their language, each part of length 1 again times the root of its weight: the cosine
    of two is then the weighted mean of the parts' cosines. A language without a mean is left as it is."""
    rows = vectors.astype(np.float32, copy=True)
    for row, lang in zip(rows, langs, strict=True):
        row -= means.get(lang, np.float32(0))
    start = 0
    for dimensions, weight in parts:
        part = rows[:, start : start + dimensions]
        lengths = np.linalg.norm(part, axis=1, keepdims=True)
        np.divide(part, lengths, out=part, where=lengths > 0)
        part *= np.float32(np.sqrt(weight))
        start += dimensions
    return rows


def load(name: str) -> Trained | None:
    """What was learnt for the encoder of this name; None if nothing was."""
    file = REFERENCE / f"{name}.npz"
    if not file.exists():
        return None
    with np.load(file) as data:
        means = {key.removeprefix("mean_"): data[key].astype(np.float32) for key in data if key.startswith("mean_")}
        weights = tuple(float(weight) for weight in data["pair"])
        alignment = Alignment(data["into"].astype(np.float32), data["back"].astype(np.float32))
        pair = PairModel(weights[:-1], weights[-1], alignment)
        gate = data["gate"].astype(np.float64)
        denial = Denial(data["denial"].astype(np.float64), tuple(data["phrases"].tolist()))
        return Trained(means, data["sample"].astype(np.float32), gate, denial, pair)


def save(name: str, trained: Trained) -> None:
    """Writes the file that `load` reads. Vectors in float16: half the bytes, and no difference that is seen."""
    means = {f"mean_{lang}": mean.astype(np.float32) for lang, mean in trained.means.items()}
    np.savez_compressed(
        REFERENCE / f"{name}.npz",
        sample=trained.sample.astype(np.float16),
        gate=trained.gate.astype(np.float32),
        denial=trained.denial.weights.astype(np.float32),
        phrases=np.array(trained.denial.phrases),
        pair=np.array([*trained.pair.weights, trained.pair.bias]),
        into=trained.pair.alignment.into.astype(np.float16),
        back=trained.pair.alignment.back.astype(np.float16),
        **means,  # type: ignore[arg-type]
    )
