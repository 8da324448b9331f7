"""A profile's life: draft -> published -> withdrawn -> published; edits in every state; erased for good (rules 6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas import profiles as contract
from schemas.common import BusinessId, Certification, Entry, Text, entry_id, text_id
from schemas.profiles import Names
from services.chassis.documents import Document

from .searching import terms

State = Literal["draft", "published", "withdrawn"]
KEPT_FOR = dt.timedelta(days=365)


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class KeptIdentifier(Frozen):
    scheme: str
    value: str
    verdict: str


class Organisation(Frozen):
    type: str
    country: str
    names: Names
    legal_name: str
    group: str | None = None
    business_id: KeptIdentifier | None = None
    website: str | None = None
    certifications: list[Certification] = []


class Said(Frozen):
    """An offer or a need as it was said; ids and dates come with the profile it stands in."""

    kind: str
    text: Text
    topics: list[str] = []
    expires_at: dt.datetime | None = None
    export_controlled: bool | None = None


class Statement(Frozen):
    """What an owner says of itself: all that a PUT replaces."""

    organisation: Organisation
    languages: list[str]
    offers: list[Said]
    needs: list[Said]

    def texts(self) -> Iterator[str]:
        """All that a search may find."""
        names = self.organisation.names
        yield from (name for name in (names.ko, names.zh, names.en, self.organisation.legal_name) if name)
        yield from (said.text.text for said in (*self.offers, *self.needs))


class Profile(Document):
    owner: str
    state: State
    organisation: Organisation
    languages: list[str]
    offers: list[Entry]
    needs: list[Entry]
    terms: list[str] = []

    @property
    def is_public(self) -> bool:
        return self.state == "published"

    def texts(self) -> Iterator[str]:
        names = self.organisation.names
        yield from (name for name in (names.ko, names.zh, names.en, self.organisation.legal_name) if name)
        yield from (entry.text.text for entry in (*self.offers, *self.needs))


def drafted(id: str, owner: str, statement: Statement, *, now: dt.datetime) -> Profile:
    blank = Profile(
        id=id, owner=owner, state="draft", organisation=statement.organisation, languages=[], offers=[], needs=[]
    )
    return saying(blank, statement, now=now)


def saying(profile: Profile, statement: Statement, *, now: dt.datetime) -> Profile:
    """The profile with what its owner says now. An entry said before keeps the date by which it expires."""
    known = {entry.id: entry for entry in (*profile.offers, *profile.needs)}
    return profile.model_copy(
        update={
            "organisation": statement.organisation,
            "languages": statement.languages,
            "offers": [_entry(profile.id, "offer", said, known, now) for said in statement.offers],
            "needs": [_entry(profile.id, "need", said, known, now) for said in statement.needs],
            "terms": terms(statement.texts()),
        }
    )


def _entry(profile_id: str, side: str, said: Said, known: dict[str, Entry], now: dt.datetime) -> Entry:
    id = entry_id(profile_id, side, said.kind, text_id(said.text))
    before = known.get(id)
    if said.expires_at is not None:
        expires = said.expires_at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    elif before is not None and before.expires_at:
        expires = before.expires_at
    else:
        expires = (now + KEPT_FOR).isoformat(timespec="milliseconds")
    return Entry(
        id=id,
        kind=said.kind,
        text=said.text,
        topics=said.topics,
        expires_at=expires,
        export_controlled=said.export_controlled,
    )


def published(profile: Profile) -> Profile:
    return profile.model_copy(update={"state": "published"})


def withdrawn(profile: Profile) -> Profile:
    """A draft that nobody has seen is withdrawn too: the owner wants it out of sight, and it is."""
    return profile.model_copy(update={"state": "withdrawn"})


# -- what is told of it


def told(profile: Profile, event: type[contract.ProfileState]) -> contract.ProfileState:
    """The public state from published on; before and after that only that the profile exists."""
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
