"""Vectors of one kind and side in a byte per dimension: a slot each, taken and given back without moving others.

Changed in the event loop and scanned in threads at the same time, without a lock: what a scan may get wrong about a
slot that is written meanwhile is the caller's to mend (see `vector_index.View`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .embedders import Vectors

SEGMENT = 8192
"""Slots of a segment. A block grows by a segment, so nothing is ever copied to grow; the machine gives memory only to
the slots that were written."""
PRODUCT = 450_000
"""Numbers multiplied in one step: they stay in the core's own cache, and BLAS starts no threads for them, which would
wait for each other for seconds where other work has the cores."""
MAX_INT8 = 127


class Segment:
    """SEGMENT slots. A free one has infinite hubness, so that nothing is near to it."""

    def __init__(self, dimensions: int) -> None:
        self.codes: npt.NDArray[np.int8] = np.empty((SEGMENT, dimensions), dtype=np.int8)
        self.scales: Vectors = np.zeros(SEGMENT, dtype=np.float32)
        self.hubness: Vectors = np.full(SEGMENT, np.inf, dtype=np.float32)
        self.owners = [""] * SEGMENT

    def near(self, queries: Vectors, used: int) -> Vectors:
        """How near its first `used` slots are to each query, shape (queries, used)."""
        near = np.empty((len(queries), used), dtype=np.float32)
        rows = max(1, PRODUCT // self.codes.shape[1])
        floats = np.empty((min(rows, used), self.codes.shape[1]), dtype=np.float32)
        for start in range(0, used, rows):
            part = floats[: min(rows, used - start)]
            np.copyto(part, self.codes[start : start + len(part)])
            for query, row in zip(queries, near, strict=True):
                np.matmul(part, query, out=row[start : start + len(part)])
        near *= 2 * self.scales[:used]
        near -= self.hubness[:used]
        return near


class Block:
    """All vectors of one kind and side, each with its hubness and its owner."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._segments: list[Segment] = []
        self._used, self._free = 0, list[int]()

    def __len__(self) -> int:
        """How many vectors it has."""
        return self._used - len(self._free)

    def add(self, owner: str, vector: Vectors, hubness: float) -> int:
        """Takes a vector in and returns its slot: one that was given back, else a new one."""
        slot = self._free.pop() if self._free else self._new_slot()
        segment, at = self._segments[slot // SEGMENT], slot % SEGMENT
        scale = float(np.abs(vector).max()) / MAX_INT8 or 1.0
        segment.codes[at] = np.rint(vector / np.float32(scale))
        segment.scales[at] = scale
        segment.owners[at] = owner
        # The last: until now nothing is near to this slot.
        segment.hubness[at] = hubness
        return slot

    def remove(self, slot: int) -> None:
        """Gives a slot back."""
        segment, at = self._segments[slot // SEGMENT], slot % SEGMENT
        segment.hubness[at] = np.inf
        segment.owners[at] = ""
        self._free.append(slot)

    def _new_slot(self) -> int:
        if self._used == SEGMENT * len(self._segments):
            self._segments.append(Segment(self.dimensions))
        self._used += 1
        return self._used - 1

    def nearest(self, queries: Vectors, count: int) -> list[set[str]]:
        """For each query the owners of the `count` nearest vectors, corrected for hubs as the score is: a text that is
        near to every other one is not near to this one. Slow CPU work: call it in a thread."""
        # The hubness of the query itself is left out: it is the same for all and does not change the order.
        found = [self._best_of(place, queries, count) for place in range(len(self._segments))]
        return [self._owners([best[at] for best in found], count) for at in range(len(queries))]

    def _best_of(self, place: int, queries: Vectors, count: int) -> list[tuple[npt.NDArray[np.intp], Vectors]]:
        """Slots of the best of a segment, and how near they are, for each query."""
        near = self._segments[place].near(queries, min(SEGMENT, self._used - place * SEGMENT))
        best = [_largest(row, count) for row in near]
        return [(at + place * SEGMENT, row[at]) for at, row in zip(best, near, strict=True)]

    def _owners(self, found: Sequence[tuple[npt.NDArray[np.intp], Vectors]], count: int) -> set[str]:
        if not found:
            return set()
        slots, near = (np.concatenate(parts) for parts in zip(*found, strict=True))
        best = slots[_largest(near, count)].tolist()
        return {self._segments[slot // SEGMENT].owners[slot % SEGMENT] for slot in best} - {""}


def _largest(values: Vectors, count: int) -> npt.NDArray[np.intp]:
    """Places of the `count` largest, in any order."""
    return np.argpartition(-values, count)[:count] if len(values) > count else np.arange(len(values))
