"""Request, confirm, move, cancel, lapse."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from ..domain import meeting as meetings
from ..domain.meeting import Acted, Diary, Meeting
from ..store import DIARIES, MATCHES, MEETINGS
from .calendar import RECHECK, asks, free_claims, no_longer_asks, take_time
from .ending import end_meeting
from .parties import match_of, meeting_of, must_be_public

LAPSE = "lapse"
RECHECKED_BEFORE = dt.timedelta(days=2)


@dataclass(frozen=True)
class Requested:
    meeting: Meeting
    is_new: bool


async def request_meeting(
    uow: UnitOfWork, *, caller: Caller, match_id: str, start: dt.datetime, venue: Venue
) -> Requested:
    """Holds nothing yet. The same match and start again is the meeting that is asked for already. Raises NotFound,
    Invalid (the time), Contrary (not agreed, withdrawn, too many requests)."""
    match, side = await match_of(uow, caller, match_id)
    diary = await uow.get(DIARIES, match.id) or Diary(id=match.id)
    for meeting_id, at in diary.meetings.items():
        existing = await uow.get(MEETINGS, meeting_id) if at == start else None
        if existing is not None:
            return Requested(existing, is_new=False)
    id = uow.derived_id("meeting", match.id, start.isoformat())
    asked = meetings.request(id, match, side=side, member_id=caller.sub, start=start, venue=venue, now=uow.now)
    await must_be_public(uow, match.parties)
    uow.expect(MATCHES, match.id)
    await uow.get(MEETINGS, id)
    await asks(uow, caller.sub, id)
    uow.put(DIARIES, diary.with_meeting(asked))
    saved = uow.put(MEETINGS, asked, meetings.told(asked, contract.MeetingRequested))
    _plan_lapse(uow, saved)
    return Requested(saved, is_new=True)


def _plan_lapse(uow: UnitOfWork, meeting: Meeting) -> None:
    lapses_at = meeting.move.lapses_at if meeting.move else meeting.lapses_at
    payload = {"meeting_id": meeting.id}
    uow.enqueue(LAPSE, cause=f"{meeting.id}:{meeting.revision}", payload=payload, run_at=lapses_at)


async def confirm_meeting(
    uow: UnitOfWork, *, caller: Caller, meeting_id: str, venue: Venue | None, if_match: IfMatch
) -> Meeting:
    """Claims all time of all members, or nothing. Raises NotFound, Contrary (taken, busy, lapsed, withdrawn)."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    acted = meetings.confirm(meeting, side=side, member_id=caller.sub, venue=venue, now=uow.now)
    if acted.event is None:
        return meeting
    await must_be_public(uow, meeting.parties)
    if acted.event in (contract.MeetingBooked, contract.MeetingRescheduled):
        return await _book(uow, meeting, acted)
    return await _ask(uow, meeting, acted, caller.sub)


async def _book(uow: UnitOfWork, before: Meeting, acted: Acted) -> Meeting:
    """The asked time is claimed, the old one freed; whoever asked no longer does."""
    await take_time(uow, acted.meeting)
    if before.state == "booked":
        await free_claims(uow, before, keep=acted.meeting.claim_ids())
    await no_longer_asks(uow, before.move.asked_by_member if before.move else before.asked_by_member, before.id)
    assert acted.event
    saved = uow.put(MEETINGS, acted.meeting, meetings.told(acted.meeting, acted.event))
    diary = await uow.get(DIARIES, saved.match_id)
    if diary is not None:
        uow.put(DIARIES, diary.with_meeting(saved))
    payload = {"meeting_id": saved.id}
    uow.enqueue(RECHECK, cause=f"{saved.id}:{saved.revision}", payload=payload, run_at=saved.start - RECHECKED_BEFORE)
    return saved


async def _ask(uow: UnitOfWork, before: Meeting, acted: Acted, member_id: str) -> Meeting:
    """A request that was turned round, or a move: the other side has to answer now."""
    asked_before = before.move.asked_by_member if before.move else before.asked_by_member
    if before.state == "requested" or before.move is not None:
        await no_longer_asks(uow, asked_before, before.id)
    await asks(uow, member_id, before.id)
    assert acted.event
    saved = uow.put(MEETINGS, acted.meeting, meetings.told(acted.meeting, acted.event))
    _plan_lapse(uow, saved)
    return saved


async def reschedule_meeting(
    uow: UnitOfWork, *, caller: Caller, meeting_id: str, start: dt.datetime, venue: Venue | None, if_match: IfMatch
) -> Meeting:
    """Asks to move a booked meeting; the old time stands until the other side confirms. Raises NotFound, Invalid,
    Contrary."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    acted = meetings.ask_move(meeting, side=side, member_id=caller.sub, start=start, venue=venue, now=uow.now)
    if acted.event is None:
        return meeting
    await must_be_public(uow, meeting.parties)
    return await _ask(uow, meeting, acted, caller.sub)


async def cancel_meeting(uow: UnitOfWork, *, caller: Caller, meeting_id: str, if_match: IfMatch) -> Meeting:
    """By either side; frees its claims. Raises NotFound, Contrary."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    return await end_meeting(uow, meeting, meetings.cancel(meeting, side=side, reason="cancelled", now=uow.now))


@dataclass(frozen=True)
class Lapsing:
    """The job `lapse`: the time has come; whether it still matters is the decision's to see."""

    async def work(self, job: Claimed) -> None:
        """Nothing to prepare."""

    async def settle(self, uow: UnitOfWork, job: Claimed, result: None) -> None:
        meeting = await uow.get(MEETINGS, job.payload["meeting_id"])
        if meeting is None:
            return
        acted = meetings.lapse(meeting, now=uow.now)
        if acted.event is contract.MeetingMoveLapsed and meeting.move is not None:
            await no_longer_asks(uow, meeting.move.asked_by_member, meeting.id)
            uow.put(MEETINGS, acted.meeting, meetings.told(acted.meeting, acted.event))
        else:
            await end_meeting(uow, meeting, acted)
