"""Who may act for which side."""

from __future__ import annotations

from services.chassis.database import Database
from services.chassis.errors import Contrary, NotFound
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from .. import store
from ..domain.candidate import ProfileRow
from ..domain.match import Match
from ..domain.meeting import Meeting
from ..store import MATCHES, MEETINGS, PROFILES

NOT_YET = 1
"""Seconds: an id that is unknown here may be on its way."""


async def match_of(uow: UnitOfWork, caller: Caller, match_id: str) -> tuple[Match, str]:
    """The match and the caller's side of it. Raises NotFound."""
    match = await uow.get(MATCHES, match_id)
    if match is None:
        raise NotFound("There is no such match, or it is not yours.", retry_after=NOT_YET)
    return match, await _side(uow, caller, match.parties, "match")


async def meeting_of(uow: UnitOfWork, caller: Caller, meeting_id: str) -> tuple[Meeting, str]:
    meeting = await uow.get(MEETINGS, meeting_id)
    if meeting is None:
        raise NotFound("There is no such meeting, or it is not yours.", retry_after=NOT_YET)
    return meeting, await _side(uow, caller, meeting.parties, "meeting")


async def _side(uow: UnitOfWork, caller: Caller, parties: list[str], what: str) -> str:
    for party in parties:
        row = await uow.get(PROFILES, party)
        if row is not None and caller.owns(row.owner):
            return party
    raise NotFound(f"There is no such {what}, or it is not yours.")


async def must_be_public(uow: UnitOfWork, parties: list[str]) -> None:
    """Both sides are public now, and still are when this commits. Raises Contrary (withdrawn)."""
    for party in parties:
        row = await uow.get(PROFILES, party)
        if row is None or not row.is_public:
            raise Contrary("withdrawn", "One side has withdrawn its profile.", extra={"profile_id": party})
        uow.expect(PROFILES, party)


async def readable_row(database: Database, caller: Caller, profile_id: str) -> ProfileRow:
    """For lists: the caller's own profile, or any for an organiser. Raises NotFound."""
    row = await database.one(store.PROFILES, profile_id)
    if row is None:
        raise NotFound("There is no such profile, or it is not yours.", retry_after=NOT_YET)
    if not caller.may_read(row.owner):
        raise NotFound("There is no such profile, or it is not yours.")
    return row
