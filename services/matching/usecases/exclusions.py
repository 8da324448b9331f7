"""Whom a profile must never be matched with; private to its owner."""

from __future__ import annotations

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, NotFound
from services.chassis.mongo import Database

from ..domain.match import Desk, Exclusions
from ..job_kinds import PROPOSE, ProfileJob
from ..store import DESKS, PROFILES
from .access import NO_PROFILE, RETRY_AFTER_SECONDS


async def set_exclusions(uow: UnitOfWork, *, caller: Caller, profile_id: str, excluded: Exclusions) -> Desk:
    """Replaces the exclusions. Open proposals that they concern are withdrawn soon after by a job, unless one side has
    answered them. Raises NotFound."""
    row = await uow.get(PROFILES, profile_id)
    if row is None or row.state == "erased":
        raise NotFound(NO_PROFILE, retry_after=RETRY_AFTER_SECONDS)
    if not caller.owns(row.owner):
        raise NotFound(NO_PROFILE)
    uow.expect(PROFILES, profile_id)  # an erasure at the same moment would leave the exclusions behind
    before = await uow.get_or(DESKS, Desk(id=profile_id))
    if before.excluded == excluded:
        return before
    desk = uow.put(DESKS, before.model_copy(update={"excluded": excluded}))
    payload = ProfileJob(profile_id=row.id, sequence=row.sequence)
    uow.enqueue(PROPOSE, payload, cause=uow.derived_id(PROPOSE.name))
    return desk


async def exclusions_of(database: Database, caller: Caller, profile_id: str) -> Exclusions:
    """The exclusions; only the owner may read them. Raises NotFound."""
    row = await database.one(PROFILES, profile_id)
    if row is None or not caller.owns(row.owner):
        raise NotFound(NO_PROFILE)
    desk = await database.one(DESKS, profile_id)
    return desk.excluded if desk else Exclusions()
