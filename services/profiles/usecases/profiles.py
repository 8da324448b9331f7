"""A profile from its draft to its erasure. All raise NotFound for a profile of another owner."""

from __future__ import annotations

from schemas import profiles as contract
from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, IfMatch, NotFound
from services.chassis.mongo import Database

from ..domain.profile import Profile, ProfileContent, new_draft, publish, to_event, with_content, withdraw
from ..store import PROFILES
from .access import owned_profile
from .answers import plan_forgetting
from .documents import add_profile, remove_profile


async def create_profile(uow: UnitOfWork, *, caller: Caller, content: ProfileContent, max_profiles: int) -> Profile:
    """A draft of the caller's organisation. Raises InvalidState if the organisation has `max_profiles` already."""
    draft = new_draft(uow.derived_id("profile"), caller.org, content, now=uow.now)
    return await add_profile(uow, draft, max_profiles=max_profiles)


async def replace_profile(
    uow: UnitOfWork, *, caller: Caller, profile_id: str, content: ProfileContent, if_match: IfMatch
) -> Profile:
    """Replaces the content; equal content writes nothing. Raises PreconditionMissing, StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision)
    changed = with_content(profile, content, now=uow.now)
    return uow.put(PROFILES, changed, to_event(changed, contract.ProfileUpdated))


async def publish_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> Profile:
    """Makes it public; a repetition writes nothing. Raises StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    published = publish(profile)
    return uow.put(PROFILES, published, to_event(published, contract.ProfilePublished))


async def withdraw_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> Profile:
    """Takes it out of sight; a repetition writes nothing. Raises StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    withdrawn = withdraw(profile)
    return uow.put(PROFILES, withdrawn, to_event(withdrawn, contract.ProfileWithdrawn))


async def erase_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> None:
    """Erases the profile, its members, and the stored answers about them. Raises StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    members = await remove_profile(uow, profile)
    plan_forgetting(uow, profile_id, *members)


async def read_profile(database: Database, *, caller: Caller, profile_id: str) -> Profile:
    """A public profile, or one that the caller may read in every state. Raises NotFound."""
    profile = await database.one(PROFILES, profile_id)
    if profile is None or not (profile.is_public or caller.may_read(profile.owner)):
        raise NotFound("There is no such profile, or it is not public.")
    return profile
