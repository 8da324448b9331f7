"""What a statement is about: the nodes of the taxonomy whose names it has, and which are near to it in meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

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
        if vector is None or self.vectors is None:
            nodes = [*named, ""]
            values = np.array([*(NAMED * said for said in named.values()), NOTHING])
        else:
            digits = [at for at in self._digits if self._nodes[at] in named]
            places = sorted([*self._others, *digits]) if digits else self._others
            nodes = [self._nodes[at] for at in places]
            values = (NEARNESS * (self.vectors @ vector)).astype(np.float64)[places]
            values += [NAMED * named.get(node, 0) for node in nodes]
        chances = _shares(values)
        # All that are as likely as the last one are looked at: of equals the first by its id counts.
        least = np.sort(chances)[-TOP - 1 :].min()
        likely = [(nodes[at], float(chances[at])) for at in np.flatnonzero(chances >= least).tolist() if nodes[at]]
        best = sorted(likely, key=lambda one: (-one[1], one[0]))[:TOP]
        return [(node, round(chance, 3)) for node, chance in best]

    @cached_property
    def _nodes(self) -> list[str]:
        return list(self.taxonomy.nodes)

    @cached_property
    def _digits(self) -> list[int]:
        """The nodes whose label is 5G or the like: their vectors are near any text with that digit, so only a name
        counts."""
        labels = [node.label["en"] for node in self.taxonomy.nodes.values()]
        return [at for at, label in enumerate(labels) if _DIGIT_LABEL.fullmatch(label)]

    @cached_property
    def _others(self) -> list[int]:
        return [at for at in range(len(self._nodes)) if at not in self._digits]

    def _named(self, statement: str) -> Mapping[str, float]:
        """How much the names that a statement has say, by node."""
        found: dict[str, float] = {}
        for node, name in self.names.found(statement):
            letters = len(name.replace(" ", ""))
            found[node] = found.get(node, 0) + (letters if NATIVE.search(name) else LATIN_SHARE * letters)
        return {node: float(np.sqrt(said)) for node, said in found.items()}


def _shares(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values in the scale of a logarithm as shares of 1."""
    powers = np.exp(values - values.max())
    shares: npt.NDArray[np.float64] = powers / powers.sum()
    return shares
