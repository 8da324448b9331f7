"""A profile's life: draft -> published -> withdrawn -> published. It may be edited in every state; an erasure is final
(docs/rules.md, section 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas import profiles as contract
from schemas.common import BusinessId, Certification, Entry, Text, entry_id, text_id
from schemas.profiles import Names
from services.chassis.model import Document

from .expiry import is_over, stored_instant
from .search_terms import index_terms

State = Literal["draft", "published", "withdrawn"]
ENTRY_LIFETIME = dt.timedelta(days=365)
"""An offer or a need expires after this time if its owner names no date."""


class ValueObject(BaseModel):
    """A frozen part of a document, without an identity of its own."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class StoredIdentifier(ValueObject):
    """A business identifier with its verdict. `value` is shown to the owner and to organisers only."""

    scheme: str
    value: str
    verdict: str


class Organisation(ValueObject):
    """Who the profile is about."""

    type: str
    country: str
    names: Names
    legal_name: str
    group: str | None = None
    business_id: StoredIdentifier | None = None
    website: str | None = None
    certifications: list[Certification] = []


class EntryContent(ValueObject):
    """An offer or a need as its owner wrote it. The profile gives it an id and an expiry date (`Entry`)."""

    kind: str
    text: Text
    topics: list[str] = []
    expires_at: dt.datetime | None = None
    export_controlled: bool | None = None


class ProfileContent(ValueObject):
    """All that the owner writes and an edit replaces."""

    organisation: Organisation
    languages: list[str]
    offers: list[EntryContent]
    needs: list[EntryContent]


class Profile(Document):
    """The aggregate. `terms` are the search terms of its texts."""

    owner: str
    state: State
    organisation: Organisation
    languages: list[str]
    offers: list[Entry]
    needs: list[Entry]
    terms: list[str] = []

    @property
    def is_public(self) -> bool:
        """Whether everyone may read it."""
        return self.state == "published"

    @property
    def offer_count(self) -> int:
        """How many offers it has."""
        return len(self.offers)

    @property
    def need_count(self) -> int:
        """How many needs it has."""
        return len(self.needs)

    def searchable_texts(self) -> Iterator[str]:
        """Names and texts in which a search looks for words."""
        return _searchable_texts(self)


def _searchable_texts(source: Profile | ProfileContent) -> Iterator[str]:
    names = source.organisation.names
    yield from (name for name in (names.ko, names.zh, names.en, source.organisation.legal_name) if name)
    yield from (entry.text.text for entry in (*source.offers, *source.needs))


def new_draft(id: str, owner: str, content: ProfileContent, *, now: dt.datetime) -> Profile:
    """A profile that only its owner and organisers can read."""
    blank = Profile(
        id=id, owner=owner, state="draft", organisation=content.organisation, languages=[], offers=[], needs=[]
    )
    return with_content(blank, content, now=now)


def with_content(profile: Profile, content: ProfileContent, *, now: dt.datetime) -> Profile:
    """The profile with its content replaced. An entry that it already had keeps its expiry date until that is over, so
    that repeating the same content changes nothing."""
    known = {entry.id: entry for entry in (*profile.offers, *profile.needs)}
    return profile.model_copy(
        update={
            "organisation": content.organisation,
            "languages": content.languages,
            "offers": [_entry(profile.id, "offer", offer, known, now) for offer in content.offers],
            "needs": [_entry(profile.id, "need", need, known, now) for need in content.needs],
            "terms": index_terms(_searchable_texts(content)),
        }
    )


def _entry(profile_id: str, side: str, content: EntryContent, known: Mapping[str, Entry], now: dt.datetime) -> Entry:
    id = entry_id(profile_id, side, content.kind, text_id(content.text))
    return Entry(
        id=id,
        kind=content.kind,
        text=content.text,
        topics=content.topics,
        expires_at=_expires_at(content, known.get(id), now),
        export_controlled=content.export_controlled,
    )


def _expires_at(content: EntryContent, before: Entry | None, now: dt.datetime) -> str:
    if content.expires_at is not None:
        # One spelling for one instant: the same content with another offset must not be a new revision.
        return stored_instant(content.expires_at)
    if before is not None and before.expires_at and not is_over(before, now):
        return before.expires_at
    return stored_instant(now + ENTRY_LIFETIME)


def publish(profile: Profile) -> Profile:
    """The profile, public. Allowed in every state."""
    return profile.model_copy(update={"state": "published"})


def withdraw(profile: Profile) -> Profile:
    """The profile, out of sight. A draft, which no one else has seen, may be withdrawn too."""
    return profile.model_copy(update={"state": "withdrawn"})


def to_event(profile: Profile, event: type[contract.ProfileState]) -> contract.ProfileState:
    """The event of this type about the profile. It has the whole public state while the profile is published;
    otherwise only id, owner, type, country and state. The value of a business identifier is in no event."""
    organisation = profile.organisation
    bare = event(
        profile_id=profile.id,
        owner=profile.owner,
        type=organisation.type,
        country=organisation.country,
        state=profile.state,
    )
    if not profile.is_public:
        return bare
    identifier = organisation.business_id
    return bare.model_copy(
        update={
            "names": organisation.names,
            "legal_name": organisation.legal_name,
            "group": organisation.group,
            "business_id": identifier and BusinessId(scheme=identifier.scheme, verdict=identifier.verdict),
            "website": organisation.website,
            "certifications": organisation.certifications,
            "languages": profile.languages,
            "offers": profile.offers,
            "needs": profile.needs,
        }
    )


def state_event(profile: Profile) -> contract.ProfileState:
    """The event that says the state of the profile once more."""
    return to_event(profile, contract.ProfileUpdated)
