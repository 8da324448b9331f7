"""Which strings may become public: normal form, no control characters, nothing that points to a person."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, HttpUrl, StringConstraints, TypeAdapter

from schemas.common import normal
from schemas.screening import find_personal

FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
"""Categories of Unicode that break mails, calendars or terminals: controls, surrogates, line separators. Unassigned
characters pass: which those are depends on the Python that runs, and some are in people's names."""
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They let one name display as another."""
LONGEST_SENT = 4
"""How many times as long as stored a text may be sent: Hangul decomposed is three."""


def clean(text: str, *, lines: bool = False) -> str:
    """NFC, without white space around it. Raises ValueError for a control character, naming its place; `lines`: line
    ends pass."""
    normalised = normal(text).strip()
    for at, character in enumerate(() if normalised.isprintable() else normalised):  # most are, and quickly told
        if _is_forbidden(character) and not (lines and character == "\n"):
            raise ValueError(f"has a control character (U+{ord(character):04X}) at character {at + 1}; remove it")
    if not normalised:
        raise ValueError("is empty; write something or leave the field out")
    return normalised


def _is_forbidden(character: str) -> bool:
    if character in BIDIRECTIONAL or unicodedata.category(character) in FORBIDDEN:
        return True
    return 0xFDD0 <= ord(character) <= 0xFDEF or ord(character) & 0xFFFE == 0xFFFE  # noncharacters


def public(text: str, *, lines: bool = False) -> str:
    """A clean text that points to nobody. Raises ValueError naming what was found and where, never what it says."""
    cleaned = clean(text, lines=lines)
    found = find_personal(cleaned)
    if found:
        raise ValueError(
            f"has a {found.kind} at character {found.at + 1}; public texts name no way to reach a person, "
            "members keep theirs in their own record"
        )
    return cleaned


def public_url(text: str) -> str:
    """An https or http address without user info. Raises ValueError."""
    public(unquote(text))
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


def _sent(longest: int) -> StringConstraints:
    """Refuses what is far too long before anything looks at it."""
    return StringConstraints(strict=True, max_length=longest * LONGEST_SENT)


def _at_most(longest: int) -> AfterValidator:
    """Counted as it is stored."""

    def check(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"has {len(text)} characters; {longest} at most")
        return text

    return AfterValidator(check)


def _public_text(text: str) -> str:
    return public(text, lines=True)


_url = TypeAdapter(HttpUrl)
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
PublicName = Annotated[str, _sent(200), AfterValidator(public), _at_most(200)]
PublicText = Annotated[str, _sent(2000), AfterValidator(_public_text), _at_most(2000)]
PublicUrl = Annotated[str, _sent(500), AfterValidator(public_url), _at_most(500)]
PrivateText = Annotated[str, _sent(200), AfterValidator(clean), _at_most(200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9_-]{0,60}[a-z0-9])?$"), AfterValidator(public)]
