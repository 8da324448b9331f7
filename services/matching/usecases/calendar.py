"""A member's time in the unit of work: requests, claims, busy times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.errors import Contrary, NotFound
from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from ..domain import meeting as meetings
from ..domain.agenda import Agenda, Busy, merged
from ..domain.calendar import closed_country
from ..domain.meeting import Acted, Claim, Meeting
from ..store import AGENDAS, CLAIMS, MEETINGS

RECHECK = "recheck"


async def agenda_of(uow: UnitOfWork, member_id: str) -> Agenda:
    return await uow.get(AGENDAS, member_id) or Agenda(id=member_id)


async def asks(uow: UnitOfWork, member_id: str, meeting_id: str) -> None:
    """One more open request of a member. Raises Contrary."""
    uow.put(AGENDAS, (await agenda_of(uow, member_id)).asking(meeting_id))


async def no_longer_asks(uow: UnitOfWork, member_id: str, meeting_id: str) -> None:
    agenda = await uow.get(AGENDAS, member_id)
    if agenda is not None:
        uow.put(AGENDAS, agenda.answered(meeting_id))


async def take_time(uow: UnitOfWork, meeting: Meeting) -> None:
    """Claims every ten minutes of every member for a meeting; its own claims are its own. Raises Contrary (taken,
    busy)."""
    ids = meeting.claim_ids()
    await uow.load([*(CLAIMS.ref(id) for id in ids), *(AGENDAS.ref(member) for member in meeting.members)])
    for id in ids:
        claim = await uow.get(CLAIMS, id)
        if claim is not None and claim.meeting_id != meeting.id:
            raise Contrary("taken", "Somebody is taken then; the request stays open, ask for another time.")
        if claim is None:
            uow.put(CLAIMS, Claim(id=id, meeting_id=meeting.id))
    for member in meeting.members:
        agenda = await agenda_of(uow, member)
        uow.put(AGENDAS, agenda.booking(meeting.id, meeting.start, meeting.end))
        uow.expect(AGENDAS, member)


async def free_claims(uow: UnitOfWork, meeting: Meeting, *, keep: Sequence[str] = ()) -> None:
    """Frees what the meeting claims, except what it goes on to claim."""
    for id in meeting.claim_ids():
        claim = await uow.get(CLAIMS, id)
        if id not in keep and claim is not None and claim.meeting_id == meeting.id:
            uow.delete(CLAIMS, claim)


async def free_time(uow: UnitOfWork, meeting: Meeting) -> None:
    """All of a booked meeting's time."""
    await free_claims(uow, meeting)
    for member in meeting.members:
        agenda = await uow.get(AGENDAS, member)
        if agenda is not None:
            uow.put(AGENDAS, agenda.without(meeting.id))


# -- busy times


async def set_busy(uow: UnitOfWork, *, caller: Caller, member_id: str, times: list[Busy], if_match: IfMatch) -> Agenda:
    """When a member cannot meet: it refuses confirmations, and never undoes one: a booking in a busy time becomes a
    conflict for people to resolve. Raises NotFound for anybody else."""
    if caller.sub != member_id or "participant" not in caller.roles:
        raise NotFound("There is no such member, or it is not you.")
    before = await agenda_of(uow, member_id)
    if_match.must_match(before.revision, required=False)
    agenda = uow.put(AGENDAS, before.model_copy(update={"busy": merged(times)}))
    for meeting_id in sorted(agenda.conflicts()):
        meeting = await uow.get(MEETINGS, meeting_id)
        if meeting is not None:
            _tell(uow, meetings.conflicting(meeting, member_id))
    return agenda


def _tell(uow: UnitOfWork, acted: Acted) -> None:
    if acted.event is not None:
        uow.put(MEETINGS, acted.meeting, meetings.told(acted.meeting, acted.event))


# -- official calendars change


@dataclass(frozen=True)
class Rechecking:
    """The job `recheck`, two days before a meeting: the official calendar may have changed since it was booked."""

    async def work(self, job: Claimed) -> None:
        """Nothing to prepare."""

    async def settle(self, uow: UnitOfWork, job: Claimed, result: None) -> None:
        meeting = await uow.get(MEETINGS, job.payload["meeting_id"])
        if meeting is None or meeting.state != "booked":
            return
        country = closed_country(meeting.start)
        if country is not None:
            _tell(uow, meetings.conflicting(meeting, country))
