"""Whom a profile must never be matched with; private to its owner."""

from __future__ import annotations

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller
from services.chassis.mongo import Database

from ..domain.desk import Desk, Exclusions
from ..job_kinds import PROPOSE, ProfileJob
from ..store import DESKS, PROFILES
from .access import not_there, owned_row


async def set_exclusions(uow: UnitOfWork, *, caller: Caller, profile_id: str, excluded: Exclusions) -> Desk:
    """Replaces the exclusions. Open proposals that they concern are withdrawn soon after by a job, unless one side has
    answered them. Raises NotFound."""
    row = await owned_row(uow, caller, profile_id)
    uow.expect(PROFILES, profile_id)  # an erasure at the same moment would leave the exclusions behind
    before = await uow.get_or(DESKS, Desk(id=profile_id))
    if before.excluded == excluded:
        return before
    desk = uow.put(DESKS, before.model_copy(update={"excluded": excluded}))
    payload = ProfileJob(profile_id=row.id, sequence=row.sequence)
    # The cause is this command: the revision of the profile has had its job, and each change needs one of its own.
    uow.enqueue(PROPOSE, payload, cause=uow.derived_id(PROPOSE.name), owner=row.owner)
    return desk


async def exclusions_of(database: Database, caller: Caller, profile_id: str) -> Exclusions:
    """The exclusions; only the owner may read them. Raises NotFound."""
    row = await database.one(PROFILES, profile_id)
    if row is None or not caller.owns(row.owner):
        raise not_there("profile", profile_id=profile_id)
    desk = await database.one(DESKS, profile_id)
    return desk.excluded if desk else Exclusions()
