"""Check in, miss, give back: what happened to a booked meeting (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, Invalid, NotFound
from services.chassis.mongo import Database

from .. import after_store, store
from ..domain.after import attendance as rules
from ..domain.after.attendance import CLOSES_AFTER, OPENS_BEFORE, Attendance, Kept, attendance_of
from ..domain.after.table_code import is_at
from ..domain.meeting import Meeting, MeetingChange
from ..store import ATTENDANCES, MEETINGS
from .access import meeting_of, not_there
from .open_round import must_be_organiser
from .outcomes import met
from .save_meeting import save_meeting


@dataclass(frozen=True)
class Attended:
    """A meeting, and who was there."""

    meeting: Meeting
    attendance: Attendance


async def check_in(uow: UnitOfWork, *, caller: Caller, meeting_id: str, at_table: bool = False) -> Attended:
    """The caller's side is there. Raises NotFound, InvalidState."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    known = await _known(uow, meeting)
    checked = rules.check_in(known, meeting, side=side, at_table=at_table, now=uow.now)
    # A no-show or a cancellation of the same moment must be seen by one of the two.
    uow.expect(MEETINGS, meeting.id)
    change = rules.ended(checked, meeting, now=uow.now)
    return await _save(uow, meeting, change, checked, known=known)


async def say_no_show(uow: UnitOfWork, *, caller: Caller, meeting_id: str, absent: Sequence[str] | None) -> Attended:
    """The other side did not come; an organiser names who did not, and may correct it. Raises NotFound, Invalid,
    InvalidState."""
    if caller.is_organiser:
        meeting = await _meeting(uow, meeting_id)
        missing = _named(meeting, absent)
    else:
        meeting, side = await meeting_of(uow, caller, meeting_id)
        missing = [party for party in meeting.parties if party != side]
        if absent is not None and set(absent) != set(missing):
            raise Invalid("A side says it of the other side; leave this out.", pointer="/absent")
    known = await _known(uow, meeting)
    said = rules.no_show(known, meeting, absent=missing, now=uow.now, corrects=caller.is_organiser)
    return await _save(uow, meeting, said.change, said.attendance, known=known)


async def _meeting(uow: UnitOfWork, meeting_id: str) -> Meeting:
    """For an organiser, of whom no side is."""
    meeting = await uow.get(MEETINGS, meeting_id)
    if meeting is None:
        raise not_there("meeting")
    return meeting


def _named(meeting: Meeting, absent: Sequence[str] | None) -> list[str]:
    if not absent or not set(absent) <= set(meeting.parties):
        raise Invalid("Name one of the two sides, or both.", pointer="/absent")
    return list(absent)


async def say_held(uow: UnitOfWork, *, caller: Caller, meeting_id: str) -> Attended:
    """The caller's side says afterwards that the meeting took place; an organiser says it for both sides. Raises
    NotFound, InvalidState."""
    if caller.is_organiser:
        meeting, side = await _meeting(uow, meeting_id), None
    else:
        meeting, side = await meeting_of(uow, caller, meeting_id)
    known = await _known(uow, meeting)
    change = rules.took_place(known, meeting, side=side, now=uow.now)
    there = meeting.parties if side is None else [side]
    here = {**known.here, **{one: known.here.get(one, rules.CheckIn(at=uow.now)) for one in there}}
    if change.event is None and here == known.here:
        return Attended(meeting, known)
    held = known.model_copy(update={"here": here, "absent": []})
    return await _save(uow, meeting, change, held, known=known)


async def release_meeting(uow: UnitOfWork, *, caller: Caller, meeting_id: str) -> Meeting:
    """The caller's side gives the time of a booking back. It is no act of the budget: what is given back helps others,
    and each booking can be given back once. Raises NotFound, InvalidState."""
    meeting, side = await meeting_of(uow, caller, meeting_id)
    return await save_meeting(uow, meeting, rules.release(meeting, side=side, now=uow.now))


async def end_meeting(uow: UnitOfWork, meeting: Meeting, *, now: dt.datetime) -> None:
    """The end of a booked meeting has come: it took place, if somebody checked in."""
    known = await _known(uow, meeting)
    await _save(uow, meeting, rules.ended(known, meeting, now=now), known, known=known)


async def _known(uow: UnitOfWork, meeting: Meeting) -> Attendance:
    known = await uow.get_or(ATTENDANCES, attendance_of(meeting))
    return known.for_start(meeting.start)


async def _save(
    uow: UnitOfWork, before: Meeting, change: MeetingChange, attendance: Attendance, *, known: Attendance
) -> Attended:
    """Writes who was there, beside what was `known`, and the meeting. Each side that was at one that was held has met
    the other one: all of them when it becomes held, later those that say so after it."""
    saved = attendance
    if attendance.here or attendance.absent:
        saved = uow.put(ATTENDANCES, attendance)
    meeting = await save_meeting(uow, before, change)
    sides = sorted(saved.here if change.event is not None else saved.here.keys() - known.here.keys())
    if meeting.state == "completed" and sides:
        await met(uow, meeting, sides=sides)
    return Attended(meeting, saved)


async def attendance_read(database: Database, meeting: Meeting) -> Attendance:
    """Who was at a meeting, as far as it is known."""
    known = await database.one(ATTENDANCES, meeting.id) or attendance_of(meeting)
    return known.for_start(meeting.start)


async def meeting_at_table(database: Database, caller: Caller, code: str, key: bytes) -> str:
    """The id of the caller's meeting at the table with this code, now: its own one before one of its organisation.
    Raises NotFound."""
    now = database.now()
    found = [
        meeting
        for meeting in await after_store.about_now(database, now - CLOSES_AFTER, now + OPENS_BEFORE)
        if caller.org in meeting.owners.values() and is_at(meeting, code, key)
    ]
    if not found or "participant" not in caller.roles:
        raise NotFound("No meeting of yours is at this table now; look at the table, or at the time of your meeting.")

    def order(meeting: Meeting) -> tuple[bool, bool, float]:
        own = any(meeting.owners[side] == caller.org and member == caller.sub for side, member in meeting.sides.items())
        return not own, now > meeting.end, abs((meeting.start - now).total_seconds())

    return min(found, key=order).id


async def kept_by(database: Database, caller: Caller, profile_id: str) -> Kept:
    """What a profile has made of its bookings; for organisers. Raises Forbidden, NotFound."""
    must_be_organiser(caller)
    if await database.one(store.PROFILES, profile_id) is None:
        raise not_there("profile")
    return await after_store.kept(database, profile_id)
