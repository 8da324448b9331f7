"""Slots, meetings and busy times over HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute, bounded
from services.chassis.model import Instant, Invalid, InvalidState, etag

from .. import store
from ..dependencies import Command
from ..domain.members import member_key
from ..usecases import busy_times
from ..usecases.access import not_there, readable_match, readable_meeting, readable_row
from ..usecases.free_slots import DAYS_AHEAD, alternatives, free_starts
from ..usecases.meetings import (
    MeetingRequest,
    MoveRequest,
    cancel_meeting,
    confirm_meeting,
    request_meeting,
    reschedule_meeting,
)
from .bodies import (
    BusyTimesIn,
    BusyTimesOut,
    ConfirmIn,
    MeetingIn,
    MeetingOut,
    MeetingPage,
    MoveIn,
    SlotPage,
    busy_answer,
    meeting_answer,
    meeting_out,
    slot_out,
)
from .parameters import Cursor, Id, Limit, ProfileQuery

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["meetings"])
MAX_DAYS = 92


@router.get("/slots", response_model=SlotPage)
async def list_slots(
    match_id: Annotated[str, Query(max_length=64)],
    caller: CallerDep,
    database: DatabaseDep,
    from_: Annotated[Instant | None, Query(alias="from")] = None,
    to: Annotated[Instant | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> Response:
    """Starts at which both sides work and neither is taken; by default those of the next 14 days. Write + as %2B."""
    match = await readable_match(database, caller, match_id)
    now = database.now()
    start = max(from_ or now, now)
    end = to or start + dt.timedelta(days=DAYS_AHEAD)
    if end - start > dt.timedelta(days=MAX_DAYS):
        raise Invalid(f"Ask for at most {MAX_DAYS} days at once.", pointer="/query/to")
    free = await free_starts(database, match.member_keys, start, end, limit)
    return Response(await asyncio.to_thread(_slots_json, free), media_type="application/json")


def _slots_json(free: Sequence[dt.datetime]) -> str:
    """In a thread, because a thousand slots take longer than others should wait for."""
    return SlotPage(items=[slot_out(at) for at in free]).model_dump_json()


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
    """Confirms a request, or a move. 409 `taken` or `busy` names the next free common slots; the request stays open."""
    venue = body.venue.venue() if body and body.venue else None
    try:
        return await command.run(
            lambda uow: confirm_meeting(
                uow,
                caller=command.caller,
                meeting_id=meeting_id,
                venue=venue,
                if_match=if_match,
                settings=command.deps.settings,
            ),
            answer=meeting_answer,
            reads=[store.MEETINGS.ref(meeting_id)],
        )
    except InvalidState as refusal:
        if refusal.type in ("taken", "busy"):
            # Read after the refusal, outside the decision: a list of proposals reserves nothing.
            free = await alternatives(database, meeting_id)
            refusal.extra["slots"] = [slot_out(at).model_dump(mode="json") for at in free]
        raise


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
    state: Literal["requested", "booked", "cancelled", "expired"] | None = None,
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


@router.put("/members/{member_id}/busy", response_model=BusyTimesOut)
async def set_busy(member_id: Id, body: BusyTimesIn, command: Command, if_match: IfMatchDep) -> Response:
    """When you cannot meet; private to you. A booking at such a time becomes a conflict; it is not cancelled."""
    times = [busy.time() for busy in body.busy]
    return await command.run(
        lambda uow: busy_times.set_busy(
            uow, caller=command.caller, member_id=member_id, times=times, if_match=if_match
        ),
        answer=lambda agenda: busy_answer(member_id, agenda),
        reads=[store.AGENDAS.ref(member_key(command.caller.org, member_id))],
    )


@router.get("/members/{member_id}/busy", response_model=BusyTimesOut)
async def read_busy(member_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> BusyTimesOut:
    """Your own busy times."""
    if caller.sub != member_id:
        raise not_there("member")
    agenda = await database.one(store.AGENDAS, member_key(caller.org, member_id))
    response.headers["ETag"] = etag(agenda.revision if agenda else 0)
    return BusyTimesOut(member_id=member_id, busy=agenda.busy if agenda else [])
