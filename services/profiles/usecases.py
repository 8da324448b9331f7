"""Load, decide, save and emit."""

from __future__ import annotations

from dataclasses import dataclass

from schemas import profiles as contract
from services.chassis.answers import forget_answers
from services.chassis.database import Database
from services.chassis.errors import Contrary, NotFound
from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from .domain.members import MAX_MEMBERS, Member, MemberRecord, Roster, member_key
from .domain.profile import Profile, Statement, drafted, published, saying, told, withdrawn
from .domain.searching import really_holds
from .store import MEMBERS, PORTFOLIOS, PROFILES, ROSTERS, Portfolio, Sought, find_published

FORGET = "forget_answers"
MAX_LOOKS = 20
"""Reads for one page of a search whose bigrams find much that its words do not."""


async def create_profile(uow: UnitOfWork, *, caller: Caller, statement: Statement, most: int) -> Profile:
    """A draft. Raises Contrary when the owner has as many as it may."""
    portfolio = await uow.get(PORTFOLIOS, caller.org) or Portfolio(id=caller.org)
    if len(portfolio.profile_ids) >= most:
        raise Contrary("too-many-profiles", f"An organisation has at most {most} profiles; erase one first.")
    id = uow.derived_id("profile")
    await uow.get(PROFILES, id)
    draft = drafted(id, caller.org, statement, now=uow.now)
    uow.put(PORTFOLIOS, portfolio.model_copy(update={"profile_ids": [*portfolio.profile_ids, id]}))
    return uow.put(PROFILES, draft, told(draft, contract.ProfileCreated))


async def replace_profile(
    uow: UnitOfWork, *, caller: Caller, profile_id: str, statement: Statement, if_match: IfMatch
) -> Profile:
    """Raises NotFound, PreconditionMissing, Stale. What says the same changes nothing."""
    profile = await owned(uow, caller, profile_id)
    if_match.must_match(profile.revision)
    changed = saying(profile, statement, now=uow.now)
    return uow.put(PROFILES, changed, told(changed, contract.ProfileUpdated))


async def publish_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> Profile:
    """From here on it is public. The same act again changes nothing."""
    profile = await owned(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    public = published(profile)
    return uow.put(PROFILES, public, told(public, contract.ProfilePublished))


async def withdraw_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> Profile:
    """Out of sight. The same act again changes nothing."""
    profile = await owned(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    hidden = withdrawn(profile)
    return uow.put(PROFILES, hidden, told(hidden, contract.ProfileWithdrawn))


async def erase_profile(uow: UnitOfWork, *, caller: Caller, profile_id: str, if_match: IfMatch) -> None:
    """For good: the profile, its members, and the answers that were kept about it."""
    profile = await owned(uow, caller, profile_id)
    if_match.must_match(profile.revision, required=False)
    roster = await uow.get(ROSTERS, profile_id)
    members = [member_key(profile_id, id) for id in roster.member_ids] if roster else []
    for key in members:
        member = await uow.get(MEMBERS, key)
        if member:
            uow.delete(MEMBERS, member)
    if roster:
        uow.delete(ROSTERS, roster)
    portfolio = await uow.get(PORTFOLIOS, profile.owner) or Portfolio(id=profile.owner)
    left = [id for id in portfolio.profile_ids if id != profile_id]
    uow.put(PORTFOLIOS, portfolio.model_copy(update={"profile_ids": left}))
    uow.delete(PROFILES, profile, contract.ProfileErased())
    _forget(uow, profile_id, *members)


async def search(
    database: Database, sought: Sought, *, q: str | None, after: str | None, limit: int
) -> tuple[list[Profile], str | None]:
    """A full page where there is one, and after which id the next begins; None where nothing follows."""
    found: list[Profile] = []
    for _ in range(MAX_LOOKS):
        candidates = await find_published(database, sought, after=after, limit=limit)
        for profile in candidates:
            if q and not really_holds(q, profile.texts()):
                continue
            if len(found) == limit:
                return found, found[-1].id
            found.append(profile)
        if len(candidates) < limit:
            return found, None
        after = candidates[-1].id
    return found, after


async def owned(uow: UnitOfWork, caller: Caller, profile_id: str) -> Profile:
    """The caller's own profile. Raises NotFound for all others."""
    profile = await uow.get(PROFILES, profile_id)
    if profile is None or not caller.owns(profile.owner):
        raise NotFound("There is no such profile, or it is not yours.")
    return profile


# -- members


@dataclass(frozen=True)
class Kept:
    member: Member
    is_new: bool


async def keep_member(
    uow: UnitOfWork, *, caller: Caller, profile_id: str, member_id: str, record: MemberRecord, if_match: IfMatch
) -> Kept:
    """A person's own record at a profile of its organisation. Raises NotFound, Contrary (too many)."""
    await owned(uow, caller, profile_id)
    must_be_self(caller, member_id)
    uow.expect(PROFILES, profile_id)  # an erasure that crosses this would leave the record behind
    roster = await uow.get(ROSTERS, profile_id) or Roster(id=profile_id)
    before = await uow.get(MEMBERS, member_key(profile_id, member_id))
    if before is not None:
        if_match.must_match(before.revision, required=False)
        return Kept(uow.put(MEMBERS, before.model_copy(update={"record": record})), is_new=False)
    if len(roster.member_ids) >= MAX_MEMBERS:
        raise Contrary("too-many-members", f"A profile has at most {MAX_MEMBERS} members; remove one first.")
    uow.put(ROSTERS, roster.model_copy(update={"member_ids": [*roster.member_ids, member_id]}))
    member = Member(id=member_key(profile_id, member_id), profile_id=profile_id, member_id=member_id, record=record)
    return Kept(uow.put(MEMBERS, member), is_new=True)


async def forget_member(uow: UnitOfWork, *, caller: Caller, profile_id: str, member_id: str) -> None:
    await owned(uow, caller, profile_id)
    must_be_self(caller, member_id)
    member = await uow.get(MEMBERS, member_key(profile_id, member_id))
    if member is None:
        raise NotFound("There is no such member, or it is not you.")
    roster = await uow.get(ROSTERS, profile_id)
    if roster:
        left = [id for id in roster.member_ids if id != member_id]
        uow.put(ROSTERS, roster.model_copy(update={"member_ids": left}))
    uow.delete(MEMBERS, member)
    _forget(uow, member.id)


def must_be_self(caller: Caller, member_id: str) -> None:
    """A member's record belongs to its own `sub` alone, whatever the role."""
    if caller.sub != member_id:
        raise NotFound("There is no such member, or it is not you.")


# -- the job of an erasure


def _forget(uow: UnitOfWork, *subjects: str) -> None:
    uow.enqueue(FORGET, cause=uow.derived_id("forget", *subjects), payload={"subjects": list(subjects)})


async def forget_kept_answers(database: Database, job: Claimed) -> None:
    await forget_answers(database, job.payload["subjects"])


async def answers_forgotten(uow: UnitOfWork, job: Claimed, result: None) -> None:
    """The work was all there was to do."""
