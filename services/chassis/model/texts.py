"""Which strings may become public: NFC, no control characters, nothing that points to a person
(docs/rules.md, section 3)."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, HttpUrl, StringConstraints, TypeAdapter

from schemas.common import normal
from schemas.screening import find_personal

FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that break mails, calendars or terminals: controls, surrogates, private use, line separators.
Unassigned characters pass: which those are depends on the Python version, and some occur in people's names."""
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Direction overrides: with them one name can be displayed as another."""
MAX_MARKS = 30
MAX_SENT_FACTOR = 4
"""A text may be sent up to this many times as long as it may be stored: decomposed Hangul is three times as long."""


def clean(text: str, *, lines: bool = False) -> str:
    """Returns the text in NFC, without white space around it. `lines`: line ends are allowed.

    Raises ValueError, which names the place and never the text, for a control character and for an empty text."""
    must_be_normalisable(text)
    normalised = normal(text).strip()
    # Most texts are printable, and isprintable is much faster than looking at each character.
    for at, character in enumerate(() if normalised.isprintable() else normalised):
        if _is_forbidden(character) and not (lines and character == "\n"):
            raise ValueError(f"has a control character (U+{ord(character):04X}) at character {at + 1}; remove it")
    if not normalised:
        raise ValueError("is empty; write something or leave the field out")
    return normalised


def must_be_normalisable(text: str) -> None:
    """Raises ValueError for a run of combining marks that no language has.

    Normalising sorts the marks of a run, in time that grows with the square of its length. 30 marks are the limit of
    Unicode's own stream-safe format (UAX 15, section 13)."""
    if text.isascii():
        return
    run = 0
    for at, character in enumerate(text):
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MAX_MARKS:
            raise ValueError(f"has more than {MAX_MARKS} combining marks in a row at character {at + 1}; remove them")


def _is_forbidden(character: str) -> bool:
    if character in BIDIRECTIONAL or unicodedata.category(character) in FORBIDDEN:
        return True
    return 0xFDD0 <= ord(character) <= 0xFDEF or ord(character) & 0xFFFE == 0xFFFE  # noncharacters


def public_text(text: str, *, lines: bool = False) -> str:
    """Returns the cleaned text if it names no way to reach a person.

    Raises ValueError, which names what was found and where, never what it says."""
    cleaned = clean(text, lines=lines)
    found = find_personal(cleaned)
    if found:
        raise ValueError(
            f"has a {found.kind} at character {found.at + 1}; public texts name no way to reach a person, "
            "members keep theirs in their own record"
        )
    return cleaned


def public_url(text: str) -> str:
    """Returns an https or http address without user info. Raises ValueError."""
    public_text(unquote(text))
    url = _url.validate_python(public_text(text))
    if url.username or url.password:
        raise ValueError("names a user; give the plain address")
    return str(url)


def _instant(text: object) -> object:
    """Stricter than pydantic, which also takes numbers and dates. In a query an unescaped + arrives as a space."""
    if not isinstance(text, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt]", text):
        raise ValueError("is an instant as text with its offset: 2027-01-31T10:00:00+09:00")
    if " " in text:
        raise ValueError("has a space where its offset begins: write + as %2B in an address")
    if not "1970" < text[:4] < "2100":
        raise ValueError("lies outside the years 1971 to 2099")
    return text


def _sent(max_length: int) -> StringConstraints:
    """Refuses a text that is far too long before anything else looks at it."""
    return StringConstraints(strict=True, max_length=max_length * MAX_SENT_FACTOR)


def _at_most(max_length: int) -> AfterValidator:
    """Limits the length as it is stored, after normalisation."""

    def check(text: str) -> str:
        if len(text) > max_length:
            raise ValueError(f"has {len(text)} characters; {max_length} at most")
        return text

    return AfterValidator(check)


def _public_lines(text: str) -> str:
    return public_text(text, lines=True)


_url = TypeAdapter(HttpUrl)
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
PublicName = Annotated[str, _sent(200), AfterValidator(public_text), _at_most(200)]
PublicText = Annotated[str, _sent(2000), AfterValidator(_public_lines), _at_most(2000)]
PublicUrl = Annotated[str, _sent(500), AfterValidator(public_url), _at_most(500)]
PrivateText = Annotated[str, _sent(200), AfterValidator(clean), _at_most(200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9_-]{0,60}[a-z0-9])?$"), AfterValidator(public_text)]
