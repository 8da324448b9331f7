"""The one way to write a meeting. A meeting, its diary, its claims, the agendas of its members and the jobs that watch
its deadlines always change together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial

from schemas import meetings as contract
from services.chassis.commit import UnitOfWork
from services.chassis.model import InvalidState, Ref

from .. import metrics
from ..domain.agenda import Agenda
from ..domain.claim import Claim
from ..domain.desk import Desk
from ..domain.diary import Diary
from ..domain.meeting import Meeting, MeetingChange
from ..domain.meeting_event import to_event
from ..job_kinds import HELD, LAPSE, OFFER, RECHECK, MeetingJob, OpeningJob
from ..store import AGENDAS, CLAIMS, DESKS, DIARIES, MEETINGS
from .look_again import plan_looks_for
from .places import is_away

RECHECK_BEFORE = dt.timedelta(days=2)
BOOKING = frozenset({contract.MeetingBooked, contract.MeetingRescheduled})
REQUESTING = frozenset({contract.MeetingRequested, contract.MeetingMoveRequested})


async def save_meeting(uow: UnitOfWork, before: Meeting | None, change: MeetingChange) -> Meeting:
    """Writes a meeting, new (`before` is None) or changed, with its event and everything that depends on it. A change
    without an event writes nothing.

    Raises InvalidState if a member has too many open requests, or is taken or busy at the new time."""
    if change.event is None:
        return change.meeting
    await load_around(uow, [one for one in (before, change.meeting) if one is not None])
    await _update_time(uow, before, change)
    await _update_requests(uow, before, change.meeting)
    diary = await uow.get_or(DIARIES, Diary(id=change.meeting.match_id))
    uow.put(DIARIES, diary.after(change.meeting))
    event = to_event(change.meeting, change.event)
    if before is None:
        saved = await uow.create(MEETINGS, change.meeting, event)
    else:
        saved = uow.put(MEETINGS, change.meeting, event)
    _plan_jobs(uow, saved, change.event)
    _plan_offer(uow, before, saved)
    await _plan_looks(uow, before, saved)
    _count(uow, saved, change.event)
    return saved


async def load_around(uow: UnitOfWork, meetings: Iterable[Meeting]) -> None:
    """Reads at once what goes with these meetings: one by one, their claims alone are a query for each ten minutes of
    everybody and everything in them. What was read before is not read again."""
    refs = list[Ref]()
    for one in meetings:
        refs.append(DIARIES.ref(one.match_id))
        refs += [AGENDAS.ref(key) for key in one.member_keys]
        # Only a booking holds time; absent claims are read too: one that another meeting inserts meanwhile conflicts.
        refs += [CLAIMS.ref(id) for id in one.claim_ids()] if one.state == "booked" else []
    await uow.load(refs)


def _plan_offer(uow: UnitOfWork, before: Meeting | None, saved: Meeting) -> None:
    """The time of a forum that a cancellation or a move frees is offered to another pair, and so is one whose offer has
    ended; also one that was accepted, so that it is known to be filled."""
    if saved.forum_id is None or before is None:
        return
    opening = saved.opening if before.state == "requested" and saved.state != "requested" else _freed(before, saved)
    if opening is not None:
        fields = {"opening_id": opening, "start": before.start, "place": before.venue.place}
        uow.enqueue(OFFER, OpeningJob(forum_id=saved.forum_id, **fields), cause=f"{saved.id}:{saved.revision}")


async def _plan_looks(uow: UnitOfWork, before: Meeting | None, saved: Meeting) -> None:
    """Who meets no more at a time, at a forum or beside all of them, has it for all forums."""
    if before is None or _freed(before, saved) is None:
        return
    await uow.load(DESKS.ref(party) for party in saved.parties)
    desks = [await uow.get_or(DESKS, Desk(id=party)) for party in saved.parties]
    own = [saved.forum_id] if saved.forum_id is not None else []
    await plan_looks_for(uow, {*own, *(id for desk in desks for id in desk.forums)}, [before.time])


def _freed(before: Meeting, saved: Meeting) -> str | None:
    """Which opening the time of a booking has become, if it has."""
    if before.state != "booked":
        return None
    if saved.state == "cancelled":
        return saved.id
    # It may be moved again: each time that it leaves is an opening of its own.
    return f"{saved.id}@{before.revision}" if saved.start != before.start else None


def _count(uow: UnitOfWork, saved: Meeting, event: type[contract.MeetingState]) -> None:
    if event is contract.MeetingRequested and saved.accepted_by:
        return  # the first answer to an offer, which was counted when it was made
    uow.count(partial(metrics.meeting_event, event.event_type, saved.countries))
    if event is contract.MeetingBooked and saved.matched_at is not None:
        taken = (uow.now - saved.matched_at).total_seconds()
        uow.count(partial(metrics.booking.labels(saved.countries).observe, max(0.0, taken)))


def _plan_jobs(uow: UnitOfWork, saved: Meeting, event: type[contract.MeetingState]) -> None:
    """A request or a move that waits for an answer lapses; a booked meeting is checked against the official calendar
    again, which may have changed since, and counted as held when it is over."""
    # With the revision, because a request that is turned round, or another move, has a deadline of its own.
    cause = f"{saved.id}:{saved.revision}"
    if event in REQUESTING:
        lapses_at = saved.move.lapses_at if saved.move else saved.lapses_at
        uow.enqueue(LAPSE, MeetingJob(meeting_id=saved.id, at=lapses_at), cause=cause, run_at=lapses_at)
    if event in BOOKING:
        uow.enqueue(RECHECK, MeetingJob(meeting_id=saved.id), cause=cause, run_at=saved.start - RECHECK_BEFORE)
        uow.enqueue(HELD, MeetingJob(meeting_id=saved.id, at=saved.end), cause=cause, run_at=saved.end)


async def _update_time(uow: UnitOfWork, before: Meeting | None, change: MeetingChange) -> None:
    was_booked = before is not None and before.state == "booked"
    if change.event in BOOKING:
        # Claimed before the old slots are freed: a move may overlap its own booking, and keeps what both times share.
        await _claim(uow, change.meeting)
        if before is not None and was_booked:
            await _free(uow, before, keep=change.meeting.claim_ids())
    elif before is not None and was_booked and change.meeting.state != "booked":
        await free_time(uow, before)


async def _claim(uow: UnitOfWork, meeting: Meeting) -> None:
    """Claims every slot of every member; the meeting's own claims are no obstacle. Raises InvalidState (taken,
    busy)."""
    await _must_be_there(uow, meeting)
    for id in meeting.claim_ids():
        claim = await uow.get(CLAIMS, id)
        if claim is not None and claim.meeting_id != meeting.id:
            raise InvalidState("taken", "Somebody is taken then; the request stays open, ask for another time.")
        if claim is None:
            uow.put(CLAIMS, Claim(id=id, meeting_id=meeting.id))
    for member in meeting.member_keys:
        agenda = await uow.get_or(AGENDAS, Agenda(id=member))
        uow.put(AGENDAS, agenda.with_booking(meeting.id, meeting.time))
        uow.expect(AGENDAS, member)  # busy times that are set at the same moment must be seen by one of the two


async def _must_be_there(uow: UnitOfWork, meeting: Meeting) -> None:
    """Raises InvalidState (taken) for a meeting of a forum at which something or somebody of it is away then."""
    if meeting.forum_id is not None and await is_away(uow, meeting, meeting.forum_id):
        raise InvalidState("taken", "Its forum says that something or somebody is away then; ask for another time.")


async def free_time(uow: UnitOfWork, meeting: Meeting) -> None:
    """Gives up the time of a booked meeting: for good, or because it is saved at another one in the same decision."""
    await _free(uow, meeting)
    for member in meeting.member_keys:
        agenda = await uow.get_or(AGENDAS, Agenda(id=member))
        uow.put(AGENDAS, agenda.without_booking(meeting.id))


async def _free(uow: UnitOfWork, meeting: Meeting, *, keep: Sequence[str] = ()) -> None:
    for id in meeting.claim_ids():
        if id in keep:
            continue
        claim = await uow.get(CLAIMS, id)
        if claim is not None and claim.meeting_id == meeting.id:
            uow.delete(CLAIMS, claim)


async def _update_requests(uow: UnitOfWork, before: Meeting | None, after: Meeting) -> None:
    """The agendas of the members whose request began or stopped to wait. Raises InvalidState for too many."""
    waited = before.requesters if before is not None else set()
    for member in sorted(waited - after.requesters):
        agenda = await uow.get_or(AGENDAS, Agenda(id=member))
        uow.put(AGENDAS, agenda.without_request(after.id))
    for member in sorted(after.requesters - waited):
        agenda = await uow.get_or(AGENDAS, Agenda(id=member))
        uow.put(AGENDAS, agenda.with_request(after.id))
