"""A profile in a list: who it is, and the beginnings of what it offers and needs. The whole is read by its id."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from pydantic import BaseModel, ConfigDict

from schemas.common import Entry, Text, normal
from schemas.profiles import Names
from services.chassis.model import Document

from .expiry import is_over
from .profile import Profile

MAX_ENTRIES, MAX_CHARACTERS = 3, 120
_JOINER = "\u200d"
_CONTINUES = re.compile("[\u1160-\u11ff\ud7b0-\ud7ff\u200d\uff9e\uff9f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Later jamo of a syllable, and what changes the emoji before it."""
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
"""Two of them are a flag."""


class EntrySummary(BaseModel):
    """The beginning of an offer or a need."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    kind: str
    text: Text
    topics: list[str]
    expires_at: str | None = None
    expired: bool = False


class OrganisationSummary(BaseModel):
    """Who the profile is about."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    type: str
    country: str
    names: Names
    legal_name: str


class ProfileSummary(BaseModel):
    """A profile in a list. `offer_count` and `need_count` say how many entries it has in all."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    profile_id: str
    owner: str
    state: str
    revision: int
    organisation: OrganisationSummary
    languages: list[str]
    offers: list[EntrySummary]
    needs: list[EntrySummary]
    offer_count: int
    need_count: int


class ListedProfile(Document):
    """What the store reads of a profile for a list: beginnings, as a whole profile may have 222 KiB."""

    owner: str
    state: str
    organisation: OrganisationSummary
    languages: list[str]
    offers: list[EntrySummary]
    needs: list[EntrySummary]
    offer_count: int
    need_count: int


def summarise(profile: Profile | ListedProfile, *, now: dt.datetime) -> ProfileSummary:
    """The summary of a profile, which says what of it is over."""
    organisation = profile.organisation
    return ProfileSummary(
        profile_id=profile.id,
        owner=profile.owner,
        state=profile.state,
        revision=profile.revision,
        organisation=OrganisationSummary(
            type=organisation.type,
            country=organisation.country,
            names=organisation.names,
            legal_name=organisation.legal_name,
        ),
        languages=profile.languages,
        offers=[_shown(entry, now) for entry in profile.offers[:MAX_ENTRIES]],
        needs=[_shown(entry, now) for entry in profile.needs[:MAX_ENTRIES]],
        offer_count=profile.offer_count,
        need_count=profile.need_count,
    )


def _shown(entry: Entry | EntrySummary, now: dt.datetime) -> EntrySummary:
    return _beginning(entry).model_copy(update={"expires_at": entry.expires_at, "expired": is_over(entry, now)})


def _beginning(entry: Entry | EntrySummary) -> EntrySummary:
    text = entry.text.text
    short = text if len(text) <= MAX_CHARACTERS else _cut(text[: MAX_CHARACTERS + 1])
    return EntrySummary(
        id=entry.id, kind=entry.kind, text=Text(lang=entry.text.lang, text=short), topics=list(entry.topics)
    )


def _cut(text: str) -> str:
    """The text without its end, and never with half a letter: decomposed Hangul, letters with marks, flags and joined
    emoji stay whole. The store reads no more than one character beyond the limit, so no more is looked at."""
    ends = (end for end in range(MAX_CHARACTERS - 1, 0, -1) if not _goes_on(text, end))
    return normal(text[: next(ends, MAX_CHARACTERS - 1)]) + "…"


def _goes_on(text: str, at: int) -> bool:
    """Whether the letter before this place continues here."""
    if _CONTINUES.match(text[at]) or unicodedata.category(text[at])[0] == "M" or text[at - 1] == _JOINER:
        return True
    before = text[:at]
    flags = len(before) - len(before.rstrip(_FLAG_LETTERS))
    return flags % 2 == 1 and text[at] in _FLAG_LETTERS
