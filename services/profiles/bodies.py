"""What is said over HTTP, strictly, and what is answered."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, field_validator

from schemas.common import Certification, Entry, Text
from schemas.profiles import Names
from services.chassis.http import Answer, Input
from services.chassis.texts import Instant, PublicName, PublicText, PublicUrl

from . import usecases
from .domain.identifiers import identify
from .domain.members import MemberRecord
from .domain.profile import KeptIdentifier, Organisation, Profile, Said, Statement

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9_-]{0,60}[a-z0-9])?$")]
Lang = Literal["ko", "zh", "en"]

# -- what is said


class NamesIn(Input):
    ko: PublicName | None = None
    zh: PublicName | None = None
    en: PublicName | None = None


class BusinessIdIn(Input):
    scheme: Literal["kr-brn", "kr-crn", "cn-uscc"]
    value: Annotated[str, Field(max_length=60)]


class CertificationIn(Input):
    scheme: PublicName
    tier: PublicName | None = None
    authority: PublicName | None = None
    region: PublicName | None = None
    issued: dt.date | None = None
    valid_until: dt.date | None = None
    evidence_url: PublicUrl | None = None


class OrganisationIn(Input):
    type: Literal["company", "agency", "association", "zone", "investor", "university", "institute"]
    country: Literal["KR", "CN"]
    names: NamesIn
    legal_name: PublicName
    group: Slug | None = None
    business_id: BusinessIdIn | None = None
    website: PublicUrl | None = None
    certifications: Annotated[list[CertificationIn], Field(max_length=20)] = []

    @field_validator("business_id")
    @classmethod
    def _identified(cls, given: BusinessIdIn | None) -> BusinessIdIn | None:
        if given is not None:
            identify(given.scheme, given.value)
        return given


class TextIn(Input):
    lang: Lang
    text: PublicText


class EntryIn(Input):
    kind: Literal[
        "technology",
        "product",
        "research",
        "investment",
        "market_entry",
        "pilot",
        "talent",
        "supply",
        "landing",
        "programme",
    ]
    text: TextIn
    topics: Annotated[list[Slug], Field(max_length=12)] = []
    expires_at: Instant | None = None
    export_controlled: StrictBool | None = None


class ProfileIn(Input):
    owner: str | None = None
    organisation: OrganisationIn
    languages: Annotated[list[Lang], Field(min_length=1, max_length=3)]
    offers: Annotated[list[EntryIn], Field(max_length=30)] = []
    needs: Annotated[list[EntryIn], Field(max_length=30)] = []

    @field_validator("offers", "needs")
    @classmethod
    def _said_once(cls, entries: list[EntryIn]) -> list[EntryIn]:
        seen: dict[tuple[str, str, str], int] = {}
        for n, entry in enumerate(entries):
            first = seen.setdefault((entry.kind, entry.text.lang, entry.text.text), n)
            if first != n:
                raise ValueError(f"says the same at {n} as at {first}; keep one of them")
        return entries

    def statement(self) -> Statement:
        given = self.organisation
        identified = given.business_id and identify(given.business_id.scheme, given.business_id.value)
        organisation = Organisation(
            **given.model_dump(exclude={"names", "business_id", "certifications"}),
            names=Names(**given.names.model_dump()),
            business_id=identified
            and KeptIdentifier(scheme=identified.scheme, value=identified.value, verdict=identified.verdict),
            certifications=[Certification(**c.model_dump(mode="json")) for c in given.certifications],
        )
        return Statement(
            organisation=organisation,
            languages=list(dict.fromkeys(self.languages)),
            offers=[_said(entry) for entry in self.offers],
            needs=[_said(entry) for entry in self.needs],
        )


def _said(entry: EntryIn) -> Said:
    return Said(**entry.model_dump(exclude={"text"}), text=Text(lang=entry.text.lang, text=entry.text.text))


# -- what is answered


class BusinessIdOut(BaseModel):
    scheme: str
    verdict: str
    value: str | None = None


class OrganisationOut(BaseModel):
    type: str
    country: str
    names: Names
    legal_name: str
    group: str | None = None
    business_id: BusinessIdOut | None = None
    website: str | None = None
    certifications: list[Certification] = []


class ProfileOut(BaseModel):
    profile_id: str
    owner: str
    state: str
    revision: int
    organisation: OrganisationOut
    languages: list[str]
    offers: list[Entry]
    needs: list[Entry]


class ProfilePage(BaseModel):
    items: list[ProfileOut]
    next: str | None = None


class MemberOut(MemberRecord):
    member_id: str
    profile_id: str


def shown(profile: Profile, *, to_owner: bool) -> ProfileOut:
    """The identifier's value is the owner's alone."""
    organisation = profile.organisation.model_dump()
    if not to_owner and organisation["business_id"]:
        del organisation["business_id"]["value"]
    return ProfileOut(
        profile_id=profile.id,
        owner=profile.owner,
        state=profile.state,
        revision=profile.revision,
        organisation=OrganisationOut(**organisation),
        languages=profile.languages,
        offers=profile.offers,
        needs=profile.needs,
    )


def answered(profile: Profile, status: int = 200) -> Answer:
    return Answer.of(
        shown(profile, to_owner=True),
        subject=profile.id,
        status=status,
        revision=profile.revision,
        location=f"/v1/profiles/{profile.id}" if status == 201 else None,
    )


def member_answered(kept: usecases.Kept) -> Answer:
    member = kept.member
    body = MemberOut(member_id=member.member_id, profile_id=member.profile_id, **member.record.model_dump())
    return Answer.of(body, subject=member.id, status=201 if kept.is_new else 200, revision=member.revision)
