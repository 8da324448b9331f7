"""A match ends, or a profile does: everything that depends on it ends in the same transaction."""

from __future__ import annotations

import datetime as dt

from services.chassis.commit import UnitOfWork

from ..domain import match as matches
from ..domain import meeting as meetings
from ..domain.desk import Exclusions
from ..domain.match import REST, Match, MatchChange
from ..store import DESKS, DIARIES, INDEXED, MATCHES, MEETINGS
from .registrations import end_registration
from .save_match import save_match
from .save_meeting import save_meeting


async def end_profile(uow: UnitOfWork, profile_id: str, *, reason: str) -> None:
    """Withdraws the open and agreed matches of a profile that is no longer public, cancels its meetings, ends its
    registrations at forums, and removes its vectors. `reason` is `profile_withdrawn` or `profile_erased`; an erasure
    removes its exclusions too."""
    indexed = await uow.get(INDEXED, profile_id)
    if indexed is not None:
        # Each replica sees the gravestone in the change stream and drops the vectors from its memory.
        uow.delete(INDEXED, indexed)
    desk = await uow.get(DESKS, profile_id)
    if desk is None:
        return
    # A withdrawn profile may be published again, and its owner still means the exclusions.
    kept = {} if reason == "profile_withdrawn" else {"excluded": Exclusions()}
    for forum_id in desk.forums:
        await end_registration(uow, forum_id, profile_id)
    desk = uow.put(DESKS, desk.model_copy(update={**kept, "forums": []}))
    await uow.load([MATCHES.ref(id) for id in desk.matches])
    for match_id in sorted(desk.matches):
        match = await uow.get(MATCHES, match_id)
        if match is not None:
            # Who takes back an own ask rests like who declines one, or could ask again each time.
            rest_until = uow.now + REST if match.asker == profile_id else None
            await end_match(uow, matches.withdraw(match, reason=reason), meetings_end=reason, rest_until=rest_until)


async def end_match(
    uow: UnitOfWork, change: MatchChange, *, meetings_end: str, rest_until: dt.datetime | None = None
) -> Match:
    """Saves a match that has ended and cancels its meetings with the reason `meetings_end`. Its organisations are free
    again, or rest: until `rest_until`, and for six months after a meeting that was held."""
    if change.event is None:
        return change.match
    last_met = await _end_meetings(uow, change.match, reason=meetings_end)
    if last_met is not None:
        rest_until = max(last_met + REST, rest_until or last_met)
    return await save_match(uow, change, rest_until=rest_until)


async def _end_meetings(uow: UnitOfWork, match: Match, *, reason: str) -> dt.datetime | None:
    """Cancels the meetings that have not been held. Returns the end of the latest that was, or None."""
    diary = await uow.get(DIARIES, match.id)
    last_met = max(diary.held.values(), default=None) if diary else None
    for meeting_id in sorted(diary.meetings) if diary else ():
        meeting = await uow.get(MEETINGS, meeting_id)
        if meeting is not None and meeting.has_been_held(uow.now):
            last_met = max(meeting.end, last_met or meeting.end)
        elif meeting is not None and meeting.is_open:
            await save_meeting(uow, meeting, meetings.cancel(meeting, side=None, reason=reason, now=uow.now))
    return last_met
