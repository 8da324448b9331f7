"""Who was at a meeting, over HTTP: check-in, no-show, the time given back, the codes of tables."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field, StringConstraints

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, Input, Output, StrictRoute
from services.chassis.model import PublicName

from .. import store
from ..dependencies import Command, DependenciesDep, SharedCommand
from ..domain.after.table_code import CHARACTERS, LENGTH, table_code
from ..prints import table_code_svg
from ..usecases import attendance
from ..usecases.access import readable_meeting
from ..usecases.attendance import Attended, meeting_at_table
from ..usecases.open_round import must_be_organiser
from .bodies import MeetingOut, meeting_answer
from .parameters import Id, ProfileId

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["attendance"])
Place = Annotated[PublicName, Query(description="The place as it stands in the venue of the meetings.")]
PICTURE = "image/svg+xml"


class CodeIn(Input):
    """What stands at the table, scanned or typed."""

    code: Annotated[str, StringConstraints(pattern=f"^[{CHARACTERS}]{{{LENGTH}}}$")]


class NoShowIn(Input):
    """Who did not come. Sides leave it out: they say it of the other one."""

    absent: Annotated[list[ProfileId] | None, Field(max_length=2)] = None


class CheckInOut(Output):
    """When a side checked in, and whether by the code of the table."""

    at: dt.datetime
    at_table: bool


class AttendanceOut(Output):
    """Who was there, by profile, and who was missing."""

    meeting_id: str
    state: str
    start: dt.datetime
    end: dt.datetime
    here: dict[str, CheckInOut]
    absent: list[str]


class KeptOut(Output):
    """What a profile has made of its bookings. `rate`: kept of those of which it is known, in [0, 1]; `missed`: it did
    not come; `released`: it gave the time back."""

    profile_id: str
    completed: int
    missed: int
    released: int
    rate: float | None = None


class TableCodeOut(Output):
    """The code of a table."""

    place: str
    code: str


@router.post("/meetings/{meeting_id}/check-in", response_model=AttendanceOut)
async def check_in(meeting_id: Id, command: Command) -> Response:
    """Your side is there. From half an hour before the start until two hours after the end."""
    return await _checked_in(command, meeting_id, at_table=False)


@router.post("/check-ins", response_model=AttendanceOut)
async def check_in_at_table(body: CodeIn, command: Command, database: DatabaseDep) -> Response:
    """Your side is at the table whose code you scanned: the meeting that you have there now."""
    meeting_id = await meeting_at_table(database, command.caller, body.code, command.deps.secret)
    return await _checked_in(command, meeting_id, at_table=True)


async def _checked_in(command: Command, meeting_id: str, *, at_table: bool) -> Response:
    return await command.run(
        lambda uow: attendance.check_in(uow, caller=command.caller, meeting_id=meeting_id, at_table=at_table),
        answer=_answer,
        reads=_reads(meeting_id),
    )


@router.post("/meetings/{meeting_id}/no-show", response_model=AttendanceOut)
async def no_show(meeting_id: Id, command: SharedCommand, body: NoShowIn | None = None) -> Response:
    """The other side did not come; its time is free for others at once. From five minutes after the start until two
    hours after the end. An organiser names the sides that did not come."""
    absent = body.absent if body else None
    return await command.run(
        lambda uow: attendance.say_no_show(uow, caller=command.caller, meeting_id=meeting_id, absent=absent),
        answer=_answer,
        reads=_reads(meeting_id),
    )


@router.post("/meetings/{meeting_id}/held", response_model=AttendanceOut)
async def held(meeting_id: Id, command: SharedCommand) -> Response:
    """The meeting took place, although no one had checked in, or although somebody had said that a side did not come: a
    side that was not missing says it, or an organiser, for both sides."""
    return await command.run(
        lambda uow: attendance.say_held(uow, caller=command.caller, meeting_id=meeting_id),
        answer=_answer,
        reads=_reads(meeting_id),
    )


@router.post("/meetings/{meeting_id}/release", response_model=MeetingOut)
async def release(meeting_id: Id, command: Command) -> Response:
    """You cannot come: gives the time of a booked meeting back, until its end. It needs nothing but this one call."""
    return await command.run(
        lambda uow: attendance.release_meeting(uow, caller=command.caller, meeting_id=meeting_id),
        answer=meeting_answer,
        reads=[store.MEETINGS.ref(meeting_id)],
    )


@router.get("/meetings/{meeting_id}/attendance", response_model=AttendanceOut)
async def read_attendance(meeting_id: Id, caller: CallerDep, database: DatabaseDep) -> AttendanceOut:
    """Who was at a meeting of your profiles, as far as it is known."""
    meeting = await readable_meeting(database, caller, meeting_id)
    return _out(Attended(meeting, await attendance.attendance_read(database, meeting)))


@router.get("/profiles/{profile_id}/kept", response_model=KeptOut, response_model_exclude_none=True, tags=["profiles"])
async def read_kept(profile_id: Id, caller: CallerDep, database: DatabaseDep) -> KeptOut:
    """How many of its bookings a profile has kept. For organisers alone."""
    kept = await attendance.kept_by(database, caller, profile_id)
    return KeptOut(
        profile_id=profile_id, completed=kept.completed, missed=kept.missed, released=kept.released, rate=kept.rate
    )


@router.get("/table-code", response_model=TableCodeOut)
async def read_table_code(place: Place, caller: CallerDep, dependencies: DependenciesDep) -> TableCodeOut:
    """The code that stands at a table, for organisers."""
    must_be_organiser(caller)
    return TableCodeOut(place=place, code=table_code(place, dependencies.secret))


@router.get("/table-code.svg", response_class=Response, responses={200: {"content": {PICTURE: {}}}})
async def draw_table_code(place: Place, caller: CallerDep, dependencies: DependenciesDep) -> Response:
    """The same as a QR picture to print."""
    must_be_organiser(caller)
    drawn = await asyncio.to_thread(table_code_svg, table_code(place, dependencies.secret))
    return Response(drawn, media_type=PICTURE)


def _reads(meeting_id: str) -> list[tuple[str, str]]:
    return [store.MEETINGS.ref(meeting_id), store.ATTENDANCES.ref(meeting_id)]


def _answer(found: Attended) -> Answer:
    return Answer.of(_out(found), subject=found.meeting.id)


def _out(found: Attended) -> AttendanceOut:
    meeting, known = found.meeting, found.attendance
    return AttendanceOut(
        meeting_id=meeting.id,
        state=meeting.state,
        start=meeting.start,
        end=meeting.end,
        here={side: CheckInOut(at=one.at, at_table=one.at_table) for side, one in sorted(known.here.items())},
        absent=known.absent,
    )
