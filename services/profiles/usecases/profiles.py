"""A profile from its draft to its erasure. All raise NotFound for a profile of another owner."""

from __future__ import annotations

from schemas import profiles as contract
from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, IfMatch, NotFound
from services.chassis.mongo import Database

from .. import metrics
from ..domain.portfolio import Limits
from ..domain.profile import Profile, ProfileContent, new_draft, publish, to_event, with_content, withdraw
from ..store import PROFILES
from .access import owned_profile
from .answers import plan_forgetting
from .documents import add_profile, remove_profile


async def create_profile(uow: UnitOfWork, *, caller: Caller, content: ProfileContent, limits: Limits) -> Profile:
    """A draft of the caller's organisation. Raises InvalidState or QuotaReached if it has, or has created, too many."""
    # Derived from the command: if its batch is decided again after a conflict, it makes the same profile.
    draft = new_draft(uow.derived_id("profile"), caller.org, content, now=uow.now)
    return await add_profile(uow, draft, limits)


async def replace_profile(
    uow: UnitOfWork, *, caller: Caller, profile_id: str, content: ProfileContent, if_match: IfMatch
) -> Profile:
    """Replaces the content; equal content writes nothing. Raises PreconditionMissing, StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision)
    _must_not_cross_an_erasure(uow, profile)
    changed = with_content(profile, content, now=uow.now)
    return uow.put(PROFILES, changed, to_event(changed, contract.ProfileUpdated))


async def publish_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> Profile:
    """Makes it public; a repetition writes nothing. Raises StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    _must_not_cross_an_erasure(uow, profile)
    published = publish(profile)
    if not profile.is_public:
        uow.count(metrics.published.labels(profile.organisation.country).inc)
    return uow.put(PROFILES, published, to_event(published, contract.ProfilePublished))


async def withdraw_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> Profile:
    """Takes it out of sight; a repetition writes nothing. Raises StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    _must_not_cross_an_erasure(uow, profile)
    withdrawn = withdraw(profile)
    return uow.put(PROFILES, withdrawn, to_event(withdrawn, contract.ProfileWithdrawn))


def _must_not_cross_an_erasure(uow: UnitOfWork, profile: Profile) -> None:
    """A command that changes nothing still stores its answer, with the profile in it: after an erasure at the same
    moment nothing would remove that one."""
    uow.expect(PROFILES, profile.id)


async def erase_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> None:
    """Erases the profile, its members, and the stored answers about them. Raises StaleRevision."""
    profile = await owned_profile(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    members = await remove_profile(uow, profile)
    # In a job: stored answers are found by their subject, and a decision can only read documents by id.
    plan_forgetting(uow, profile.owner, profile_id, *members)


async def read_profile(database: Database, *, caller: Caller, profile_id: str) -> Profile:
    """A public profile, or one that the caller may read in every state. Raises NotFound."""
    profile = await database.one(PROFILES, profile_id)
    if profile is None or not (profile.is_public or caller.may_read(profile.owner)):
        raise NotFound("There is no such profile, or it is not public.")
    return profile
