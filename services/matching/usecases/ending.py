"""A match ends, or a profile is gone: whatever stood on it ends in the same transaction."""

from __future__ import annotations

import datetime as dt

from services.chassis.uow import UnitOfWork

from ..domain import match as matches
from ..domain import meeting as meetings
from ..domain.match import REST, Answered, Exclusions, Match, pair_id
from ..domain.meeting import Acted, Meeting
from ..store import DESKS, DIARIES, INDEXED, MATCHES, MEETINGS, PAIRS
from .calendar import free_time, no_longer_asks


async def end_everything(uow: UnitOfWork, profile_id: str, *, reason: str) -> None:
    """Withdraws the profile's open and agreed matches, cancels its meetings, forgets its vectors."""
    indexed = await uow.get(INDEXED, profile_id)
    if indexed is not None:
        uow.delete(INDEXED, indexed)
    desk = await uow.get(DESKS, profile_id)
    if desk is None:
        return
    if reason == "profile_erased":
        desk = uow.put(DESKS, desk.model_copy(update={"excluded": Exclusions()}))
    await uow.load([MATCHES.ref(id) for id in desk.matches])
    for match_id in sorted(desk.matches):
        match = await uow.get(MATCHES, match_id)
        if match is not None:
            await end_match(uow, matches.withdraw(match, reason=reason), meetings_end=reason)


async def end_match(
    uow: UnitOfWork, answered: Answered, *, meetings_end: str, rest_until: dt.datetime | None = None
) -> Match:
    """Saves a match that has ended: its pair is free (or rests), both desks are lighter, its meetings are cancelled."""
    if answered.event is None:
        return answered.match
    match = answered.match
    saved = uow.put(MATCHES, match, matches.told(match, answered.event))
    last_met = await _end_meetings(uow, match, reason=meetings_end)
    if last_met is not None:
        rest_until = max(last_met + REST, rest_until or last_met)
    pair = await uow.get(PAIRS, pair_id(*match.parties))
    if pair is not None and pair.match_id == match.id:
        uow.put(PAIRS, pair.model_copy(update={"match_id": None, "rest_until": rest_until or pair.rest_until}))
    for party in match.parties:
        desk = await uow.get(DESKS, party)
        if desk is not None:
            uow.put(DESKS, desk.without(match.id))
    return saved


async def _end_meetings(uow: UnitOfWork, match: Match, *, reason: str) -> dt.datetime | None:
    """Cancels those that have not taken place yet; the end of the latest that has."""
    diary = await uow.get(DIARIES, match.id)
    last_met = None
    for meeting_id in sorted(diary.meetings) if diary else ():
        meeting = await uow.get(MEETINGS, meeting_id)
        if meeting is not None and meeting.has_been_held(uow.now):
            last_met = max(meeting.end, last_met or meeting.end)
        elif meeting is not None and meeting.is_open:
            await end_meeting(uow, meeting, meetings.cancel(meeting, side=None, reason=reason, now=uow.now))
    return last_met


async def end_meeting(uow: UnitOfWork, before: Meeting, acted: Acted) -> Meeting:
    """Saves a meeting that has ended: its claims are free, its diary and its asker's agenda lighter."""
    if acted.event is None:
        return acted.meeting
    if before.state == "booked":
        await free_time(uow, before)
    diary = await uow.get(DIARIES, before.match_id)
    if diary is not None:
        uow.put(DIARIES, diary.without(before.id))
    await no_longer_asks(uow, before.asked_by_member, before.id)
    if before.move is not None:
        await no_longer_asks(uow, before.move.asked_by_member, before.id)
    return uow.put(MEETINGS, acted.meeting, meetings.told(acted.meeting, acted.event))
