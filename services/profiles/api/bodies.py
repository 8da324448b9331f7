"""Bodies of requests, checked strictly, and of answers."""

from __future__ import annotations

import datetime as dt
import re
import string
import unicodedata
from collections.abc import Hashable, Iterable
from contextlib import nullcontext, suppress
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    StrictBool,
    StringConstraints,
    field_validator,
    model_validator,
)

from schemas.common import Certification, Kind, OrganisationType, Text, normal
from schemas.profiles import Names
from services.chassis.http import Input
from services.chassis.model import (
    MAX_URL_LENGTH,
    Instant,
    PublicName,
    PublicText,
    ascii_domain,
    clean,
    confirming_public,
    public_url,
)

from ..domain.identifiers import parse_identifier
from ..domain.profile import EntryContent, Organisation, ProfileContent, StoredIdentifier
from .slugs import Group, Topic

Lang = Literal["ko", "zh", "en"]


def _min_length(text: str) -> str:
    if len(text) < 2:
        raise ValueError("has fewer than 2 characters; say what is offered or needed")
    return text


def _day(given: object) -> object:
    """Stricter than pydantic, which also takes numbers and instants."""
    if not isinstance(given, str) or not re.fullmatch(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", given):
        raise ValueError("is a day as text: 2026-08-04")
    return given


def _refuse_duplicates(items: Iterable[Hashable]) -> None:
    """Raises ValueError, which names the positions of an item that occurs twice."""
    first_at: dict[Hashable, int] = {}
    for at, item in enumerate(items):
        first = first_at.setdefault(item, at)
        if first != at:
            raise ValueError(f"says the same at {at} as at {first}; keep one of them")


def _without_duplicates(items: list[str]) -> list[str]:
    _refuse_duplicates(items)
    return items


def _as_typed(text: str) -> str:
    """Returns the address as it was typed: `https://한빛.한국/제품`. Where browsers do more than encode its letters
    (dot segments, full-width letters, a default port), what they read is kept, so that no one is misled."""
    typed = normal(clean(text))
    if len(typed) > MAX_URL_LENGTH:
        raise ValueError(f"has {len(typed)} characters; {MAX_URL_LENGTH} at most")
    read = public_url(typed)
    return typed if _encoded(typed) in (read, read.removesuffix("/")) else read


def _encoded(typed: str) -> str | None:
    """The address with its letters encoded and nothing else changed; None if it has more than letters and ASCII."""
    found = _PARTS.match(typed)
    if found is None or unicodedata.normalize("NFKC", typed) != typed:
        return None
    with suppress(ValueError):
        return f"{found['scheme'].lower()}{ascii_domain(found['host'])}{quote(found['tail'], safe=string.punctuation)}"
    return None


_PARTS = re.compile(r"\A(?P<scheme>https?://)(?P<host>[\w.-]{4,253})(?P<tail>(?:[/?#][\w!-~]*)?)\Z", re.IGNORECASE)
TypedUrl = Annotated[str, StringConstraints(strict=True, max_length=4 * MAX_URL_LENGTH), AfterValidator(_as_typed)]
ANSWERED = "As an answer has it; it is made from the rest again."
"""Of what is there so that what was read can be sent back."""
Answered = Field(max_length=64, description=ANSWERED)
Day = Annotated[dt.date, BeforeValidator(_day)]


class NamesIn(Input):
    """Names of the organisation in the three languages, as it gives them."""

    ko: PublicName | None = None
    zh: PublicName | None = None
    en: PublicName | None = None


class BusinessIdIn(Input):
    """A business identifier as it is printed; full-width characters, spaces and hyphens are allowed."""

    scheme: Literal["kr-brn", "kr-crn", "cn-uscc"]
    value: Annotated[str, Field(max_length=60)]
    verdict: Annotated[str | None, Answered] = None


class CertificationIn(Input):
    """A certificate, for example 专精特新 or 벤처기업 확인. `valid_until` is its last valid day."""

    scheme: PublicName
    tier: PublicName | None = None
    authority: PublicName | None = None
    region: PublicName | None = None
    issued: Day | None = None
    valid_until: Day | None = None
    evidence_url: TypedUrl | None = None
    expired: Annotated[bool | None, Field(description=ANSWERED)] = None

    @model_validator(mode="after")
    def _ends_after_issue(self) -> CertificationIn:
        if self.issued and self.valid_until and self.valid_until < self.issued:
            raise ValueError("ends before it was issued; correct issued or valid_until")
        return self


class OrganisationIn(Input):
    """Who the profile is about."""

    type: OrganisationType
    country: Literal["KR", "CN"]
    names: NamesIn
    legal_name: PublicName
    group: Group | None = None
    business_id: BusinessIdIn | None = None
    website: TypedUrl | None = None
    certifications: Annotated[list[CertificationIn], Field(max_length=20)] = []

    @field_validator("business_id")
    @classmethod
    def _valid_identifier(cls, business_id: BusinessIdIn | None) -> BusinessIdIn | None:
        if business_id is not None:
            # Only for the refusal, which then points to this field; `_stored_identifier` parses it again for its value.
            parse_identifier(business_id.scheme, business_id.value)
        return business_id


class TextIn(Input):
    """A text in its original language."""

    lang: Lang
    text: Annotated[PublicText, AfterValidator(_min_length)]


class EntryIn(Input):
    """An offer or a need. A new one expires after 365 days if `expires_at` is absent."""

    id: Annotated[str | None, Answered] = None
    kind: Kind
    text: TextIn
    topics: Annotated[list[Topic], Field(max_length=12), AfterValidator(_without_duplicates)] = []
    expires_at: Instant | None = None
    export_controlled: StrictBool | None = None


class ProfileIn(Input):
    """The whole content of a profile. `owner`, if given, is the organisation of the token.

    `confirm_public`: what only looks like a way to reach a person is public, says the owner, and is taken."""

    owner: str | None = None
    confirm_public: StrictBool = False
    organisation: OrganisationIn
    languages: Annotated[list[Lang], Field(min_length=1, max_length=3), AfterValidator(_without_duplicates)]
    offers: Annotated[list[EntryIn], Field(max_length=30)] = []
    needs: Annotated[list[EntryIn], Field(max_length=30)] = []

    @model_validator(mode="wrap")
    @classmethod
    def _confirmed(cls, body: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        confirmed = isinstance(body, dict) and body.get("confirm_public") is True
        with confirming_public() if confirmed else nullcontext():
            return handler(body)

    @field_validator("offers", "needs")
    @classmethod
    def _entries_without_duplicates(cls, entries: list[EntryIn]) -> list[EntryIn]:
        # Duplicates would share one id, which is computed from side, kind and text (`entry_id`).
        _refuse_duplicates((entry.kind, entry.text.lang, normal(entry.text.text)) for entry in entries)
        return entries

    def content(self) -> ProfileContent:
        """The content for the domain, with the identifier checked."""
        return ProfileContent(
            organisation=_organisation(self.organisation),
            languages=list(self.languages),
            offers=[_entry_content(offer) for offer in self.offers],
            needs=[_entry_content(need) for need in self.needs],
        )


def _organisation(body: OrganisationIn) -> Organisation:
    return Organisation(
        **body.model_dump(exclude={"names", "business_id", "certifications"}),
        names=Names(**body.names.model_dump()),
        business_id=_stored_identifier(body.business_id) if body.business_id else None,
        certifications=[Certification(**c.model_dump(mode="json", exclude={"expired"})) for c in body.certifications],
    )


def _stored_identifier(body: BusinessIdIn) -> StoredIdentifier:
    identifier = parse_identifier(body.scheme, body.value)
    return StoredIdentifier(scheme=identifier.scheme, value=identifier.value, verdict=identifier.verdict)


def _entry_content(body: EntryIn) -> EntryContent:
    return EntryContent(**body.model_dump(exclude={"id", "text"}), text=Text(lang=body.text.lang, text=body.text.text))
