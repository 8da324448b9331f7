"""A profile in a list: who it is, and the beginnings of what it offers and needs. The whole is read by its id."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from schemas.common import Entry, Text
from schemas.profiles import Names
from services.chassis.model import Document

from .profile import Profile

MAX_ENTRIES, MAX_CHARACTERS = 3, 120


class EntrySummary(BaseModel):
    """The beginning of an offer or a need."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    kind: str
    text: Text
    topics: list[str]


class OrganisationSummary(BaseModel):
    """Who the profile is about."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    type: str
    country: str
    names: Names
    legal_name: str


class ProfileSummary(BaseModel):
    """A public profile in a list. `offer_count` and `need_count` say how many entries it has in all."""

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


def summarise(profile: Profile | ListedProfile) -> ProfileSummary:
    """The summary of a profile."""
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
        offers=[_beginning(entry) for entry in profile.offers[:MAX_ENTRIES]],
        needs=[_beginning(entry) for entry in profile.needs[:MAX_ENTRIES]],
        offer_count=profile.offer_count,
        need_count=profile.need_count,
    )


def _beginning(entry: Entry | EntrySummary) -> EntrySummary:
    text = entry.text.text
    short = text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"
    return EntrySummary(
        id=entry.id, kind=entry.kind, text=Text(lang=entry.text.lang, text=short), topics=list(entry.topics)
    )
