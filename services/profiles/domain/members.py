"""Members are people: their records are private to themselves and never in an event. Names are stored as the person
wrote them (docs/rules.md, section 2)."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from schemas.screening import NO_MAIL_ADDRESS, find_resident, mailbox, plain
from services.chassis.model import Document, InvalidState, PrivateText, ascii_domain, clean

MAX_MEMBERS = 50
MIN_DIGITS, MAX_DIGITS, MAX_PHONE_LENGTH = 7, 15, 40
"""Of a number to call: with its country it has 15 digits at most (ITU-T E.164)."""
_EXTENSION = re.compile(
    r"\s{0,2}\(?\s?(?:转|轉|分机|分機|내선|구내|ext|extension|x|#)\s?[.:]?\s?\d{1,6}번?\s?\)?\Z", re.IGNORECASE
)
_LONE_BRACKET = re.compile(r"\A(\+?\d{2,5})\)")
"""As Korean numbers are often written: `031) 123-4567`."""
_PHONE = re.compile(r"\A\+?(?:[0-9 ./-]|\(\+?[0-9 ]{1,7}\))+\Z")


def _mail_address(text: str) -> str:
    """Raises ValueError for what cannot be a mail address. Only a mail can tell whether it exists."""
    address = clean(text)
    _, domain = mailbox(address)
    if find_resident(address):
        raise ValueError("has a resident's number; give an address without one")
    try:
        ascii_domain(domain)
    except ValueError:
        raise ValueError(NO_MAIL_ADDRESS) from None
    return address


def _phone_number(typed: str) -> str:
    """The number as it was typed; full-width digits and all dashes and spaces count as plain ones."""
    if len(typed) > MAX_PHONE_LENGTH or not _can_be_called(plain(typed).text):
        raise ValueError("is not a phone number; write it with its digits, for example +82 2-555-0190")
    return typed


def _can_be_called(seen: str) -> bool:
    number = _LONE_BRACKET.sub(r"(\1)", _EXTENSION.sub("", seen))
    digits = [c for c in number if c.isdigit()]
    is_told = MIN_DIGITS <= len(digits) <= MAX_DIGITS and len(set(digits)) > 1
    return is_told and number.count("+") <= 1 and bool(_PHONE.match(number))


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
    phone: Annotated[PrivateText, AfterValidator(_phone_number)] | None = None
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
