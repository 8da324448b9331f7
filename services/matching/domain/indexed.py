"""A public profile as the index holds it: whom it may be proposed to, and a vector for each entry."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from services.chassis.documents import Projection

from .candidate import ProfileRow, Side


class IndexedEntry(BaseModel):
    """`vector`: float16, as it is stored; L2-normalised."""

    model_config = ConfigDict(frozen=True)

    id: str
    side: Side
    kind: str
    text_id: str
    expires_at: dt.datetime | None = None
    vector: bytes

    def vector_key(self, profile_id: str) -> str:
        return f"{profile_id}/{self.id}"

    def as_array(self) -> npt.NDArray[np.float32]:
        return np.frombuffer(self.vector, dtype=np.float16).astype(np.float32)


class IndexedProfile(Projection):
    """`sequence` is that of the profile's event: a proposal stands only while both are still the latest."""

    owner: str
    country: str
    group: str | None = None
    languages: list[str]
    entries: list[IndexedEntry]

    def live_entries(self, now: dt.datetime) -> list[IndexedEntry]:
        return [entry for entry in self.entries if entry.expires_at is None or entry.expires_at > now]

    def may_be_proposed(self, other: IndexedProfile) -> bool:
        """Across the border, and never to oneself or one's group."""
        if self.country == other.country or self.owner == other.owner:
            return False
        return self.group is None or self.group != other.group


def indexed(before: IndexedProfile | None, row: ProfileRow, vectors: dict[str, bytes]) -> IndexedProfile:
    """`vectors` by text_id. Entries under export control are not indexed: they never meet anybody."""
    sides: tuple[tuple[Side, ...], ...] = (("offer",), ("need",))
    entries = [
        IndexedEntry(
            id=said.id,
            side=side,
            kind=said.kind,
            text_id=said.text_id,
            expires_at=said.expires_at,
            vector=vectors[said.text_id],
        )
        for (side,) in sides
        for said in row.entries(side)
        if not said.export_controlled
    ]
    return IndexedProfile(
        id=row.id,
        revision=before.revision if before else 0,
        at=before.at if before else 0,
        sequence=row.sequence,
        owner=row.owner,
        country=row.country,
        group=row.group,
        languages=row.languages,
        entries=entries,
    )
