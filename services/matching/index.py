"""All vectors in memory, exactly: a replica's own copy, kept by a mirror of `indexed`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.chassis.documents import Doc

from .domain.candidate import Side
from .domain.indexed import IndexedEntry, IndexedProfile
from .domain.scoring import Fit
from .embedding import Vectors

NEAREST = 60
"""Entries per need or offer whose profiles become candidates; each candidate is then judged by all its entries."""


@dataclass(frozen=True)
class Block:
    """All entries of one kind and side: a row of `vectors` each."""

    vectors: Vectors
    profiles: Sequence[str]

    def nearest(self, vector: Vectors, many: int = NEAREST) -> Iterable[str]:
        similarity = self.vectors @ vector
        best = np.argpartition(-similarity, many)[:many] if len(similarity) > many else np.arange(len(similarity))
        return (self.profiles[i] for i in best)


@dataclass
class VectorIndex:
    """Changes in the event loop, scans in threads: what a scan holds is never changed, only replaced."""

    _profiles: dict[str, IndexedProfile] = field(default_factory=dict)
    _blocks: dict[tuple[str, Side], Block] = field(default_factory=dict)
    _vectors: dict[str, Vectors] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._profiles)

    def cleared(self) -> None:
        self._profiles, self._blocks, self._vectors = {}, {}, {}

    def changed(self, id: str, doc: Doc | None) -> None:
        before = self._profiles.pop(id, None)
        after = IndexedProfile.model_validate(doc) if doc is not None else None
        for profile in (before, after):
            for entry in profile.entries if profile else ():
                self._blocks.pop((entry.kind, entry.side), None)
        for entry in before.entries if before else ():
            self._vectors.pop(entry.vector_key(id), None)
        if after is not None:
            self._profiles[id] = after
            for entry in after.entries:
                self._vectors[entry.vector_key(id)] = entry.as_array()

    def known_vectors(self, profile_id: str) -> Mapping[str, bytes]:
        """By text, what need not be computed again."""
        profile = self._profiles.get(profile_id)
        return {entry.text_id: entry.vector for entry in profile.entries} if profile else {}

    def view(self, profile_id: str) -> View | None:
        """What a scan for this profile needs, as it is now; None where the profile is not here."""
        me = self._profiles.get(profile_id)
        if me is None:
            return None
        other: Mapping[Side, Side] = {"need": "offer", "offer": "need"}
        wanted = {(entry.kind, other[entry.side]) for entry in me.entries}
        return View(me, dict(self._profiles), {key: self._block(*key) for key in wanted}, dict(self._vectors))

    def _block(self, kind: str, side: Side) -> Block:
        if (kind, side) not in self._blocks:
            rows = [
                (self._vectors[e.vector_key(p.id)], p.id)
                for p in self._profiles.values()
                for e in p.entries
                if (e.kind, e.side) == (kind, side)
            ]
            vectors = np.stack([v for v, _ in rows]) if rows else np.zeros((0, 1), dtype=np.float32)
            self._blocks[kind, side] = Block(vectors, [id for _, id in rows])
        return self._blocks[kind, side]


@dataclass(frozen=True)
class View:
    """One moment of the index, for a thread."""

    me: IndexedProfile
    profiles: Mapping[str, IndexedProfile]
    blocks: Mapping[tuple[str, Side], Block]
    vectors: Mapping[str, Vectors]

    def candidates(self, now: dt.datetime) -> list[IndexedProfile]:
        """Profiles that something of mine comes near to, and that I may be proposed to."""
        near: set[str] = set()
        for entry in self.me.live_entries(now):
            block = self.blocks[entry.kind, "offer" if entry.side == "need" else "need"]
            if len(block.profiles):
                near |= set(block.nearest(self.vectors[entry.vector_key(self.me.id)]))
        return [self.profiles[id] for id in sorted(near - {self.me.id}) if self.me.may_be_proposed(self.profiles[id])]

    def fits(self, other: IndexedProfile, now: dt.datetime) -> list[Fit]:
        """Every need of one with every offer of the other, of the same kind: the cosine, 0 where it is negative."""
        return [
            Fit(a.id, need.id, b.id, offer.id, self._cosine(a.id, need, b.id, offer))
            for a, b in ((self.me, other), (other, self.me))
            for need in a.live_entries(now)
            if need.side == "need"
            for offer in b.live_entries(now)
            if offer.side == "offer" and offer.kind == need.kind
        ]

    def _cosine(self, a: str, need: IndexedEntry, b: str, offer: IndexedEntry) -> float:
        similarity = float(self.vectors[need.vector_key(a)] @ self.vectors[offer.vector_key(b)])
        return round(min(1.0, max(0.0, similarity)), 4)
