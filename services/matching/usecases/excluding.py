"""Whom a profile never wants to meet; private to its owner."""

from __future__ import annotations

from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from ..domain.match import Desk, Exclusions
from ..store import DESKS, PROFILES
from .parties import NOT_YET
from .proposing import PROPOSE

NOT_YOURS = "There is no such profile, or it is not yours."


async def set_exclusions(uow: UnitOfWork, *, caller: Caller, profile_id: str, excluded: Exclusions) -> Desk:
    """All of them. Open proposals that they concern are withdrawn soon after, unless somebody has answered. Raises
    NotFound."""
    row = await uow.get(PROFILES, profile_id)
    if row is None or row.state == "erased":
        raise NotFound(NOT_YOURS, retry_after=NOT_YET)
    if not caller.owns(row.owner):
        raise NotFound(NOT_YOURS)
    uow.expect(PROFILES, profile_id)  # an erasure that crosses this would leave them behind
    before = await uow.get(DESKS, profile_id) or Desk(id=profile_id)
    if before.excluded == excluded:
        return before
    desk = uow.put(DESKS, before.model_copy(update={"excluded": excluded}))
    payload = {"profile_id": row.id, "sequence": row.sequence}
    uow.enqueue(PROPOSE, cause=uow.derived_id(PROPOSE), payload=payload)
    return desk


async def exclusions_of(database: Database, caller: Caller, profile_id: str) -> Exclusions:
    """Nobody but the owner reads them. Raises NotFound."""
    row = await database.one(PROFILES, profile_id)
    if row is None or not caller.owns(row.owner):
        raise NotFound(NOT_YOURS)
    desk = await database.one(DESKS, profile_id)
    return desk.excluded if desk else Exclusions()
