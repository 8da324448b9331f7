"""Topic `profiles`: each event has the whole public state of an organisation's profile.

Drafts are private. So events of a draft or withdrawn profile have only profile_id, owner, type, country and state."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import COUNTRIES, ORGANISATION_TYPES, BusinessId, Certification, Entry, Lang, Part, ProfileId, known
from .envelope import Event, Tombstone


class Names(Part):
    """The name of an organisation in each language. No name is translated or derived from another one."""

    ko: str | None = None
    zh: str | None = None
    en: str | None = None


class ProfileState(Event):
    """The public state of a profile, which every event of the topic has, except the erasure."""

    topic: ClassVar[str] = "profiles"

    profile_id: ProfileId
    owner: Annotated[str, Field(description="Pseudonym of the organisation whose members act for the profile.")]
    type: Annotated[
        str,
        known(*ORGANISATION_TYPES),
        Field(description="company, agency, association, zone, investor, university or institute."),
    ]
    country: Annotated[str, known(*COUNTRIES), Field(description="KR or CN.")]
    state: Annotated[str, known("draft", "published", "withdrawn"), Field(description="draft, published or withdrawn.")]
    names: Names | None = None
    legal_name: str | None = None
    group: Annotated[str | None, Field(description="Organisations of one group are not proposed to each other.")] = None
    business_id: BusinessId | None = None
    website: str | None = None
    certifications: list[Certification] | None = None
    languages: list[Lang] | None = None
    offers: list[Entry] | None = None
    needs: list[Entry] | None = None


class ProfileCreated(ProfileState):
    """A profile was created, as a draft."""

    event_type: ClassVar[str] = "magpie.profile.created"


class ProfilePublished(ProfileState):
    """The profile is now public and takes part in matching."""

    event_type: ClassVar[str] = "magpie.profile.published"


class ProfileUpdated(ProfileState):
    """The profile has new content; `state` says whether it is public."""

    event_type: ClassVar[str] = "magpie.profile.updated"


class ProfileWithdrawn(ProfileState):
    """The profile is no longer public: readers delete its content."""

    event_type: ClassVar[str] = "magpie.profile.withdrawn"


class ProfileErased(Tombstone):
    """The profile is deleted permanently: readers delete everything that they stored of it."""

    event_type: ClassVar[str] = "magpie.profile.erased"
    topic: ClassVar[str] = "profiles"


STATES: tuple[type[ProfileState], ...] = (ProfileCreated, ProfilePublished, ProfileUpdated, ProfileWithdrawn)
"""All events of the topic that have a body. After `ProfileErased` the key holds nothing."""
