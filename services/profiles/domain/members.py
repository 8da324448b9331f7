"""Members are people: private to themselves, never in an event. Names are kept as the person wrote them (rules 2)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.chassis.documents import Document
from services.chassis.texts import PrivateText, clean

MAX_MEMBERS = 50
_MAIL = re.compile(r"[^@\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{1,64}@(?:[\w-]+\.)+[\w-]{2,}")


def _mail(text: str) -> str:
    """Raises ValueError. Whether mail arrives there only mail can tell."""
    address = clean(text)
    if len(address) > 254 or not _MAIL.fullmatch(address):
        raise ValueError("is not a mail address")
    return address


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 ()\-.]{5,24}", text):
        raise ValueError("is not a phone number: digits, spaces, hyphens, and a + in front")
    return text


class PersonName(BaseModel):
    """Nothing here is derived from anything else: 曾 is Zeng, and only the person knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: PrivateText | None = None
    given: PrivateText | None = None
    full_native: PrivateText
    script: Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]{3}$")]
    order: Literal["family_first", "given_first"] = "family_first"
    latin: PrivateText | None = None


class MemberRecord(BaseModel):
    """What a member says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: PersonName
    email: Annotated[str, AfterValidator(_mail)]
    phone: Annotated[str, AfterValidator(_phone)] | None = None
    languages: Annotated[list[Literal["ko", "zh", "en"]], Field(max_length=3)]
    title: PrivateText | None = None


class Member(Document):
    profile_id: str
    member_id: str
    record: MemberRecord


class Roster(Document):
    """The members of a profile: the rule about their number, and what an erasure reaches."""

    member_ids: list[str] = []


def member_key(profile_id: str, member_id: str) -> str:
    return f"{profile_id}:{member_id}"
