"""Request, confirm, cancel, lapse."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.errors import Contrary
from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from ..domain import meeting as meetings
from ..domain.meeting import MAX_REQUESTS, Agenda, Claim, Diary, Meeting
from ..store import AGENDAS, CLAIMS, DIARIES, MATCHES, MEETINGS
from .ending import end_meeting, no_longer_asked
from .parties import match_of, meeting_of, must_be_public

LAPSE = "lapse"


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
    await _asks_once_more(uow, caller.sub, id)
    uow.put(DIARIES, diary.with_meeting(asked))
    saved = uow.put(MEETINGS, asked, meetings.told(asked, contract.MeetingRequested))
    _plan_lapse(uow, saved)
    return Requested(saved, is_new=True)


async def _asks_once_more(uow: UnitOfWork, member_id: str, meeting_id: str) -> None:
    agenda = await uow.get(AGENDAS, member_id) or Agenda(id=member_id)
    if len(agenda.requests) >= MAX_REQUESTS:
        detail = f"A member has at most {MAX_REQUESTS} open requests; wait for an answer, or cancel one."
        raise Contrary("too-many-requests-open", detail)
    uow.put(AGENDAS, agenda.model_copy(update={"requests": [*agenda.requests, meeting_id]}))


def _plan_lapse(uow: UnitOfWork, meeting: Meeting) -> None:
    uow.enqueue(
        LAPSE,
        cause=f"{meeting.id}:{meeting.revision}",
        payload={"meeting_id": meeting.id},
        run_at=meeting.lapses_at,
    )


async def confirm_meeting(
    uow: UnitOfWork, *, caller: Caller, meeting_id: str, venue: Venue | None, if_match: IfMatch
) -> Meeting:
    """Claims all time of all members, or nothing. Raises NotFound, Contrary (taken, lapsed, withdrawn)."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    acted = meetings.confirm(meeting, side=side, member_id=caller.sub, venue=venue, now=uow.now)
    if acted.event is None:
        return meeting
    await must_be_public(uow, meeting.parties)
    await no_longer_asked(uow, meeting)
    if acted.meeting.state == "booked":
        await _claim(uow, acted.meeting)
    else:
        await _asks_once_more(uow, caller.sub, meeting.id)
    saved = uow.put(MEETINGS, acted.meeting, meetings.told(acted.meeting, acted.event))
    if saved.state == "requested":
        _plan_lapse(uow, saved)
    return saved


async def _claim(uow: UnitOfWork, meeting: Meeting) -> None:
    ids = meeting.claim_ids()
    await uow.load([CLAIMS.ref(id) for id in ids])
    for id in ids:
        claim = await uow.get(CLAIMS, id)
        if claim is not None and claim.meeting_id != meeting.id:
            raise Contrary("taken", "Somebody is taken then; the request stays open, ask for another time.")
        if claim is None:
            uow.put(CLAIMS, Claim(id=id, meeting_id=meeting.id))


async def cancel_meeting(uow: UnitOfWork, *, caller: Caller, meeting_id: str, if_match: IfMatch) -> Meeting:
    """By either side; frees its claims. Raises NotFound, Contrary."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    return await end_meeting(uow, meeting, meetings.cancel(meeting, side=side, reason="cancelled"))


@dataclass(frozen=True)
class Lapsing:
    """The job `lapse`: the time has come; whether it still matters is the decision's to see."""

    async def work(self, job: Claimed) -> None:
        """Nothing to prepare."""

    async def settle(self, uow: UnitOfWork, job: Claimed, result: None) -> None:
        meeting = await uow.get(MEETINGS, job.payload["meeting_id"])
        if meeting is not None:
            await end_meeting(uow, meeting, meetings.lapse(meeting, now=uow.now))
