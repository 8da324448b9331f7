"""What several events share: texts that carry their language, ids computed from content, the open vocabularies.

Vocabularies are open strings: a reader maps a value that it does not know to `other`."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LANGUAGES = ("ko", "zh", "en")
COUNTRIES = ("KR", "CN")
ORGANISATION_TYPES = ("company", "agency", "association", "zone", "investor", "university", "institute")
KINDS = (
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
)

Lang = Annotated[str, Field(description="Language of a text: ko, zh or en.", examples=["ko"])]
ProfileId = Annotated[str, Field(description="Id of a profile.")]
MemberId = Annotated[str, Field(description="Pseudonym of a person; never a name or an address.")]


class Part(BaseModel):
    """A part of a body: frozen; fields that a reader does not know are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Text(Part):
    """A text and the language it is written in."""

    lang: Lang
    text: str


def _short(digest: bytes, characters: int) -> str:
    return base64.b32encode(digest).decode().lower()[:characters]


def normal(text: str) -> str:
    """NFC, as texts are compared, stored and sent."""
    return unicodedata.normalize("NFC", text)


def text_id(text: Text) -> str:
    """A text is identified by its content: `lower(base32(sha256(lang + newline + NFC text)))[:26]`."""
    return _short(hashlib.sha256(f"{text.lang}\n{normal(text.text)}".encode()).digest(), 26)


def entry_id(profile_id: str, side: str, kind: str, text: str) -> str:
    """Id of an offer or a need: `lower(base32(sha256(profile_id, side, kind, text_id)))[:13]`, joined by newlines;
    stable over edits of others. `side` is `offer` or `need`, `text` a text_id."""
    return _short(hashlib.sha256("\n".join((profile_id, side, kind, text)).encode()).digest(), 13)


class Entry(Part):
    """An offer or a need; the side it stands on gives the direction."""

    id: Annotated[str, Field(description="Computed: see entry_id.")]
    kind: Annotated[str, Field(description="One of the kinds: technology, product, research, ...")]
    text: Text
    topics: Annotated[list[str], Field(description="Open slugs; unknown ones are kept and score nothing.")] = []
    expires_at: Annotated[str | None, Field(description="Instant, ISO 8601 UTC.")] = None
    export_controlled: bool | None = None


class BusinessId(Part):
    """That an identifier was given and what was checked; the value stays with profiles."""

    scheme: Annotated[str, Field(description="kr-brn, kr-crn or cn-uscc.")]
    verdict: Annotated[str, Field(description="format_ok, checksum_ok, checksum_exception.")]


class Certification(Part):
    scheme: str
    tier: str | None = None
    authority: str | None = None
    region: str | None = None
    issued: Annotated[str | None, Field(description="Date, ISO 8601.")] = None
    valid_until: Annotated[str | None, Field(description="Date, ISO 8601.")] = None
    evidence_url: str | None = None
