"""What a statement is about: the nodes of the taxonomy whose names it has, and which are near to it in meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .names import NATIVE, Names
from .taxonomy import Taxonomy

TOP = 3
"""Nodes that a statement may have."""
NEARNESS, NAMED, NOTHING = 30.0, 2.0, 3.0
"""The scale of a cosine, that of a name's length (its root), and what stands for no node where there are no vectors.
Learnt from `bench/evaluation/texts/taxonomy.tuning.jsonl`."""
LATIN_SHARE = 0.45
"""A Latin letter says less than a Hangul syllable or a Chinese character."""
_DIGIT_LABEL = re.compile(r"\dG?")


@dataclass(frozen=True)
class Classifier:
    """`vectors`: one of length 1 for each node of the taxonomy, in its order; None where an encoder has none."""

    taxonomy: Taxonomy
    names: Names
    vectors: npt.NDArray[np.float32] | None = None

    def classify(self, statement: str, vector: npt.NDArray[np.float32] | None = None) -> list[tuple[str, float]]:
        """The nodes that the statement is most likely about, at most TOP, best first, each with its probability.

        `vector`: that of the statement, centred, of length 1."""
        named = self._named(statement)
        nodes = list(self.taxonomy.nodes)
        if vector is None or self.vectors is None:
            chances = _shares({**{node: NAMED * said for node, said in named.items()}, "": NOTHING})
        else:
            near = NEARNESS * (self.vectors @ vector)
            possible = {node: i for i, node in enumerate(nodes) if node in named or not self._is_a_digit(node)}
            chances = _shares({node: float(near[i]) + NAMED * named.get(node, 0) for node, i in possible.items()})
        chances.pop("", None)
        best = sorted(chances.items(), key=lambda one: (-one[1], one[0]))[:TOP]
        return [(node, round(chance, 3)) for node, chance in best]

    def _is_a_digit(self, node: str) -> bool:
        """Whether its label is 5G or the like: its vector is near any text with that digit, so only a name counts."""
        return _DIGIT_LABEL.fullmatch(self.taxonomy.nodes[node].label["en"]) is not None

    def _named(self, statement: str) -> Mapping[str, float]:
        """How much the names that a statement has say, by node."""
        found: dict[str, float] = {}
        for node, name in self.names.found(statement):
            letters = len(name.replace(" ", ""))
            found[node] = found.get(node, 0) + (letters if NATIVE.search(name) else LATIN_SHARE * letters)
        return {node: float(np.sqrt(said)) for node, said in found.items()}


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    """Values in the scale of a logarithm as shares of 1."""
    powers = np.exp(np.array(list(values.values())) - max(values.values()))
    return dict(zip(values, (powers / powers.sum()).tolist(), strict=True))
