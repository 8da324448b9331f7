"""Members are people: their records are private to themselves and never in an event. Names are stored as the person
wrote them (docs/rules.md, section 2)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.chassis.model import Document, InvalidState, PrivateText, clean

MAX_MEMBERS = 50
_MAIL_ADDRESS = re.compile(r"[^@\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]{1,64}@(?:[\w-]++\.)++[\w-]{2,}")


def _mail_address(text: str) -> str:
    """Raises ValueError for what cannot be a mail address. Only a mail can tell whether it exists."""
    address = clean(text)
    if len(address) > 254 or not _MAIL_ADDRESS.fullmatch(address):
        raise ValueError("is not a mail address")
    return address


def _phone_number(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9][0-9 ()\-.]{5,24}", text):
        raise ValueError("is not a phone number: digits, spaces, hyphens, and a + in front")
    return text


class PersonName(BaseModel):
    """A person's name in its parts. No part is derived from another: 曾 is read Zeng, and only the person knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    family: PrivateText | None = None
    given: PrivateText | None = None
    full_native: PrivateText
    script: Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]{3}$")]
    """ISO 15924, for example `Hang`, `Hans`, `Latn`."""
    order: Literal["family_first", "given_first"] = "family_first"
    latin: PrivateText | None = None


class MemberRecord(BaseModel):
    """Personal data that a member enters."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: PersonName
    email: Annotated[str, AfterValidator(_mail_address)]
    phone: Annotated[str, AfterValidator(_phone_number)] | None = None
    languages: Annotated[list[Literal["ko", "zh", "en"]], Field(max_length=3)]
    title: PrivateText | None = None


class Member(Document):
    """A person at a profile. `member_id` is the `sub` of the person's token."""

    profile_id: str
    member_id: str
    record: MemberRecord


class Roster(Document):
    """The ids of a profile's members; its own id is the profile. It limits their number, and an erasure of the profile
    finds all records by it."""

    member_ids: list[str] = []

    def with_member(self, member_id: str) -> Roster:
        """The roster with one more member. Raises InvalidState if it is full."""
        if len(self.member_ids) >= MAX_MEMBERS:
            raise InvalidState("too-many-members", f"A profile has at most {MAX_MEMBERS} members; remove one first.")
        return self.model_copy(update={"member_ids": [*self.member_ids, member_id]})

    def without_member(self, member_id: str) -> Roster:
        """The roster without this member."""
        return self.model_copy(update={"member_ids": [id for id in self.member_ids if id != member_id]})


def member_key(profile_id: str, member_id: str) -> str:
    """The id of a member's document."""
    return f"{profile_id}:{member_id}"
