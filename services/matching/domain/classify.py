"""What a statement is about: the nodes of the taxonomy whose names it has, and which are near to it in meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.chassis.model import fold

from .taxonomy import Taxonomy

TOP = 3
"""Nodes that a statement may have."""
NEARNESS, NAMED, NOTHING = 30.0, 2.0, 3.0
"""The scale of a cosine, that of a name's length (its root), and what stands for no node where there are no vectors.
Learnt from `bench/evaluation/texts/taxonomy.tuning.jsonl`."""
MAX_CAPITALS = 4
"""Latin names in capitals of at most this length are abbreviations, and count in capitals only: IT is not it."""
LATIN_SHARE = 0.45
"""A Latin letter says less than a Hangul syllable or a Chinese character."""
_WORD = re.compile(r"[a-z0-9]+[+#]*", re.IGNORECASE)
_DIGIT_LABEL = re.compile(r"\dG?")
_SPACE = re.compile(r"\s+")
_NATIVE = re.compile(r"[가-힣\u4e00-\u9fff]")
_BETWEEN = re.compile(r"[·、]|与")
Found = tuple[str, str]
"""A node, and the name of it that a text has."""


class Names:
    """Finds the names of all nodes in a text, the longest at each place; Latin ones as whole words."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._native: dict[str, list[Found]] = {}
        self._latin: dict[tuple[str, ...], str] = {}
        self._capitals: dict[str, str] = {}
        for node in taxonomy.nodes.values():
            for name in node.names():
                self._add(name, node.id)
        for names in self._native.values():
            names.sort(key=lambda one: -len(one[1]))
        self._longest = max(map(len, self._latin), default=1)

    def _add(self, name: str, node: str) -> None:
        if _NATIVE.search(name):
            for part in filter(None, _BETWEEN.split(name)):
                written = _SPACE.sub("", fold(part))
                self._native.setdefault(written[:2], []).append((node, written))
        elif name.isupper() and name.isalpha() and len(name) <= MAX_CAPITALS:
            self._capitals[name] = node
        else:
            self._latin.setdefault(tuple(_words(fold(name))), node)

    def found(self, text: str) -> list[Found]:
        """Each name once, in order."""
        return list(dict.fromkeys([*self._in_native(text), *self._in_latin(text)]))

    def _in_native(self, text: str) -> Iterator[Found]:
        """Spaces do not count: 전력 반도체 is 전력반도체. A name within a longer one is none."""
        written, end = _SPACE.sub("", fold(text)), 0
        for at in range(len(written)):
            starting = (*self._native.get(written[at : at + 2], ()), *self._native.get(written[at], ()))
            longest = next((one for one in starting if written.startswith(one[1], at)), None)
            if longest and at + len(longest[1]) > end:
                end = at + len(longest[1])
                yield longest

    def _in_latin(self, text: str) -> Iterator[Found]:
        words, at = _words(unicodedata.normalize("NFKC", text)), 0
        while at < len(words):
            lengths = range(min(self._longest, len(words) - at), 0, -1)
            named = ((n, node) for n in lengths if (node := self._named(words[at : at + n])))
            n, node = next(named, (1, ""))
            if node:
                yield node, " ".join(words[at : at + n]).lower()
            at += n

    def _named(self, words: Sequence[str]) -> str | None:
        """The node of this name, also in the plural."""
        lower = tuple(word.lower() for word in words)
        for last in (lower[-1], lower[-1].removesuffix("s")):
            if (node := self._latin.get((*lower[:-1], last))) is not None:
                return node
        return self._capitals.get(words[0].removesuffix("s")) if len(words) == 1 else None


def _words(text: str) -> list[str]:
    found: list[str] = _WORD.findall(text)
    return found


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
            found[node] = found.get(node, 0) + (letters if _NATIVE.search(name) else LATIN_SHARE * letters)
        return {node: float(np.sqrt(said)) for node, said in found.items()}


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    """Values in the scale of a logarithm as shares of 1."""
    powers = np.exp(np.array(list(values.values())) - max(values.values()))
    return dict(zip(values, (powers / powers.sum()).tolist(), strict=True))
