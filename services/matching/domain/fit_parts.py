"""The parts of a fit, of one entry with many others at once.

Every sum of products here is exact (bytes, float16 and fractions of 24 bits, added as float64), so a part is the same
to the last bit whatever it is computed beside, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from .alignment import Alignment
from .bridge import Bridge, WeightedGrams
from .concepts import Rarity, WeightedConcepts, shared
from .indexed_profile import IndexedEntry, Statements
from .taxonomy import Degrees, Taxonomy

GATE = 0.1
"""How far the weight of a statement moves it: by this much of its logarithm. Measured: docs/decisions/0018."""
MAX_NAMES = 3
"""Shared names in Latin letters, from which on one more says nothing new."""
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What an entry brings to any fit. `logs`: the logarithms of its statements' weights. `aligned`: its vector after
    the alignment, of length 1 and rounded to 24 bits; without dimensions where there is no alignment."""

    is_need: bool
    said: Statements
    logs: Floats
    whole: npt.NDArray[np.float32]
    hubness: float
    aligned: npt.NDArray[np.float32]
    grams: WeightedGrams
    names: frozenset[str]
    lang: str
    about: Degrees
    topics: Degrees
    concepts: WeightedConcepts


@dataclass(frozen=True)
class Parts:
    """The parts of the fits of one entry, an item for each other entry; and the statements that met, its own and
    theirs."""

    values: Mapping[str, Floats]
    mine: Places
    theirs: Places

    def of(self, at: int) -> dict[str, float]:
        """The parts of one of the fits, rounded."""
        return {name: round(float(values[at]), 4) for name, values in self.values.items()}


@dataclass(frozen=True, eq=False)
class Comparison:
    """Compares entries by what the texts say, the shipped sample and the taxonomy."""

    bridge: Bridge
    taxonomy: Taxonomy
    rarity: Rarity
    alignment: Alignment

    def prepared(self, entry: IndexedEntry) -> Prepared:
        """What it brings, computed once for each entry."""
        known = entry.computed.get(self)
        if not isinstance(known, Prepared):
            known = entry.computed[self] = self._prepare(entry)
        return known

    def _prepare(self, entry: IndexedEntry) -> Prepared:
        # What an owner has declared is certain.
        declared = dict.fromkeys(self.taxonomy.known(entry.topics), 1.0)
        return Prepared(
            entry.side == "need",
            entry.said,
            np.log(entry.said.weights),
            entry.vector_array,
            entry.hubness,
            self.alignment.direction(entry.vector_array),
            self.bridge.weighted(entry.gram_array),
            entry.name_set,
            entry.lang,
            self.taxonomy.degrees({**entry.said.nodes, **declared}),
            self.taxonomy.degrees(declared),
            self.rarity.weighted(entry.said.concepts),
        )

    def parts(self, entry: IndexedEntry, others: Sequence[IndexedEntry]) -> Parts:
        """The best pair of statements, the two texts as wholes, shared words and common topics. Cosines are corrected
        for hubs (CSLS). `others`: at least one, all of the same encoder."""
        me, them = self.prepared(entry), [self.prepared(other) for other in others]
        met = _statements(me, them)
        values = {
            "statement": met.likeness,
            "whole": _whole(me, them),
            "bridge": self.bridge.likenesses(me.grams, [other.grams for other in them]),
            "strength": met.strength,
            "aligned": _aligned(me, them),
            "nodes": self.taxonomy.overlaps(me.about, [other.about for other in them]),
            "names": np.array([min(len(me.names & other.names), MAX_NAMES) / MAX_NAMES for other in them]),
            "one_language": np.array([float(me.lang == other.lang != "") for other in them]),
            "concepts": shared(me.concepts, [other.concepts for other in them]),
            "topics": self.taxonomy.overlaps(me.topics, [other.topics for other in them]),
        }
        return Parts(values, met.mine, met.theirs)


@dataclass(frozen=True)
class _Met:
    likeness: Floats
    strength: Floats
    mine: Places
    theirs: Places


def _statements(me: Prepared, them: Sequence[Prepared]) -> _Met:
    """The best pair of statements with each: the likest, where a weaker one counts for less; of equals the first of the
    need's."""
    products = me.said.vectors.astype(np.float64) @ np.vstack([other.said.vectors for other in them]).T
    scales, hubness, logs = (
        np.concatenate(part) for part in zip(*((o.said.scales, o.said.hubness, o.logs) for o in them), strict=True)
    )
    likeness = 2 * (products * (me.said.scales[:, None] * scales)) - (me.said.hubness[:, None] + hubness)
    weighted = likeness + GATE * (me.logs[:, None] + logs)
    bounds = [0, *accumulate(len(other.logs) for other in them)]
    places = [_best(weighted[:, a:b], me.is_need) for a, b in pairwise(bounds)]
    mine, theirs = np.array(places, dtype=np.intp).T
    columns = theirs + np.array(bounds[:-1])
    return _Met(likeness[mine, columns], me.logs[mine] + logs[columns], mine, theirs)


def _best(values: Floats, by_row: bool) -> tuple[int, int]:
    """The row and the column of the largest value; of equals the first by rows, or by columns."""
    if by_row:
        row, column = divmod(int(values.argmax()), values.shape[1])
    else:
        column, row = divmod(int(values.T.argmax()), values.shape[0])
    return row, column


def _whole(me: Prepared, them: Sequence[Prepared]) -> Floats:
    cosines = np.vstack([other.whole for other in them]).astype(np.float64) @ me.whole.astype(np.float64)
    found: Floats = 2 * cosines - (me.hubness + np.array([other.hubness for other in them]))
    return found


def _aligned(me: Prepared, them: Sequence[Prepared]) -> Floats:
    found: Floats = np.vstack([other.aligned for other in them]).astype(np.float64) @ me.aligned.astype(np.float64)
    return found
