"""Vectors of one kind and side in a byte per dimension: a slot each, taken and given back without moving others.

Changed by one thread and scanned by others at the same time, without a lock: what a scan may get wrong about a
slot that is written meanwhile is the caller's to mend (see `vector_index.View`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numkong
import numpy as np
import numpy.typing as npt

from .embedders import Vectors

SEGMENT = 8192
"""Slots of a segment. A block grows by a segment, so nothing is ever copied to grow; the machine gives memory only to
the slots that were written."""
MAX_INT8 = 127
Codes = npt.NDArray[np.int8]
Slots = npt.NDArray[np.intp]


def quantized(vectors: Vectors) -> tuple[Codes, Vectors]:
    """Vectors in a byte per dimension, shape (vectors, dimensions), and the scale of each one."""
    scales = np.abs(vectors).max(axis=1) / np.float32(MAX_INT8)
    scales[scales == 0] = 1
    return np.rint(vectors / scales[:, None]).astype(np.int8), scales


@dataclass(frozen=True)
class Found:
    """What a scan found, in any order: who owns each vector, the place of the vector as it is stored, its hubness."""

    owners: Sequence[str]
    places: Sequence[int]
    hubness: Sequence[float]


class Segment:
    """SEGMENT slots. A free one has infinite hubness, so that nothing is near to it."""

    def __init__(self, dimensions: int) -> None:
        self.codes: Codes = np.empty((SEGMENT, dimensions), dtype=np.int8)
        self.scales: Vectors = np.zeros(SEGMENT, dtype=np.float32)
        self.hubness: Vectors = np.full(SEGMENT, np.inf, dtype=np.float32)
        self.places: npt.NDArray[np.int64] = np.zeros(SEGMENT, dtype=np.int64)
        self.owners = [""] * SEGMENT

    def near(self, queries: tuple[Codes, Vectors], used: int) -> Vectors:
        """How near its first `used` slots are to each query, shape (queries, used)."""
        codes, scales = queries
        products = np.empty((len(codes), used), dtype=np.int32)
        # numpy has no product of bytes: as floats, a million vectors take four times as long.
        numkong.cdist(codes, self.codes[:used], metric="dot", out=products)
        near = products.astype(np.float32)
        near *= 2 * scales[:, None] * self.scales[:used]
        near -= self.hubness[:used]
        return near


class Block:
    """All vectors of one kind and side, each with its hubness, its owner, and the place where it is stored in full."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._segments: list[Segment] = []
        self._used, self._free = 0, list[int]()

    def __len__(self) -> int:
        """How many vectors it has."""
        return self._used - len(self._free)

    def add(self, owners: Sequence[str], vectors: Vectors, hubness: Vectors, places: Sequence[int]) -> list[int]:
        """Takes vectors in, shape (owners, dimensions), and returns their slots: such as were given back, else new
        ones."""
        found = [self._free.pop() if self._free else self._new_slot() for _ in owners]
        codes, scales = quantized(vectors)
        slots = np.array(found, dtype=np.intp)
        for place in np.unique(slots // SEGMENT).tolist():
            segment, here = self._segments[place], np.flatnonzero(slots // SEGMENT == place)
            at = slots[here] % SEGMENT
            segment.codes[at] = codes[here]
            segment.scales[at] = scales[here]
            segment.places[at] = np.array(places)[here]
            for slot, which in zip(at.tolist(), here.tolist(), strict=True):
                segment.owners[slot] = owners[which]
            # The last: until now nothing is near to these slots.
            segment.hubness[at] = hubness[here]
        return found

    def remove(self, slot: int) -> None:
        """Gives a slot back."""
        segment, at = self._segments[slot // SEGMENT], slot % SEGMENT
        segment.hubness[at] = np.inf
        segment.owners[at] = ""
        self._free.append(slot)

    def take_apart(self) -> None:
        """Gives the segments back one by one; nothing may look at them any more."""
        while self._segments:
            self._segments.pop()

    def _new_slot(self) -> int:
        if self._used == SEGMENT * len(self._segments):
            self._segments.append(Segment(self.dimensions))
        self._used += 1
        return self._used - 1

    def nearest(self, queries: Vectors, count: int) -> list[Found]:
        """For each query the `count` nearest vectors, corrected for hubs as the score is: a text that is
        near to every other one is not near to this one. Slow CPU work: call it in a thread."""
        # The hubness of the query itself is left out: it is the same for all and does not change the order.
        asked = quantized(queries)
        found = [self._best_of(place, asked, count) for place in range(len(self._segments))]
        return [self._found([best[at] for best in found], count) for at in range(len(queries))]

    def _best_of(self, place: int, queries: tuple[Codes, Vectors], count: int) -> list[tuple[Slots, Vectors]]:
        """Slots of the best of a segment, and how near they are, for each query."""
        near = self._segments[place].near(queries, min(SEGMENT, self._used - place * SEGMENT))
        best = [_largest(row, count) for row in near]
        return [(at + place * SEGMENT, row[at]) for at, row in zip(best, near, strict=True)]

    def _found(self, parts: Sequence[tuple[Slots, Vectors]], count: int) -> Found:
        if not parts:
            return Found((), (), ())
        slots, near = (np.concatenate(part) for part in zip(*parts, strict=True))
        best = [divmod(slot, SEGMENT) for slot in slots[_largest(near, count)].tolist()]
        taken = [(self._segments[place], at) for place, at in best if self._segments[place].owners[at]]
        return Found(
            [segment.owners[at] for segment, at in taken],
            [int(segment.places[at]) for segment, at in taken],
            [float(segment.hubness[at]) for segment, at in taken],
        )


def _largest(values: Vectors, count: int) -> Slots:
    """Places of the `count` largest, in any order."""
    return np.argpartition(-values, count)[:count] if len(values) > count else np.arange(len(values))
