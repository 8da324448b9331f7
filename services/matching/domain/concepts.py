"""What texts name, in whichever language: 배터리, 电池 and battery are one concept (docs/rules.md, section 4).

Encoders know that two texts are alike, but hardly that both speak of the very same thing, least of all across three
languages; the bridge knows it of words of Chinese origin alone."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.chassis.model import fold

from .common_words import CommonWords
from .names import NATIVE, Names, words

LANGS = ("ko", "zh", "en")
AGREEING = 2
"""Languages whose names must say that a concept is a part of another: 锂电池 has 电池 in it, 리튬 배터리 배터리."""
ENOUGH = 40.0
"""Scale of what two texts share: two or three uncommon concepts are nearly all that one more could tell."""
MAX_NAMED = 24
"""Concepts of an entry that count. Texts of 600 characters name about a dozen."""
EXACT = 2.0**20
Concept = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""What it is called in Korean, Chinese and English; the first English name tells it apart."""
Hashes = npt.NDArray[np.uint32]
WeightedConcepts = tuple[Hashes, npt.NDArray[np.float64]]


def concept(line: str) -> Concept:
    """From a line of the shipped list. Raises ValueError, which names the line, unless each language has names, with
    letters that a text is searched for."""
    columns = [column.split(";") for column in line.split("\t")]
    if len(columns) != len(LANGS) or not all(_can_be_found(name) for names in columns for name in names):
        raise ValueError(f"concepts: {line!r} is not three columns with names; write ko, zh and en, with tabs between")
    return columns[0], columns[1], columns[2]


def _can_be_found(name: str) -> bool:
    return NATIVE.search(name) is not None or bool(words(fold(name)))


def hashed(id: str) -> int:
    """A concept as it is stored. Not `hash`: that differs from process to process."""
    return zlib.crc32(id.encode())


class Concepts:
    """Finds concepts in texts, in any thread. One that is a part of another is there with it: a solid-state battery is
    a battery."""

    def __init__(self, concepts: Iterable[Concept], common: CommonWords | None = None) -> None:
        """Names of `common` words and nothing else are none. Raises ValueError for two concepts with one first English
        name, or with one hash."""
        self._common = common or CommonWords()
        self._known: dict[str, Concept] = {}
        hashes = dict[int, str]()
        for one in concepts:
            id = one[2][0]
            if (other := hashes.setdefault(hashed(id), id)) != id or id in self._known:
                raise ValueError(f"concepts: {id} and {other} cannot be told apart; join them, or name one otherwise")
            self._known[id] = one
        self._names = Names(
            (id, (name for names in one for name in names if not self._is_common(name)))
            for id, one in self._known.items()
        )
        self._direct: dict[str, frozenset[str]] = {}
        self._parts: dict[str, frozenset[str]] = {}

    def found(self, text: str) -> frozenset[str]:
        """The ids of all concepts that the text names, and of their parts."""
        named = {id for id, _ in self._names.found(self._common.without_numbers(text))}
        return frozenset(named).union(*(self.parts(id) for id in named))

    def _is_common(self, name: str) -> bool:
        if NATIVE.search(name):
            return self._common.says_nothing(name)
        return all(map(self._common.has, words(fold(name))))

    def both_name(self, a: str, b: str) -> frozenset[str]:
        """The ids of what two texts both name, without the parts of what both name."""
        both = self.found(a) & self.found(b)
        return both.difference(*(self.parts(one) for one in both))

    def label(self, id: str, lang: str) -> str:
        """What a concept is called in a language."""
        return self._known[id][LANGS.index(lang)][0]

    def parts(self, id: str) -> frozenset[str]:
        """What a concept has in it, by its names in at least two languages; and what these have."""
        known = self._parts.get(id)
        if known is None:
            reached, left = {id}, [id]
            while left:
                new = self._nearest(left.pop()) - reached
                reached |= new
                left += new
            # Kept only when it is whole: other threads read it meanwhile.
            known = self._parts[id] = frozenset(reached - {id})
        return known

    def _nearest(self, id: str) -> frozenset[str]:
        """The parts of a concept, without theirs."""
        known = self._direct.get(id)
        if known is None:
            within = [self._within(names) for names in self._known[id]]
            agreed = (one for some in within for one in some if sum(one in others for others in within) >= AGREEING)
            known = self._direct[id] = frozenset(agreed)
        return known

    def _within(self, names: Sequence[str]) -> set[str]:
        return {id for name in names for shorter in _shortened(name) for id, _ in self._names.found(shorter)}


def _shortened(name: str) -> tuple[str, str]:
    """A name without its first and without its last letter or word: what is found then is a part of it."""
    if NATIVE.search(name):
        return name[1:], name[:-1]
    said = words(name)
    return " ".join(said[1:]), " ".join(said[:-1])


@dataclass(frozen=True)
class Rarity:
    """What each concept weighs: the rarer, the more. `frequency` is the number of texts of the reference sample, of
    `size`, that name a concept, by its hash."""

    frequency: Mapping[int, int]
    size: int

    @staticmethod
    def over(sample: Iterable[Iterable[int]]) -> Rarity:
        """From the concepts of each text of a sample."""
        frequency: dict[int, int] = {}
        size = 0
        for found in sample:
            size += 1
            for one in found:
                frequency[one] = frequency.get(one, 0) + 1
        return Rarity(frequency, size)

    def weighted(self, found: Mapping[int, float]) -> WeightedConcepts:
        """Concepts by their hashes, each true to a degree in [0, 1], with the weight of each: the degree times its
        inverse document frequency. Of many the heaviest: who lists everything does not meet everybody. In fractions of
        20 bits, so that sums of squares are exact."""
        hashes = np.array(sorted(found), dtype=np.uint32)
        known = np.array([self.frequency.get(one, 0) for one in hashes.tolist()], dtype=np.float64)
        degrees = np.array([found[one] for one in hashes.tolist()], dtype=np.float64)
        weights = np.rint(degrees * np.log((self.size + 1) / (known + 1)) * EXACT) / EXACT
        heaviest = np.sort(np.argsort(-weights, kind="stable")[:MAX_NAMED])
        return hashes[heaviest], weights[heaviest]

    def rarest(self, ids: Iterable[str], count: int) -> list[str]:
        """The concepts, by their ids, that tell most: this many at most, the rarest first."""
        return sorted(ids, key=lambda id: (self.frequency.get(hashed(id), 0), id))[:count]


def shared(mine: WeightedConcepts, theirs: Sequence[WeightedConcepts]) -> npt.NDArray[np.float64]:
    """How much some concepts share with each of the others, in [0, 1): the squares of what both name, each by the
    smaller weight of the two. What only one of them names speaks for nothing: a text may tell of several things."""
    if not len(mine[0]) or not theirs:
        return np.zeros(len(theirs))
    hashes, weights = (np.concatenate(part) for part in zip(*theirs, strict=True))
    owners = np.repeat(np.arange(len(theirs)), [len(one) for one, _ in theirs])
    at = np.minimum(np.searchsorted(mine[0], hashes), len(mine[0]) - 1)
    squares = np.minimum(weights, mine[1][at]) ** 2 * (mine[0][at] == hashes)
    both = np.bincount(owners, squares, len(theirs))
    found: npt.NDArray[np.float64] = 1 - np.exp(-both / ENOUGH)
    return found
