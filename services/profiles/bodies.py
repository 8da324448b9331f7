"""What is said over HTTP, strictly, and what is answered."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Hashable, Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StrictBool, field_validator, model_validator

from schemas.common import Certification, Entry, Text
from schemas.profiles import Names
from services.chassis.http import Answer, Input
from services.chassis.texts import Instant, PublicName, PublicText, PublicUrl, Slug

from . import usecases
from .domain.certifications import is_expired
from .domain.identifiers import identify
from .domain.members import MemberRecord
from .domain.profile import KeptIdentifier, Organisation, Profile, Said, Statement

Lang = Literal["ko", "zh", "en"]
Kind = Literal[
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


def _long_enough(text: str) -> str:
    if len(text) < 2:
        raise ValueError("has fewer than 2 characters; say what is offered or needed")
    return text


def _day(given: object) -> object:
    """pydantic alone takes numbers and whole instants for days."""
    if not isinstance(given, str) or not re.fullmatch(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", given):
        raise ValueError("is a day as text: 2026-08-04")
    return given


def _repeated(said: Iterable[Hashable]) -> tuple[int, int] | None:
    """Where something stands again, and where it stood first."""
    seen: dict[Hashable, int] = {}
    return next(((n, first) for n, one in enumerate(said) if (first := seen.setdefault(one, n)) != n), None)


def _each_once(said: list[str]) -> list[str]:
    if found := _repeated(said):
        raise ValueError(f"says the same at {found[0]} as at {found[1]}; keep one of them")
    return said


Day = Annotated[dt.date, BeforeValidator(_day)]

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
    issued: Day | None = None
    valid_until: Day | None = None
    evidence_url: PublicUrl | None = None

    @model_validator(mode="after")
    def _in_order(self) -> CertificationIn:
        if self.issued and self.valid_until and self.valid_until < self.issued:
            raise ValueError("ends before it was issued; correct issued or valid_until")
        return self


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
    text: Annotated[PublicText, AfterValidator(_long_enough)]


class EntryIn(Input):
    kind: Kind
    text: TextIn
    topics: Annotated[list[Slug], Field(max_length=12), AfterValidator(_each_once)] = []
    expires_at: Instant | None = None
    export_controlled: StrictBool | None = None


class ProfileIn(Input):
    owner: str | None = None
    organisation: OrganisationIn
    languages: Annotated[list[Lang], Field(min_length=1, max_length=3), AfterValidator(_each_once)]
    offers: Annotated[list[EntryIn], Field(max_length=30)] = []
    needs: Annotated[list[EntryIn], Field(max_length=30)] = []

    @field_validator("offers", "needs")
    @classmethod
    def _said_once(cls, entries: list[EntryIn]) -> list[EntryIn]:
        if found := _repeated((entry.kind, entry.text.lang, entry.text.text) for entry in entries):
            raise ValueError(f"says the same at {found[0]} as at {found[1]}; keep one of them")
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
            languages=list(self.languages),
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


class CertificationOut(Certification):
    expired: bool
    """Its last day, in the organisation's country, is over."""


class OrganisationOut(BaseModel):
    type: str
    country: str
    names: Names
    legal_name: str
    group: str | None = None
    business_id: BusinessIdOut | None = None
    website: str | None = None
    certifications: list[CertificationOut] = []


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


def shown(profile: Profile, *, to_owner: bool, now: dt.datetime) -> ProfileOut:
    """The identifier's value is the owner's alone."""
    organisation = profile.organisation.model_dump()
    organisation["certifications"] = [
        {**c.model_dump(), "expired": is_expired(c, country=profile.organisation.country, now=now)}
        for c in profile.organisation.certifications
    ]
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


def answered(profile: Profile, *, now: dt.datetime, status: int = 200) -> Answer:
    return Answer.of(
        shown(profile, to_owner=True, now=now),
        subject=profile.id,
        status=status,
        revision=profile.revision,
        location=f"/v1/profiles/{profile.id}" if status == 201 else None,
    )


def member_answered(kept: usecases.Kept) -> Answer:
    member = kept.member
    body = MemberOut(member_id=member.member_id, profile_id=member.profile_id, **member.record.model_dump())
    return Answer.of(body, subject=member.id, status=201 if kept.is_new else 200, revision=member.revision)
