"""A person's own record at a profile of its organisation. Only the person reads and writes it: all others get
NotFound. It is erased by the person, by its organisation, or by an operator."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, IfMatch
from services.chassis.mongo import Database

from ..domain.members import Member, MemberRecord, member_key
from ..store import MEMBERS, PROFILES
from .access import erasable_profile, must_be_self, no_such_member, owned_profile
from .answers import plan_forgetting
from .documents import put_member, remove_member


@dataclass(frozen=True)
class MemberResult:
    """A member as it is stored now, and whether the command has created it."""

    member: Member
    is_new: bool


async def save_member(
    uow: UnitOfWork, *, caller: Caller, profile_id: str, member_id: str, record: MemberRecord, if_match: IfMatch
) -> MemberResult:
    """Creates or replaces the caller's record. Raises StaleRevision; InvalidState if the profile has too many
    members."""
    await owned_profile(uow, caller, profile_id)
    must_be_self(caller, member_id)
    key = member_key(profile_id, member_id)
    before = await uow.get(MEMBERS, key)
    if before is None:
        member = Member(id=key, profile_id=profile_id, member_id=member_id, record=record)
    else:
        if_match.must_match(before.revision, required=False)
        member = before.model_copy(update={"record": record})
    return MemberResult(await put_member(uow, member), is_new=before is None)


async def forget_member(uow: UnitOfWork, *, caller: Caller, profile_id: str, member_id: str) -> None:
    """Erases a record and the stored answers about it. Without one it does nothing: it may be a colleague's, and who
    may not read it learns nothing from the answer. Raises NotFound where `erasable_profile` does."""
    profile = await erasable_profile(uow, caller, profile_id)
    member = await uow.get(MEMBERS, member_key(profile_id, member_id))
    if member is None:
        return
    await remove_member(uow, member)
    plan_forgetting(uow, profile.owner, member.id)


async def read_member(database: Database, *, caller: Caller, profile_id: str, member_id: str) -> Member:
    """The caller's record. Raises NotFound, also if the profile no longer belongs to the caller's organisation."""
    must_be_self(caller, member_id)
    member = await database.one(MEMBERS, member_key(profile_id, member_id))
    # A member may have moved to another organisation: its token then names that one, and the record stays closed.
    profile = await database.one(PROFILES, profile_id)
    if member is None or profile is None or not caller.owns(profile.owner):
        raise no_such_member()
    return member
