"""Meetings over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from fastapi import APIRouter, Response

from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute, bounded
from services.chassis.model import InvalidState, etag
from services.chassis.mongo import Database

from .. import store
from ..dependencies import Command
from ..domain.asks import Meant
from ..usecases.access import readable_meeting, readable_row
from ..usecases.free_slots import alternatives
from ..usecases.holiday_table import loaded_table
from ..usecases.meetings import (
    MeetingRequest,
    MoveRequest,
    cancel_meeting,
    confirm_meeting,
    request_meeting,
    reschedule_meeting,
)
from .bodies import (
    ConfirmIn,
    MeetingIn,
    MeetingOut,
    MeetingPage,
    MoveIn,
    meeting_answer,
    meeting_out,
)
from .parameters import Cursor, Id, Limit, ProfileQuery
from .time_bodies import slot_out

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["meetings"])
MAX_DAYS = 92


@router.post("/meetings", status_code=201, response_model=MeetingOut)
async def request(body: MeetingIn, command: Command) -> Response:
    """Asks the other side of an agreed match for a meeting. Nothing is reserved until they confirm."""
    wish = MeetingRequest(body.match_id, body.start.astimezone(dt.UTC), body.venue.venue())
    return await command.run(
        lambda uow: request_meeting(uow, caller=command.caller, wish=wish, settings=command.deps.settings),
        answer=lambda result: meeting_answer(result.meeting, 201 if result.is_new else 200),
        reads=[store.MATCHES.ref(body.match_id)],
    )


@router.post("/meetings/{meeting_id}/confirm", response_model=MeetingOut)
async def confirm(
    meeting_id: Id,
    command: Command,
    if_match: IfMatchDep,
    database: DatabaseDep,
    body: ConfirmIn | None = None,
) -> Response:
    """Confirms a request, or a move: the one that you name by its start and venue, or that you have read (If-Match).

    Without either you mean the only thing that you were ever asked here; if there was another one, 409 `another-ask`
    with the `present` one. 409 `taken` or `busy` names the next free common slots; the request stays open."""
    meant = body.meant() if body else Meant()
    try:
        return await command.run(
            lambda uow: confirm_meeting(
                uow,
                caller=command.caller,
                meeting_id=meeting_id,
                meant=meant,
                if_match=if_match,
                settings=command.deps.settings,
            ),
            answer=meeting_answer,
            reads=[store.MEETINGS.ref(meeting_id)],
        )
    except InvalidState as refusal:
        if refusal.type in ("taken", "busy", "day-off"):
            refusal.extra["slots"] = await _other_slots(database, meeting_id)
        raise


async def _other_slots(database: Database, meeting_id: str) -> list[Any]:
    """Read after the refusal, outside the decision: a list of proposals reserves nothing."""
    calendar = (await loaded_table(database)).calendar()
    return [slot_out(at, calendar).model_dump(mode="json") for at in await alternatives(database, meeting_id)]


@router.post("/meetings/{meeting_id}/reschedule", response_model=MeetingOut)
async def reschedule(meeting_id: Id, body: MoveIn, command: Command, if_match: IfMatchDep) -> Response:
    """Asks to move a booked meeting. The present time stays booked until the other side confirms."""
    to = MoveRequest(body.start.astimezone(dt.UTC), body.venue.venue() if body.venue else None)
    return await command.run(
        lambda uow: reschedule_meeting(
            uow,
            caller=command.caller,
            meeting_id=meeting_id,
            to=to,
            if_match=if_match,
            settings=command.deps.settings,
        ),
        answer=meeting_answer,
        reads=[store.MEETINGS.ref(meeting_id)],
    )


@router.post("/meetings/{meeting_id}/cancel", response_model=MeetingOut)
async def cancel(meeting_id: Id, command: Command, if_match: IfMatchDep) -> Response:
    """Cancels a request or a booking; either side may."""
    return await command.run(
        lambda uow: cancel_meeting(
            uow,
            caller=command.caller,
            meeting_id=meeting_id,
            if_match=if_match,
            settings=command.deps.settings,
        ),
        answer=meeting_answer,
        reads=[store.MEETINGS.ref(meeting_id)],
    )


@router.get("/meetings", response_model=MeetingPage, response_model_exclude_none=True)
async def list_meetings(
    profile_id: ProfileQuery,
    caller: CallerDep,
    database: DatabaseDep,
    pages: PagesDep,
    state: Literal["requested", "booked", "cancelled", "expired", "completed", "no_show"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> MeetingPage:
    """The meetings of one of your profiles."""
    await readable_row(database, caller, profile_id)
    scope = ("meetings", caller.org, profile_id, state or "")
    found = await store.find_meetings(
        database, profile_id=profile_id, state=state, after=pages.start(cursor, *scope), limit=limit + 1
    )
    items = bounded([meeting_out(meeting) for meeting in found[:limit]])
    return MeetingPage(
        items=items,
        next=pages.token(items[-1].meeting_id, *scope) if len(found) > len(items) else None,
    )


@router.get("/meetings/{meeting_id}", response_model=MeetingOut, response_model_exclude_none=True)
async def read_meeting(meeting_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> MeetingOut:
    """One meeting of your profiles."""
    found = await readable_meeting(database, caller, meeting_id)
    response.headers["ETag"] = etag(found.revision)
    return meeting_out(found)
