"""Parts that several events share: texts with their language, ids that are computed from content, vocabularies.

Vocabularies are open: a later version may add values. A reader treats a value that it does not know as `other`."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import unicodedata
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict, JsonValue
from pydantic.fields import FieldInfo

LANGUAGES = ("ko", "zh", "en")
COUNTRIES = ("KR", "CN")
OrganisationType = Literal["company", "agency", "association", "zone", "investor", "university", "institute"]
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
ORGANISATION_TYPES: tuple[str, ...] = get_args(OrganisationType)
KINDS: tuple[str, ...] = get_args(Kind)

ANY_OTHER: JsonDict = {"type": "string"}
"""The alternative of a vocabulary that takes values which this release does not know."""

MAX_COUNT = 2**31
"""No revision or sequence of an honest writer comes near it; a store's numbers end at 2^63."""


def known(*values: str, form: str = "") -> FieldInfo:
    """The values of a vocabulary, for the type of a field; `form` is the pattern of further ones. The last alternative
    is open, because a later release adds values; the writer's schema is without it."""
    listed: list[JsonValue] = [{"type": "string", "enum": list(values)}]
    formed: list[JsonValue] = [{"type": "string", "pattern": form}] if form else []

    def alternatives(schema: JsonDict) -> None:
        schema.pop("type", None)
        schema["anyOf"] = [*listed, *formed, dict(ANY_OTHER)]

    found: FieldInfo = Field(json_schema_extra=alternatives)
    return found


def _must_be_an_instant(text: str) -> str:
    """So that a reader who calculates with it never meets one that is none. Raises ValueError."""
    if dt.datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("an instant without a zone is no instant: write it in UTC")
    return text


def _must_be_storable(count: int) -> int:
    if not 0 <= count <= MAX_COUNT:
        raise ValueError(f"counts are from 0 to {MAX_COUNT}")
    return count


Instant = Annotated[str, AfterValidator(_must_be_an_instant), Field(description="Instant, ISO 8601 UTC.")]
Count = Annotated[int, AfterValidator(_must_be_storable)]
"""A revision or another number that only grows."""
Lang = Annotated[str, known(*LANGUAGES), Field(description="Language of a text: ko, zh or en.", examples=["ko"])]
ProfileId = Annotated[str, Field(description="Id of a profile.")]
MemberId = Annotated[str, Field(description="Pseudonym of a person; never a name or an address.")]


class Part(BaseModel):
    """Base of all parts of an event's body. Immutable; a reader ignores fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Text(Part):
    """A text and the language in which it is written."""

    lang: Lang
    text: str


def _short(digest: bytes, characters: int) -> str:
    """Base32 in lower case: it can stand in URLs, topics' keys and file names, and is read aloud without case."""
    return base64.b32encode(digest).decode().lower()[:characters]


def normal(text: str) -> str:
    """The text in Unicode form NFC, in which texts are compared, stored and sent.

    Korean syllables have two encodings that look the same; without one form they would get different ids."""
    return unicodedata.normalize("NFC", text)


def text_id(text: Text) -> str:
    """The id of a text, computed from its content: `lower(base32(sha256(lang + newline + NFC text)))[:26]`.

    The same text in the same language has the same id in every profile."""
    return _short(hashlib.sha256(f"{text.lang}\n{normal(text.text)}".encode()).digest(), 26)


def entry_id(profile_id: str, side: str, kind: str, text: str) -> str:
    """The id of an offer or need: `lower(base32(sha256(profile_id, side, kind, text)))[:13]`, joined by newlines.

    `side` is `offer` or `need`; `text` is a text_id. Edits of other entries of the profile do not change it."""
    return _short(hashlib.sha256("\n".join((profile_id, side, kind, text)).encode()).digest(), 13)


class Entry(Part):
    """An offer or a need. Which of the two it is follows from the list that contains it."""

    id: Annotated[str, Field(description="Computed from the content of the entry: see common.entry_id.")]
    kind: Annotated[str, known(*KINDS), Field(description="Kind of the entry: technology, product, research, ...")]
    text: Text
    topics: Annotated[list[str], Field(description="Open slugs; an unknown one is stored and scores nothing.")] = []
    expires_at: Annotated[Instant | None, Field(description="Instant, ISO 8601 UTC.")] = None
    export_controlled: bool | None = None


class BusinessId(Part):
    """A business registration number was given, and how far it was checked. The number itself is never published."""

    scheme: Annotated[
        str,
        known("kr-brn", "kr-crn", "cn-uscc"),
        Field(description="Type of the number: kr-brn, kr-crn or cn-uscc."),
    ]
    verdict: Annotated[
        str,
        known("format_ok", "checksum_ok", "checksum_exception"),
        Field(description="Result of the check: format_ok, checksum_ok or checksum_exception."),
    ]


class Certification(Part):
    """A certificate or programme that an organisation states for itself; the platform does not verify it."""

    scheme: str
    tier: str | None = None
    authority: str | None = None
    region: str | None = None
    issued: Annotated[str | None, Field(description="Date, ISO 8601.")] = None
    valid_until: Annotated[str | None, Field(description="Date, ISO 8601.")] = None
    evidence_url: str | None = None
