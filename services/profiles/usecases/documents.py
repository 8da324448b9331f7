"""Profiles and members, each written together with the document that lists them: `Portfolio` and `Roster`.

Only these functions create or delete a profile or a member, so that the lists are always complete."""

from __future__ import annotations

from schemas import profiles as contract
from services.chassis.commit import UnitOfWork

from ..domain.members import Member, Roster, member_key
from ..domain.portfolio import Limits, Portfolio
from ..domain.profile import Profile, to_event
from ..store import MEMBERS, PORTFOLIOS, PROFILES, ROSTERS


async def add_profile(uow: UnitOfWork, profile: Profile, limits: Limits) -> Profile:
    """Stores a new profile. Raises InvalidState or QuotaReached if its owner has, or has created, too many."""
    portfolio = await uow.get_or(PORTFOLIOS, Portfolio(id=profile.owner))
    uow.put(PORTFOLIOS, portfolio.with_profile(profile.id, limits=limits, today=uow.now.date()))
    return await uow.create(PROFILES, profile, to_event(profile, contract.ProfileCreated))


async def remove_profile(uow: UnitOfWork, profile: Profile) -> list[str]:
    """Deletes a profile with all its members. Returns the ids of the members' documents."""
    members = await _remove_members(uow, profile.id)
    portfolio = await uow.get_or(PORTFOLIOS, Portfolio(id=profile.owner))
    uow.put(PORTFOLIOS, portfolio.without_profile(profile.id))
    uow.delete(PROFILES, profile, contract.ProfileErased())
    return members


async def put_member(uow: UnitOfWork, member: Member) -> Member:
    """Stores a new or changed record. Raises InvalidState if the profile has too many members."""
    # An erasure of the profile at the same time would not know of a new record, and would leave it behind. A record
    # that does not change needs the check too: the answer stored for its Idempotency-Key has personal data.
    uow.expect(PROFILES, member.profile_id)
    roster = await uow.get_or(ROSTERS, Roster(id=member.profile_id))
    if member.member_id not in roster.member_ids:
        uow.put(ROSTERS, roster.with_member(member.member_id))
    return uow.put(MEMBERS, member)


async def remove_member(uow: UnitOfWork, member: Member) -> None:
    """Deletes a member's record."""
    roster = await uow.get_or(ROSTERS, Roster(id=member.profile_id))
    uow.put(ROSTERS, roster.without_member(member.member_id))
    uow.delete(MEMBERS, member)


async def _remove_members(uow: UnitOfWork, profile_id: str) -> list[str]:
    roster = await uow.get(ROSTERS, profile_id)
    if roster is None:
        return []
    keys = [member_key(profile_id, member_id) for member_id in roster.member_ids]
    for key in keys:
        member = await uow.get(MEMBERS, key)
        if member is not None:
            uow.delete(MEMBERS, member)
    uow.delete(ROSTERS, roster)
    return keys
