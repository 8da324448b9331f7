"""Which strings may become public: as they were typed, without control characters, with something to see in them,
and nothing that points to a person (docs/rules.md, section 3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache, partial
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from schemas.common import normal
from schemas.screening import find_personal, find_resident

from .targets import is_public, public_name

FORBIDDEN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that break mails, calendars or terminals: controls, surrogates, private use, line separators.
Unassigned characters pass: which those are depends on the Python version, and some occur in people's names."""
BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Direction overrides: with them one name can be displayed as another."""
MAX_MARKS = 30
MAX_LOOKED_AHEAD = 8000
MAX_SENT_FACTOR = 4
"""A text may be sent up to this many times as long as it may be stored: decomposed Hangul is three times as long."""
_PASTED = re.compile("\r\n?|\t|[\uf020-\uf0ff]")
"""What word processors paste: their line ends, tabs, and bullets as private characters of symbol fonts."""
_NO_INK = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"})
_RESERVED = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Kept by Unicode for characters that are never shown."""
_BLANK_NAMES = re.compile(
    "FILLER|BLANK|INVISIBLE|ZERO WIDTH|VARIATION SELECTOR|NULL NOTEHEAD|JOINER|VOWEL INHERENT|VOWEL SEPARATOR"
)


def clean(text: str, *, lines: bool = False) -> str:
    """The text as it was typed, without white space around it; what word processors paste has become plain.

    `lines`: line ends are allowed; elsewhere they become spaces. Raises ValueError, which names the place and never the
    text, for a control character and where there is nothing to see."""
    must_be_normalisable(text)
    plain = _PASTED.sub(partial(_unpasted, lines), text).strip()
    # Most texts are printable, and isprintable is much faster than looking at each character.
    for at, character in enumerate(() if plain.isprintable() else plain):
        if _is_forbidden(character) and not (lines and character == "\n"):
            raise ValueError(f"has a control character (U+{ord(character):04X}) at character {at + 1}; remove it")
    if not any(map(has_ink, plain)):
        raise ValueError("has nothing to see; write something or leave the field out")
    return plain


def _unpasted(lines: bool, match: re.Match[str]) -> str:
    if match[0][0] == "\r":
        return "\n" if lines else " "
    return " " if match[0] == "\t" else "•"


@lru_cache(maxsize=20_000)
def has_ink(character: str) -> bool:
    """Whether a reader sees anything of the character: a space, a filler or a joiner leaves the paper white."""
    if unicodedata.category(character) in _NO_INK or _RESERVED.match(character):
        return False
    return not _BLANK_NAMES.search(unicodedata.name(character, ""))


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


_confirmed: ContextVar[bool] = ContextVar("confirmed", default=False)


@contextmanager
def confirming_public() -> Iterator[None]:
    """Within it, what is only likely to point to a person is taken: the owner has said that it is public."""
    token = _confirmed.set(True)
    try:
        yield
    finally:
        _confirmed.reset(token)


def public_text(text: str, *, lines: bool = False) -> str:
    """Returns the cleaned text if it names no way to reach a person.

    Raises ValueError, which names what was found and where, never what it says."""
    cleaned = clean(text, lines=lines)
    must_point_to_no_person(cleaned)
    return cleaned


def must_point_to_no_person(text: str) -> None:
    """Raises ValueError where the text names a way to reach a person, with the place and what to do."""
    found = find_personal(text)
    if found is None or (found.certainty == "likely" and _confirmed.get()):
        return
    what = f"has a {found.kind} at character {found.at + 1}; public texts name no way to reach a person, "
    if found.certainty == "likely":
        raise ValueError(f"{what}send `confirm_public: true` if it is no person's")
    raise ValueError(f"{what}members keep theirs in their own record")


def private_text(text: str) -> str:
    """Returns the cleaned text, which only its owner reads. Raises ValueError for a number that identifies a person for
    a state: nothing here needs it, and a record that has none cannot lose it."""
    cleaned = clean(text)
    found = find_resident(cleaned)
    if found is not None:
        raise ValueError(f"has a {found.kind} at character {found.at + 1}; none is kept here, so take it out")
    return cleaned


def look_ahead(texts: Iterable[str]) -> None:
    """Screens long texts of a body before they are checked, in a thread: the check then finds the answers."""
    for text in texts:
        if len(text) <= MAX_LOOKED_AHEAD:
            with suppress(ValueError):
                public_text(text, lines=True)


def public_url(text: str) -> str:
    """Returns an https or http address of a public host, without user info, as browsers write it. Raises ValueError.

    It is screened twice: as it was typed, and as browsers read it (`https://t%2Eme:443/kim` leads to t.me)."""
    typed = public_text(text)
    if not _HTTP.match(typed):
        raise ValueError(f"does not begin with https://; {_EXAMPLE}")
    try:
        url = _url.validate_python(typed)
    except ValidationError:
        raise ValueError(f"is no address that a browser can open; {_EXAMPLE}") from None
    if url.username or url.password:
        raise ValueError("names a user; give the plain address")
    _must_be_public(url.host or "")
    must_point_to_no_person(str(url))
    return str(url)


def _must_be_public(host: str) -> None:
    """Raises ValueError for a host that only some can reach: a machine's own, one of a local network."""
    if _NUMERIC.match(host):
        if not is_public(host.strip("[]")):
            raise ValueError(f"leads into a local network, where no one else can open it; {_EXAMPLE}")
        return
    try:
        public_name(host.rstrip(".").replace("_", "-"))
    except ValueError:
        raise ValueError(f"has a host that is not in the public internet; {_EXAMPLE}") from None


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
    """Limits the length as a reader counts: a decomposed syllable is one character."""

    def check(text: str) -> str:
        length = len(text) if len(text) <= max_length else len(normal(text))
        if length > max_length:
            raise ValueError(f"has {length} characters; {max_length} at most")
        return text

    return AfterValidator(check)


def _public_lines(text: str) -> str:
    return public_text(text, lines=True)


_url = TypeAdapter(HttpUrl)
_EXAMPLE = "write the whole address as a browser shows it, for example https://www.hanbit.co.kr/"
_HTTP = re.compile(r"\Ahttps?:", re.IGNORECASE)
_NUMERIC = re.compile(r"\A(?:\[|[0-9.]+\Z)")
"""An address in place of a name: browsers write IPv6 in brackets, and IPv4 with dots in whatever way it was typed."""
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
PublicName = Annotated[str, _sent(200), AfterValidator(public_text), _at_most(200)]
PublicText = Annotated[str, _sent(2000), AfterValidator(_public_lines), _at_most(2000)]
PublicUrl = Annotated[str, _sent(500), AfterValidator(public_url), _at_most(500)]
PrivateText = Annotated[str, _sent(200), AfterValidator(private_text), _at_most(200)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9_-]{0,60}[a-z0-9])?$"), AfterValidator(public_text)]
