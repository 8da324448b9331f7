"""All vectors in memory, scanned exactly: a replica's own copy, kept up to date by a cache of `indexed`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.chassis.model import Doc

from .domain.indexed_profile import EncodedText, IndexedEntry, IndexedProfile
from .domain.profile_row import Side
from .embedders import Vectors

NEAREST = 60
"""The nearest entries of each need or offer; their profiles become candidates, which are scored by all entries."""
OTHER: Mapping[Side, Side] = {"need": "offer", "offer": "need"}


@dataclass(frozen=True)
class Block:
    """All entries of one kind and side: `vectors` has shape (entries, dimensions), `hubness` and `profiles` one item
    per entry."""

    vectors: Vectors
    hubness: Vectors
    profiles: Sequence[str]

    def nearest(self, entry: IndexedEntry, count: int = NEAREST) -> Iterable[str]:
        """Profiles of the nearest entries, corrected for hubs as the score is: a text that is near to every other one
        is not near to this one."""
        # The hubness of `entry` itself is left out: it is the same for all and does not change the order.
        near = 2 * (self.vectors @ entry.vector_array) - self.hubness
        # The nearest in any order, without sorting all: candidates are scored and sorted later.
        best = np.argpartition(-near, count)[:count] if len(near) > count else np.arange(len(near))
        return (self.profiles[i] for i in best)


@dataclass
class VectorIndex:
    """Changed in the event loop, scanned in threads: what a scan holds is never changed, only replaced.

    Only entries of this `encoder` are scanned. Others wait until they are encoded again."""

    encoder: str
    _profiles: dict[str, IndexedProfile] = field(default_factory=dict)
    _blocks: dict[tuple[str, Side], Block] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._profiles)

    def cleared(self) -> None:
        """Forgets everything; a load follows."""
        self._profiles, self._blocks = {}, {}

    def changed(self, id: str, doc: Doc | None) -> None:
        """Takes a profile in, or out if `doc` is None. Blocks whose entries changed are built again at their next
        use."""
        before = self._profiles.pop(id, None)
        after = IndexedProfile.model_validate(doc) if doc is not None else None
        if after is not None:
            self._profiles[id] = after
        old, new = ({_in_block(entry) for entry in p.entries} if p else set() for p in (before, after))
        for kind, side, *_ in old ^ new:
            self._blocks.pop((kind, side), None)

    def known_texts(self, profile_id: str) -> Mapping[str, EncodedText]:
        """Encoded texts of a profile by text_id: they need not be encoded again."""
        profile = self._profiles.get(profile_id)
        return {entry.text_id: entry for entry in profile.entries} if profile else {}

    def view(self, profile_id: str) -> View | None:
        """What a scan for this profile needs, as it is now. None if the profile is not indexed."""
        me = self._profiles.get(profile_id)
        if me is None:
            return None
        needed = {(entry.kind, OTHER[entry.side]) for entry in me.entries}
        # A copy, because the event loop may change the index while a thread scans.
        return View(self.encoder, me, dict(self._profiles), {key: self._block(*key) for key in needed})

    def _block(self, kind: str, side: Side) -> Block:
        if (kind, side) not in self._blocks:
            rows = [
                (entry, profile.id)
                for profile in self._profiles.values()
                for entry in profile.entries
                if (entry.kind, entry.side, entry.encoder) == (kind, side, self.encoder)
            ]
            vectors = np.stack([entry.vector_array for entry, _ in rows]) if rows else np.zeros((0, 1), np.float32)
            hubness = np.array([entry.hubness for entry, _ in rows], dtype=np.float32)
            self._blocks[kind, side] = Block(vectors, hubness, [id for _, id in rows])
        return self._blocks[kind, side]


def _in_block(entry: IndexedEntry) -> tuple[str, Side, str, str, bytes, float]:
    """What a block holds of an entry, its place first. The same id may come back with another vector: encoders
    change."""
    return entry.kind, entry.side, entry.id, entry.encoder, entry.vector, entry.hubness


@dataclass(frozen=True)
class View:
    """The index at one moment, for a thread. Block keys are (kind, side)."""

    encoder: str
    me: IndexedProfile
    profiles: Mapping[str, IndexedProfile]
    blocks: Mapping[tuple[str, Side], Block]

    def candidates(self, now: dt.datetime) -> list[IndexedProfile]:
        """Profiles near to an entry of `me` that is unproposed, and to which `me` may be proposed; ordered by id."""
        near: set[str] = set()
        for entry in self.me.live_entries(now):
            if entry.encoder != self.encoder:  # it has no place in these blocks until it is encoded again
                continue
            block = self.blocks[entry.kind, OTHER[entry.side]]
            if entry.id in self.me.unproposed and len(block.profiles):
                near |= set(block.nearest(entry))
        return [self.profiles[id] for id in sorted(near - {self.me.id}) if self.me.may_be_proposed(self.profiles[id])]
