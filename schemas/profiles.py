"""Topic `profiles`: the whole public state of an organisation's profile in each event. A draft is private: an event of
a draft or withdrawn profile is bare (profile_id, owner, type, country, state)."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import BusinessId, Certification, Entry, Lang, Part, ProfileId
from .envelope import Event, Tombstone


class Names(Part):
    """What an organisation is called in each language; none is derived from another."""

    ko: str | None = None
    zh: str | None = None
    en: str | None = None


class ProfileState(Event):
    topic: ClassVar[str] = "profiles"

    profile_id: ProfileId
    owner: Annotated[str, Field(description="Pseudonym of the organisation whose members act for the profile.")]
    type: Annotated[str, Field(description="company, agency, association, zone, investor, university, institute.")]
    country: Annotated[str, Field(description="KR or CN.")]
    state: Annotated[str, Field(description="draft, published or withdrawn.")]
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
    """A profile exists, as a draft."""

    event_type: ClassVar[str] = "magpie.profile.created"


class ProfilePublished(ProfileState):
    """From here on the profile is public, and matched."""

    event_type: ClassVar[str] = "magpie.profile.published"


class ProfileUpdated(ProfileState):
    """The profile was replaced; `state` says whether it is public."""

    event_type: ClassVar[str] = "magpie.profile.updated"


class ProfileWithdrawn(ProfileState):
    """The profile is no longer public: forget what it said."""

    event_type: ClassVar[str] = "magpie.profile.withdrawn"


class ProfileErased(Tombstone):
    """The profile is gone for good: forget all of it."""

    event_type: ClassVar[str] = "magpie.profile.erased"
    topic: ClassVar[str] = "profiles"
