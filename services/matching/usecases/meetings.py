"""Request, confirm, move, cancel and lapse meetings (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, IfMatch

from ..domain import meeting as meetings
from ..domain.meeting import Diary, Meeting, MeetingChange
from ..job_kinds import MeetingJob
from ..store import DIARIES, MATCHES, MEETINGS
from .access import match_of, meeting_of, must_be_public
from .save_meeting import save_meeting


@dataclass(frozen=True)
class RequestResult:
    """The meeting that is requested, and whether this call has requested it."""

    meeting: Meeting
    is_new: bool


async def request_meeting(
    uow: UnitOfWork, *, caller: Caller, match_id: str, start: dt.datetime, venue: Venue
) -> RequestResult:
    """Asks the other side for a meeting; this claims nothing. The same match and start again gives the meeting that is
    open already.

    Raises NotFound, Invalid (the start), InvalidState (not agreed, withdrawn, too many requests)."""
    match, side = await match_of(uow, caller, match_id)
    diary = await uow.get_or(DIARIES, Diary(id=match.id))
    for meeting_id, at in diary.meetings.items():
        existing = await uow.get(MEETINGS, meeting_id) if at == start else None
        if existing is not None:
            return RequestResult(existing, is_new=False)
    id = uow.derived_id("meeting", match.id, start.isoformat())
    requested = meetings.request(id, match, side=side, member_id=caller.sub, start=start, venue=venue, now=uow.now)
    await must_be_public(uow, match.parties)
    uow.expect(MATCHES, match.id)  # a match that ends at the same moment must reach this meeting
    saved = await save_meeting(uow, None, MeetingChange(requested, contract.MeetingRequested))
    return RequestResult(saved, is_new=True)


async def confirm_meeting(
    uow: UnitOfWork, *, caller: Caller, meeting_id: str, venue: Venue | None, if_match: IfMatch
) -> Meeting:
    """Books the requested time, or the requested move, for all members or for none.

    Raises NotFound, InvalidState (taken, busy, lapsed, withdrawn)."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    change = meetings.confirm(meeting, side=side, member_id=caller.sub, venue=venue, now=uow.now)
    return await _save_if_public(uow, meeting, change)


async def reschedule_meeting(
    uow: UnitOfWork, *, caller: Caller, meeting_id: str, start: dt.datetime, venue: Venue | None, if_match: IfMatch
) -> Meeting:
    """Asks to move a booked meeting; the present time stays booked until the other side confirms.

    Raises NotFound, Invalid (the start), InvalidState."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    change = meetings.ask_move(meeting, side=side, member_id=caller.sub, start=start, venue=venue, now=uow.now)
    return await _save_if_public(uow, meeting, change)


async def _save_if_public(uow: UnitOfWork, before: Meeting, change: MeetingChange) -> Meeting:
    if change.event is None:
        return change.meeting
    await must_be_public(uow, before.parties)
    return await save_meeting(uow, before, change)


async def cancel_meeting(uow: UnitOfWork, *, caller: Caller, meeting_id: str, if_match: IfMatch) -> Meeting:
    """Either side cancels; the claims are freed. Raises NotFound, InvalidState."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    change = meetings.cancel(meeting, side=side, reason="cancelled", now=uow.now)
    return await save_meeting(uow, meeting, change)


async def lapse_meeting(uow: UnitOfWork, job: Claimed[MeetingJob]) -> None:
    """A request or a move that was not answered in time ends, if it is still open."""
    meeting = await uow.get(MEETINGS, job.payload.meeting_id)
    if meeting is not None:
        await save_meeting(uow, meeting, meetings.lapse(meeting, now=uow.now))
