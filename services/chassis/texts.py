"""Which strings may become public: normal form, no control characters, nothing that points to a person."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, HttpUrl, StringConstraints, TypeAdapter

from schemas.common import normal
from schemas.screening import find_personal

FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode that break mails, calendars or terminals: controls, surrogates, line separators."""


def clean(text: str) -> str:
    """NFC, without white space around it. Raises ValueError for a control character, naming its place."""
    normalised = normal(text).strip()
    for at, character in enumerate(normalised):
        if unicodedata.category(character) in FORBIDDEN and character != "\n":
            raise ValueError(f"has a control character (U+{ord(character):04X}) at character {at + 1}; remove it")
    if not normalised:
        raise ValueError("is empty; write something or leave the field out")
    return normalised


def public(text: str) -> str:
    """A clean text that points to nobody. Raises ValueError naming what was found and where, never what it says."""
    cleaned = clean(text)
    found = find_personal(cleaned)
    if found:
        raise ValueError(
            f"has a {found.kind} at character {found.at + 1}; public texts name no way to reach a person, "
            "members keep theirs in their own record"
        )
    return cleaned


def public_url(text: str) -> str:
    """An https or http address without user info. Raises ValueError."""
    url = _url.validate_python(public(text))
    if url.username or url.password:
        raise ValueError("names a user; give the plain address")
    return str(url)


def _instant(text: object) -> object:
    """pydantic alone takes numbers and dates; an unescaped + arrives as a space."""
    if not isinstance(text, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt]", text):
        raise ValueError("is an instant as text with its offset: 2027-01-31T10:00:00+09:00")
    if " " in text:
        raise ValueError("has a space where its offset begins: write + as %2B in an address")
    if not "1970" < text[:4] < "2100":
        raise ValueError("lies outside the years 1971 to 2099")
    return text


def _strict(longest: int) -> StringConstraints:
    return StringConstraints(strict=True, max_length=longest)


_url = TypeAdapter(HttpUrl)
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
PublicName = Annotated[str, _strict(200), AfterValidator(public)]
PublicText = Annotated[str, _strict(2000), AfterValidator(public)]
PublicUrl = Annotated[str, _strict(500), AfterValidator(public_url)]
PrivateText = Annotated[str, _strict(200), AfterValidator(clean)]
