"""All vectors in memory, exactly: a replica's own copy, kept by a mirror of `indexed`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.chassis.documents import Doc

from .domain.candidate import Side
from .domain.indexed import Encoded, IndexedEntry, IndexedProfile
from .embedding import Vectors

NEAREST = 60
"""Entries per need or offer whose profiles become candidates; each candidate is then judged by all its entries."""
OTHER: Mapping[Side, Side] = {"need": "offer", "offer": "need"}


@dataclass(frozen=True)
class Block:
    """All entries of one kind and side: a row of `vectors` each."""

    vectors: Vectors
    hubness: Vectors
    profiles: Sequence[str]

    def nearest(self, entry: IndexedEntry, many: int = NEAREST) -> Iterable[str]:
        """Corrected for hubs, as the score is: what is near to everything is not near to this."""
        near = 2 * (self.vectors @ entry.vector_array) - self.hubness
        best = np.argpartition(-near, many)[:many] if len(near) > many else np.arange(len(near))
        return (self.profiles[i] for i in best)


@dataclass
class VectorIndex:
    """Changes in the event loop, scans in threads: what a scan holds is never changed, only replaced. `encoder`: only
    what it made is scanned; anything else waits to be made anew."""

    encoder: str
    _profiles: dict[str, IndexedProfile] = field(default_factory=dict)
    _blocks: dict[tuple[str, Side], Block] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._profiles)

    def cleared(self) -> None:
        self._profiles, self._blocks = {}, {}

    def changed(self, id: str, doc: Doc | None) -> None:
        before = self._profiles.pop(id, None)
        after = IndexedProfile.model_validate(doc) if doc is not None else None
        if after is not None:
            self._profiles[id] = after
        old, new = ({entry.id: entry for entry in p.entries} if p else {} for p in (before, after))
        for id in old.keys() ^ new.keys():
            entry = old.get(id) or new[id]
            self._blocks.pop((entry.kind, entry.side), None)

    def known_texts(self, profile_id: str) -> Mapping[str, Encoded]:
        """By text, what need not be computed again."""
        profile = self._profiles.get(profile_id)
        return {entry.text_id: entry for entry in profile.entries} if profile else {}

    def view(self, profile_id: str) -> View | None:
        """What a scan for this profile needs, as it is now; None where the profile is not here."""
        me = self._profiles.get(profile_id)
        if me is None:
            return None
        wanted = {(entry.kind, OTHER[entry.side]) for entry in me.entries}
        return View(me, dict(self._profiles), {key: self._block(*key) for key in wanted})

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


@dataclass(frozen=True)
class View:
    """One moment of the index, for a thread."""

    me: IndexedProfile
    profiles: Mapping[str, IndexedProfile]
    blocks: Mapping[tuple[str, Side], Block]

    def candidates(self, now: dt.datetime) -> list[IndexedProfile]:
        """Profiles that something new of mine comes near to, and that I may be proposed to."""
        near: set[str] = set()
        for entry in self.me.live_entries(now):
            block = self.blocks[entry.kind, OTHER[entry.side]]
            if entry.id in self.me.unproposed and len(block.profiles):
                near |= set(block.nearest(entry))
        return [self.profiles[id] for id in sorted(near - {self.me.id}) if self.me.may_be_proposed(self.profiles[id])]
