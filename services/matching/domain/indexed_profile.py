"""A public profile as the vector index stores it: whom it may be proposed to, and each entry as it is scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from services.chassis.model import Projection

from .bridge import Grams
from .profile_row import ProfileRow, Side


class EncodedText(BaseModel):
    """A text as it is scored. Only texts of the same `encoder` may be compared.

    `vector`: float16 bytes, centred on the mean of its language, of length 1. `hubness`: the mean cosine with its
    nearest texts of the reference sample. `grams`: uint32 hashes for the bridge."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    encoder: str
    vector: bytes
    hubness: float
    grams: bytes

    @cached_property
    def vector_array(self) -> npt.NDArray[np.float32]:
        """Shape (dimensions,)."""
        return np.frombuffer(self.vector, dtype=np.float16).astype(np.float32)

    @cached_property
    def gram_array(self) -> Grams:
        """Shape (grams,)."""
        return np.frombuffer(self.grams, dtype=np.uint32)


class IndexedEntry(EncodedText):
    """An offer or a need with its encoded text."""

    id: str
    side: Side
    kind: str
    text_id: str
    topics: list[str] = []
    expires_at: dt.datetime | None = None


class IndexedProfile(Projection):
    """A public profile with its encoded entries. `sequence` is that of the profile's event. `unproposed`: entries for
    which no candidates have been searched yet."""

    owner: str
    country: str
    group: str | None = None
    languages: list[str]
    certificates_end: list[str] = []
    entries: list[IndexedEntry]
    unproposed: list[str] = []

    def live_entries(self, now: dt.datetime) -> list[IndexedEntry]:
        """Its entries that have not expired."""
        return [entry for entry in self.entries if entry.expires_at is None or entry.expires_at > now]

    def may_be_proposed(self, other: IndexedProfile) -> bool:
        """Whether a proposal may be made: across the border, and never within an organisation or a group."""
        return self.country != other.country and self.is_another_firm(other)

    def is_another_firm(self, other: IndexedProfile) -> bool:
        """Whether the other profile belongs to another organisation and another group."""
        return self.owner != other.owner and (self.group is None or self.group != other.group)

    def restricted_to(self, row: ProfileRow) -> IndexedProfile:
        """Without entries that the profile no longer has, so that evidence cites only what both profiles still say."""
        if row.sequence == self.sequence:
            return self
        present = {entry.id for entry in row.all_entries()}
        return self.model_copy(update={"entries": [entry for entry in self.entries if entry.id in present]})

    def topics(self) -> set[str]:
        """The topics of all its entries."""
        return {topic for entry in self.entries for topic in entry.topics}


def index_profile(before: IndexedProfile | None, row: ProfileRow, encoded: Mapping[str, EncodedText]) -> IndexedProfile:
    """The indexed profile of a row; `encoded` is by text_id. Entries under export control are left out, so they are
    never matched."""
    sides: tuple[Side, ...] = ("offer", "need")
    entries = [
        IndexedEntry(
            id=entry.id,
            side=side,
            kind=entry.kind,
            text_id=entry.text_id,
            topics=entry.topics,
            expires_at=entry.expires_at,
            **encoded[entry.text_id].model_dump(include=set(EncodedText.model_fields)),
        )
        for side in sides
        for entry in row.entries(side)
        if not entry.export_controlled
    ]
    # What the last search has not reached yet stays new, whichever revision brought it.
    known = {entry.id for entry in before.entries} - set(before.unproposed) if before else set()
    return IndexedProfile(
        id=row.id,
        revision=before.revision if before else 0,
        at=before.at if before else 0,
        sequence=row.sequence,
        owner=row.owner,
        country=row.country,
        group=row.group,
        languages=row.languages,
        certificates_end=row.certificates_end,
        entries=entries,
        unproposed=[entry.id for entry in entries if entry.id not in known],
    )
