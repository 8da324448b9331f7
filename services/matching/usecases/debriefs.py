"""What one side writes down after a meeting; no one else reads it."""

from __future__ import annotations

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, Doc, IfMatch
from services.chassis.mongo import Database

from .. import after_store, store
from ..domain.after.debrief import Debrief, debrief_id, must_have_begun
from ..domain.meeting import Meeting
from ..store import DEBRIEFS, PROFILES
from .access import meeting_of, not_there


async def write_debrief(
    uow: UnitOfWork, *, caller: Caller, meeting_id: str, written: Doc, if_match: IfMatch
) -> Debrief:
    """Replaces the debrief of the caller's side. Raises NotFound, InvalidState, StaleRevision."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    uow.expect(PROFILES, side)  # an erasure at the same moment would leave it behind
    before = await uow.get_or(DEBRIEFS, _blank(meeting, side))
    if_match.must_match(before.revision, required=before.revision > 0)
    must_have_begun(meeting, uow.now)
    return uow.put(DEBRIEFS, Debrief.model_validate(before.model_dump() | written))


async def debrief_read(database: Database, caller: Caller, meeting_id: str) -> Debrief:
    """The debrief of the caller's side; a blank one before it is written. Raises NotFound, also for organisers."""
    meeting = await database.one(store.MEETINGS, meeting_id)
    rows = await store.rows(database, meeting.parties) if meeting else {}
    side = next((row.id for row in rows.values() if caller.owns(row.owner)), None)
    if meeting is None or side is None:
        raise not_there("meeting")
    return await database.one(DEBRIEFS, debrief_id(meeting_id, side)) or _blank(meeting, side)


async def debriefs_read(
    database: Database, caller: Caller, profile_id: str, *, after: str | None, limit: int
) -> list[Debrief]:
    """The debriefs of the caller's profile that have follow-ups to do, by id. Raises NotFound, also for organisers."""
    row = await database.one(PROFILES, profile_id)
    if row is None or not caller.owns(row.owner):
        raise not_there("profile")
    return await after_store.to_follow_up(database, profile_id, after=after, limit=limit)


def _blank(meeting: Meeting, side: str) -> Debrief:
    return Debrief(id=debrief_id(meeting.id, side), meeting_id=meeting.id, profile_id=side)
