"""When a member cannot meet, and official calendars that change: both turn bookings into conflicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, IfMatch

from ..domain import meeting as meetings
from ..domain.agenda import Agenda, Busy, freed, merged
from ..domain.calendar import closed_country
from ..domain.members import member_key
from ..job_kinds import MeetingJob
from ..store import AGENDAS, MEETINGS
from .access import not_there
from .holiday_table import calendar_of
from .look_again import plan_looks_for
from .save_meeting import save_meeting


def must_be_self(caller: Caller, member_id: str) -> None:
    """Raises NotFound for any other member than the caller."""
    if caller.sub != member_id or "participant" not in caller.roles:
        raise not_there("member")


async def set_busy(
    uow: UnitOfWork,
    *,
    caller: Caller,
    member_id: str,
    times: Sequence[Busy],
    forums: Collection[str],
    if_match: IfMatch,
) -> Agenda:
    """Replaces the busy times of the caller, as a member of its organisation, a delegate at these forums. They refuse
    later confirmations and cancel nothing: a booking in a busy time becomes a conflict that people resolve.

    Raises NotFound for any other member than the caller, StaleRevision."""
    must_be_self(caller, member_id)
    before = await uow.get_or(AGENDAS, Agenda(id=member_key(caller.org, member_id)))
    if_match.must_match(before.revision, required=False)
    return await replace_times(uow, before, before.model_copy(update={"busy": merged(times)}), member_id, forums)


async def replace_times(
    uow: UnitOfWork, before: Agenda, after: Agenda, member_id: str, forums: Collection[str]
) -> Agenda:
    """Stores an agenda with other busy times, whatever says them. A booking in one that is new becomes a conflict; one
    that is gone may help a forum at which the member is a delegate."""
    agenda = uow.put(AGENDAS, after)
    if forums:
        await plan_looks_for(uow, forums, list(freed(before.all_busy, after.all_busy, uow.now)))
    # The agenda is written here and by every confirmation, so no booking of the same moment is missed.
    for meeting_id in sorted(agenda.conflicts()):
        await _mark_conflict(uow, meeting_id, member_id)
    return agenda


async def recheck_meeting(uow: UnitOfWork, job: Claimed[MeetingJob]) -> None:
    """Two days before a booked meeting, and when a table of holidays was loaded that touches it: a country that no
    longer works on that day is a conflict."""
    meeting = await uow.get(MEETINGS, job.payload.meeting_id)
    if meeting is None or meeting.state != "booked":
        return
    country = closed_country(meeting.start, await calendar_of(uow))
    if country is not None:
        await _mark_conflict(uow, job.payload.meeting_id, country)


async def _mark_conflict(uow: UnitOfWork, meeting_id: str, who: str) -> None:
    meeting = await uow.get(MEETINGS, meeting_id)
    if meeting is not None:
        await save_meeting(uow, meeting, meetings.conflicting(meeting, who, now=uow.now))
