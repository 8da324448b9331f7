"""A profile as matching stores it: what it offers and needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from schemas.common import Certification, Entry, Text, text_id
from schemas.profiles import Names, ProfileState
from services.chassis.model import Projection

Side = Literal["offer", "need"]


class Firm(Protocol):
    """What decides whether a proposal may be made to a profile."""

    @property
    def owner(self) -> str:
        """The organisation."""
        ...

    @property
    def country(self) -> str:
        """ISO 3166."""
        ...

    @property
    def group(self) -> str | None:
        """The group of firms that it belongs to."""
        ...


def may_be_proposed(a: Firm, b: Firm) -> bool:
    """Whether a proposal may be made: across the border, and never within an organisation or a group."""
    return a.country != b.country and is_another_firm(a, b)


def is_another_firm(a: Firm, b: Firm) -> bool:
    """Whether the two belong to different organisations and groups."""
    return a.owner != b.owner and (a.group is None or b.group is None or _plain(a.group) != _plain(b.group))


def _plain(group: str) -> str:
    """A group as it is compared: each firm writes its name for itself, sk-hynix or sk_hynix."""
    return group.lower().replace("_", "-")


class EntryRow(BaseModel):
    """An offer or a need. Its text is stored to show evidence, and removed with the profile."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    kind: str
    text_id: str
    text: Text
    topics: list[str] = []
    expires_at: dt.datetime | None = None
    export_controlled: bool = False


class ProfileRow(Projection):
    """What matching stores of a profile. Only a published one has entries.

    `sweeps`: how often it was planned once more to encode this revision, or to complete it, because the job was
    dead; not before `sweep_at`."""

    owner: str = ""
    state: str = "unknown"
    type: str = ""
    country: str = ""
    published_at: dt.datetime | None = None
    group: str | None = None
    languages: list[str] = []
    certificates_end: list[str] = []
    names: Names | None = None
    legal_name: str | None = None
    offers: list[EntryRow] = []
    needs: list[EntryRow] = []
    sweeps: int = 0
    sweep_at: dt.datetime | None = None

    @property
    def is_public(self) -> bool:
        """Whether it may be matched."""
        return self.state == "published"

    def entries(self, side: Side) -> list[EntryRow]:
        """Its offers, or its needs."""
        return self.offers if side == "offer" else self.needs

    def all_entries(self) -> list[EntryRow]:
        """Its offers and needs."""
        return [*self.offers, *self.needs]


def profile_row_after(
    before: ProfileRow | None, profile_id: str, sequence: int, state: ProfileState | None
) -> ProfileRow:
    """The row after an event. None is an erasure: only the sequence and the state remain after it."""
    if state is None:
        return _with_revision_of(before, ProfileRow(id=profile_id, sequence=sequence, state="erased"))
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
        names=state.names,
        legal_name=state.legal_name,
        offers=[_entry_row(entry) for entry in state.offers or ()],
        needs=[_entry_row(entry) for entry in state.needs or ()],
    )
    return _with_revision_of(before, row)


def _with_revision_of(before: ProfileRow | None, row: ProfileRow) -> ProfileRow:
    return row if before is None else row.model_copy(update={"revision": before.revision, "at": before.at})


def _ends(certifications: Iterable[Certification]) -> list[str]:
    """The ISO dates on which certifications end. A value that is no date is ignored, like any unknown value."""
    found = []
    for certification in certifications:
        with suppress(ValueError):
            # An absent date is the empty text, which raises ValueError too.
            found.append(dt.date.fromisoformat(certification.valid_until or "").isoformat())
    return sorted(found)


def _entry_row(entry: Entry) -> EntryRow:
    return EntryRow(
        id=entry.id,
        kind=entry.kind,
        text_id=text_id(entry.text),
        text=entry.text,
        topics=entry.topics,
        expires_at=dt.datetime.fromisoformat(entry.expires_at) if entry.expires_at else None,
        export_controlled=bool(entry.export_controlled),
    )
