"""Request, confirm, move, cancel and lapse meetings (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import partial

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, IfMatch

from .. import metrics
from ..domain import meeting as meetings
from ..domain.asks import Meant, is_another_venue
from ..domain.calendar import must_be_common, must_be_worked
from ..domain.claim import NO_PLACES, Places, at_its_sign
from ..domain.diary import Diary
from ..domain.forum_plans.booking import places_of
from ..domain.meeting import Meeting, MeetingChange
from ..job_kinds import MeetingJob
from ..settings import MatchingSettings
from ..store import DIARIES, FORUMS, MATCHES, MEETINGS
from .access import match_of, meeting_of, must_be_public
from .attendance import end_meeting
from .holiday_table import calendar_of
from .offer_slots import accept_offer
from .save_meeting import BOOKING, REQUESTING, save_meeting
from .spend_budget import spend_act
from .venues import whole_venue

BUDGETED = REQUESTING | {contract.MeetingCancelled}
"""What a side can do again and again, and the other side hears of each time. A confirmation answers one request."""


@dataclass(frozen=True)
class RequestResult:
    """The meeting that is requested, and whether this call has requested it."""

    meeting: Meeting
    is_new: bool


@dataclass(frozen=True)
class MeetingRequest:
    """For which match, when and where."""

    match_id: str
    start: dt.datetime
    venue: Venue


async def request_meeting(
    uow: UnitOfWork, *, caller: Caller, wish: MeetingRequest, settings: MatchingSettings
) -> RequestResult:
    """Asks the other side for a meeting; this claims nothing. The same match and start again gives the meeting that is
    open already.

    Raises NotFound, Invalid (the start), InvalidState (not agreed, withdrawn, too many requests), QuotaReached."""
    match, side = await match_of(uow, caller, wish.match_id)
    # `save_meeting` writes the diary, so of two requests for one start at the same moment the second finds the first.
    diary = await uow.get_or(DIARIES, Diary(id=match.id))
    for meeting_id, at in diary.meetings.items():
        existing = await uow.get(MEETINGS, meeting_id) if at == wish.start else None
        if existing is not None:
            return RequestResult(existing, is_new=False)
    id = uow.secret_id("meeting", match.id, wish.start.isoformat())
    venue = whole_venue(uow, wish.venue, countries=match.countries, settings=settings)
    requested = meetings.request(id, match, side=side, member_id=caller.sub, start=wish.start, venue=venue, now=uow.now)
    must_be_common(wish.start, await calendar_of(uow))
    await must_be_public(uow, match.parties)
    uow.expect(MATCHES, match.id)  # a match that ends at the same moment must reach this meeting
    saved = await _save(uow, None, MeetingChange(requested, contract.MeetingRequested), side, settings)
    return RequestResult(saved, is_new=True)


@dataclass(frozen=True)
class MoveRequest:
    """When and where instead; without a venue, the venue stays the same."""

    start: dt.datetime
    venue: Venue | None = None


async def confirm_meeting(
    uow: UnitOfWork,
    *,
    caller: Caller,
    meeting_id: str,
    meant: Meant,
    if_match: IfMatch,
    settings: MatchingSettings,
) -> Meeting:
    """Books the requested time, or the requested move, for all members or for none; the one that the caller means.

    Raises NotFound, StaleRevision, InvalidState (another-ask, taken, busy, lapsed, withdrawn); QuotaReached where
    another venue asks back."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    # `If-Match: *` is true of every revision, so it says nothing about what was read.
    is_read = if_match.tags is not None and "*" not in if_match.tags
    if meeting.is_offer and meeting.state == "requested":
        return await accept_offer(uow, meeting, side=side, meant=replace(meant, is_read=is_read))
    places = await _places(uow, meeting)
    venue = meant.venue and _whole(uow, meant.venue, meeting, places, settings)
    meant = replace(meant, is_read=is_read, venue=venue)
    change = meetings.confirm(meeting, side=side, member_id=caller.sub, meant=meant, now=uow.now, places=places)
    if change.event in BOOKING:
        must_be_worked(change.meeting.start, change.meeting.state, await calendar_of(uow))
    return await _save_if_public(uow, meeting, change, side, settings)


async def _places(uow: UnitOfWork, meeting: Meeting) -> Places:
    """Those of its forum."""
    if meeting.forum_id is None:
        return NO_PLACES
    forum = await uow.get(FORUMS, meeting.forum_id)
    return places_of(forum.setup, forum.id) if forum is not None else NO_PLACES


async def reschedule_meeting(
    uow: UnitOfWork,
    *,
    caller: Caller,
    meeting_id: str,
    to: MoveRequest,
    if_match: IfMatch,
    settings: MatchingSettings,
) -> Meeting:
    """Asks to move a booked meeting; the present time stays booked until the other side confirms.

    Raises NotFound, Invalid (the start), InvalidState, QuotaReached."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    venue = to.venue and _whole(uow, to.venue, meeting, await _places(uow, meeting), settings)
    change = meetings.ask_move(meeting, side=side, member_id=caller.sub, start=to.start, venue=venue, now=uow.now)
    if change.event is not None:
        must_be_common(to.start, await calendar_of(uow))
    return await _save_if_public(uow, meeting, change, side, settings)


def _whole(uow: UnitOfWork, venue: Venue, meeting: Meeting, places: Places, settings: MatchingSettings) -> Venue:
    present, venue = meeting.ask.venue, at_its_sign(venue, places)
    # Not another room each time: the same words mean the room that is there.
    if not is_another_venue(venue, present):
        return present
    return whole_venue(uow, venue, countries=meeting.countries, settings=settings)


async def _save_if_public(
    uow: UnitOfWork, before: Meeting, change: MeetingChange, side: str, settings: MatchingSettings
) -> Meeting:
    if change.event is None:
        return change.meeting
    await must_be_public(uow, before.parties)
    return await _save(uow, before, change, side, settings)


async def _save(
    uow: UnitOfWork, before: Meeting | None, change: MeetingChange, side: str, settings: MatchingSettings
) -> Meeting:
    """Saves what a side has done, if its organisation has not written to the other one too often today."""
    if change.event in BUDGETED:
        owners = change.meeting.owners
        other = next(owner for party, owner in owners.items() if party != side)
        await spend_act(uow, org=owners[side], other=other, settings=settings)
    return await save_meeting(uow, before, change)


async def cancel_meeting(
    uow: UnitOfWork, *, caller: Caller, meeting_id: str, if_match: IfMatch, settings: MatchingSettings
) -> Meeting:
    """Either side cancels; the claims are freed. Raises NotFound, InvalidState, QuotaReached."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    if_match.must_match(meeting.revision, required=False)
    change = meetings.cancel(meeting, side=side, reason="cancelled", now=uow.now)
    if meeting.is_offer and meeting.state == "requested":
        return await save_meeting(uow, meeting, change)  # to decline what a forum offers is no act towards the other
    return await _save(uow, meeting, change, side, settings)


async def lapse_meeting(uow: UnitOfWork, job: Claimed[MeetingJob]) -> None:
    """A request or a move that was not answered in time ends, if it is still open."""
    meeting = await uow.get(MEETINGS, job.payload.meeting_id)
    if meeting is not None:
        await save_meeting(uow, meeting, meetings.lapse(meeting, now=job.payload.due(uow.now)))


async def count_held(uow: UnitOfWork, job: Claimed[MeetingJob]) -> None:
    """Counts a meeting that was booked until its end, which took place if somebody checked in. One that was moved
    meanwhile has a later job of its own."""
    meeting = await uow.get(MEETINGS, job.payload.meeting_id)
    now = job.payload.due(uow.now)
    if meeting is not None and meeting.has_been_held(now):
        uow.count(partial(metrics.meetings.labels("held", meeting.countries).inc))
        await end_meeting(uow, meeting, now=now)
