"""Who may act on a profile or on a member's record. Strangers get NotFound, as for an id that does not exist."""

from __future__ import annotations

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, NotFound

from ..domain.profile import Profile
from ..store import PROFILES


async def owned_profile(uow: UnitOfWork, caller: Caller, profile_id: str) -> Profile:
    """The profile, if it belongs to the caller's organisation. Raises NotFound."""
    profile = await uow.get(PROFILES, profile_id)
    if profile is None or not caller.owns(profile.owner):
        raise NotFound("There is no such profile, or it is not yours.")
    return profile


async def erasable_profile(uow: UnitOfWork, caller: Caller, profile_id: str) -> Profile:
    """The profile, if the caller may erase records of its members. Raises NotFound.

    A person that has left the organisation cannot do so: its `sub` in a token of another one is another person. So any
    of its former colleagues may, and an operator where there is none of them."""
    if not caller.is_operator:
        return await owned_profile(uow, caller, profile_id)
    profile = await uow.get(PROFILES, profile_id)
    if profile is None:
        raise no_such_member()
    return profile


def must_be_self(caller: Caller, member_id: str) -> None:
    """Raises NotFound unless the caller is this member: no role may read or write another person's record."""
    if caller.sub != member_id:
        raise no_such_member()


def no_such_member() -> NotFound:
    """The refusal for a record that does not exist or is another person's."""
    return NotFound("There is no such member, or it is not you.")
