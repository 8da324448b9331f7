"""A public profile as the index holds it: whom it may be proposed to, and each entry as it is scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from services.chassis.documents import Projection

from .bridge import Grams
from .candidate import ProfileRow, Side


class Encoded(BaseModel):
    """A text as it is scored. `vector`: float16, centred on its language, of length 1. `hubness`: how near it comes to
    just any text. `grams`: uint32 hashes for the bridge. Only encodings of one `encoder` may be compared."""

    model_config = ConfigDict(frozen=True)

    encoder: str
    vector: bytes
    hubness: float
    grams: bytes

    @cached_property
    def vector_array(self) -> npt.NDArray[np.float32]:
        return np.frombuffer(self.vector, dtype=np.float16).astype(np.float32)

    @cached_property
    def gram_array(self) -> Grams:
        return np.frombuffer(self.grams, dtype=np.uint32)


class IndexedEntry(Encoded):
    id: str
    side: Side
    kind: str
    text_id: str
    topics: list[str] = []
    expires_at: dt.datetime | None = None


class IndexedProfile(Projection):
    """`sequence` is that of the profile's event. `unproposed`: entries for which nobody has been looked for yet."""

    owner: str
    country: str
    group: str | None = None
    languages: list[str]
    certificates_end: list[str] = []
    entries: list[IndexedEntry]
    unproposed: list[str] = []

    def live_entries(self, now: dt.datetime) -> list[IndexedEntry]:
        return [entry for entry in self.entries if entry.expires_at is None or entry.expires_at > now]

    def may_be_proposed(self, other: IndexedProfile) -> bool:
        """Across the border, and never to oneself or one's group."""
        return self.country != other.country and self.is_another_firm(other)

    def is_another_firm(self, other: IndexedProfile) -> bool:
        return self.owner != other.owner and (self.group is None or self.group != other.group)

    def as_said_in(self, row: ProfileRow) -> IndexedProfile:
        """Without what the profile has stopped saying since: a reason cites only what both still say."""
        if row.sequence == self.sequence:
            return self
        said = {entry.id for entry in row.said()}
        return self.model_copy(update={"entries": [entry for entry in self.entries if entry.id in said]})

    def topics(self) -> set[str]:
        return {topic for entry in self.entries for topic in entry.topics}


def indexed(before: IndexedProfile | None, row: ProfileRow, encoded: Mapping[str, Encoded]) -> IndexedProfile:
    """`encoded` by text_id. Entries under export control are not indexed: they never meet anybody."""
    sides: tuple[Side, ...] = ("offer", "need")
    entries = [
        IndexedEntry(
            id=said.id,
            side=side,
            kind=said.kind,
            text_id=said.text_id,
            topics=said.topics,
            expires_at=said.expires_at,
            **encoded[said.text_id].model_dump(include=set(Encoded.model_fields)),
        )
        for side in sides
        for said in row.entries(side)
        if not said.export_controlled
    ]
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
