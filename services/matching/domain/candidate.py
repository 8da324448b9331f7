"""A profile as matching sees it: what it offers and needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.common import Certification, Entry, Text, text_id
from schemas.profiles import ProfileState
from services.chassis.documents import Projection

Side = Literal["offer", "need"]


class Said(BaseModel):
    """An offer or a need. The text is kept to show evidence; it goes with the profile."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    text_id: str
    text: Text
    topics: list[str] = []
    expires_at: dt.datetime | None = None
    export_controlled: bool = False


class ProfileRow(Projection):
    """What matching keeps of a profile. Anything but `published` is empty beside its owner."""

    owner: str = ""
    state: str = "unknown"
    type: str = ""
    country: str = ""
    group: str | None = None
    languages: list[str] = []
    certificates_end: list[str] = []
    offers: list[Said] = []
    needs: list[Said] = []

    @property
    def is_public(self) -> bool:
        return self.state == "published"

    def entries(self, side: Side) -> list[Said]:
        return self.offers if side == "offer" else self.needs

    def said(self) -> list[Said]:
        return [*self.offers, *self.needs]


def row_of(before: ProfileRow | None, profile_id: str, sequence: int, state: ProfileState | None) -> ProfileRow:
    """The row after an event; None is an erasure, after which only the sequence and the state stay."""
    if state is None:
        return _continuing(before, ProfileRow(id=profile_id, sequence=sequence, state="erased"))
    row = ProfileRow(
        id=profile_id,
        sequence=sequence,
        owner=state.owner,
        state=state.state,
        type=state.type,
        country=state.country,
        group=state.group,
        languages=state.languages or [],
        certificates_end=_ends(state.certifications or ()),
        offers=[_said(entry) for entry in state.offers or ()],
        needs=[_said(entry) for entry in state.needs or ()],
    )
    return _continuing(before, row)


def _continuing(before: ProfileRow | None, row: ProfileRow) -> ProfileRow:
    return row if before is None else row.model_copy(update={"revision": before.revision, "at": before.at})


def _ends(certifications: Iterable[Certification]) -> list[str]:
    """ISO dates on which they end, of those that do; what is no date is passed over, as an unknown value is."""
    found = []
    for certification in certifications:
        with suppress(ValueError):
            found.append(dt.date.fromisoformat(certification.valid_until or "").isoformat())
    return sorted(found)


def _said(entry: Entry) -> Said:
    return Said(
        id=entry.id,
        kind=entry.kind,
        text_id=text_id(entry.text),
        text=entry.text,
        topics=entry.topics,
        expires_at=dt.datetime.fromisoformat(entry.expires_at) if entry.expires_at else None,
        export_controlled=bool(entry.export_controlled),
    )
