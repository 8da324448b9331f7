"""Slots, meetings and members' time over HTTP."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from services.chassis.database import Database
from services.chassis.errors import Contrary, Invalid, NotFound
from services.chassis.http import Acting, CallerDep, DatabaseDep, IfMatchDep, StrictRoute, after, cursor_after
from services.chassis.texts import Instant

from .. import store
from ..bodies import (
    BusyTimesIn,
    BusyTimesOut,
    ConfirmIn,
    MeetingIn,
    MeetingOut,
    MeetingPage,
    MoveIn,
    SlotPage,
    busy_answered,
    meeting_answered,
    meeting_shown,
    slot_shown,
)
from ..domain.calendar import LENGTH, starts
from ..domain.meeting import claim_id, slots
from ..usecases import calendar, meeting
from ..usecases.parties import NOT_YET, readable_row
from .matches import readable_match

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["meetings"])
Id = Annotated[str, Path(max_length=64)]
ProfileQuery = Annotated[str, Query(max_length=64, description="One of your own profiles.")]
Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=100)]
DAYS_AHEAD = 14
ALTERNATIVES = 5


@router.get("/slots", response_model=SlotPage)
async def list_slots(
    match_id: Annotated[str, Query(max_length=64)],
    caller: CallerDep,
    database: DatabaseDep,
    from_: Annotated[Instant | None, Query(alias="from")] = None,
    to: Annotated[Instant | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> SlotPage:
    """Starts at which both sides work and neither is taken; by default of the next 14 days. Write + as %2B."""
    match = await readable_match(database, caller, match_id)
    now = database.now()
    start = max(from_ or now, now)
    end = to or start + dt.timedelta(days=DAYS_AHEAD)
    if end - start > dt.timedelta(days=92):
        raise Invalid("Ask for at most 92 days at once.", pointer="/query/to")
    free = await free_starts(database, sorted(set(match.representatives.values())), start, end, limit)
    return SlotPage(items=[slot_shown(at) for at in free])


async def free_starts(
    database: Database, members: list[str], start: dt.datetime, end: dt.datetime, limit: int
) -> list[dt.datetime]:
    """Starts in the common hours at which nobody is taken or busy."""
    agendas = await store.agendas(database, members)
    taken = await store.claimed(database, members, start, end + LENGTH)

    def is_free(at: dt.datetime) -> bool:
        if not all(agenda.is_free(at, at + LENGTH) for agenda in agendas):
            return False
        return not any(claim_id(member, slot) in taken for member in members for slot in slots(at, at + LENGTH))

    return list(islice((at for at in starts(start, end) if at > start and is_free(at)), limit))


@router.post("/meetings", status_code=201, response_model=MeetingOut)
async def request(body: MeetingIn, acting: Acting) -> Response:
    """Asks the other side of an agreed match. It holds nothing until they confirm."""
    return await acting.run(
        meeting.request_meeting,
        answer=lambda asked: meeting_answered(asked.meeting, 201 if asked.is_new else 200),
        reads=[store.MATCHES.ref(body.match_id)],
        caller=acting.caller,
        match_id=body.match_id,
        start=body.start.astimezone(dt.UTC),
        venue=body.venue.venue(),
    )


@router.post("/meetings/{meeting_id}/confirm", response_model=MeetingOut)
async def confirm(
    meeting_id: Id,
    acting: Acting,
    if_match: IfMatchDep,
    database: DatabaseDep,
    body: ConfirmIn | None = None,
) -> Response:
    """Of a request, or of a move. 409 `taken` or `busy` names the next free common slots; the request stays open."""
    venue = body.venue.venue() if body and body.venue else None
    try:
        return await acting.run(
            meeting.confirm_meeting,
            answer=meeting_answered,
            reads=[store.MEETINGS.ref(meeting_id)],
            caller=acting.caller,
            meeting_id=meeting_id,
            venue=venue,
            if_match=if_match,
        )
    except Contrary as refusal:
        if refusal.type in ("taken", "busy"):
            refusal.extra["slots"] = await _alternatives(database, meeting_id)
        raise


async def _alternatives(database: Database, meeting_id: str) -> list[dict[str, object]]:
    wanted = await database.one(store.MEETINGS, meeting_id)
    if wanted is None:
        return []
    start = max(wanted.move.start if wanted.move else wanted.start, database.now())
    end = start + dt.timedelta(days=DAYS_AHEAD)
    free = await free_starts(database, wanted.members, start, end, ALTERNATIVES)
    return [slot_shown(at).model_dump(mode="json") for at in free]


@router.post("/meetings/{meeting_id}/reschedule", response_model=MeetingOut)
async def reschedule(meeting_id: Id, body: MoveIn, acting: Acting, if_match: IfMatchDep) -> Response:
    """Asks to move a booked meeting; the old time stands until the other side confirms."""
    return await acting.run(
        meeting.reschedule_meeting,
        answer=meeting_answered,
        reads=[store.MEETINGS.ref(meeting_id)],
        caller=acting.caller,
        meeting_id=meeting_id,
        start=body.start.astimezone(dt.UTC),
        venue=body.venue.venue() if body.venue else None,
        if_match=if_match,
    )


@router.post("/meetings/{meeting_id}/cancel", response_model=MeetingOut)
async def cancel(meeting_id: Id, acting: Acting, if_match: IfMatchDep) -> Response:
    return await acting.run(
        meeting.cancel_meeting,
        answer=meeting_answered,
        reads=[store.MEETINGS.ref(meeting_id)],
        caller=acting.caller,
        meeting_id=meeting_id,
        if_match=if_match,
    )


@router.get("/meetings", response_model=MeetingPage, response_model_exclude_none=True)
async def list_meetings(
    profile_id: ProfileQuery,
    caller: CallerDep,
    database: DatabaseDep,
    state: Literal["requested", "booked", "cancelled", "expired"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> MeetingPage:
    await readable_row(database, caller, profile_id)
    scope = ("meetings", caller.org, profile_id, state or "")
    found = await store.find_meetings(
        database, profile_id=profile_id, state=state, after=after(cursor, *scope), limit=limit + 1
    )
    page = found[:limit]
    return MeetingPage(
        items=[meeting_shown(m) for m in page],
        next=cursor_after(page[-1].id, *scope) if len(found) > limit else None,
    )


@router.get("/meetings/{meeting_id}", response_model=MeetingOut, response_model_exclude_none=True)
async def read_meeting(meeting_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> MeetingOut:
    found = await database.one(store.MEETINGS, meeting_id)
    rows = await store.rows(database, found.parties) if found else {}
    if found is None or not any(caller.may_read(row.owner) for row in rows.values()):
        raise NotFound("There is no such meeting, or it is not yours.", retry_after=None if found else NOT_YET)
    response.headers["ETag"] = f'"{found.revision}"'
    return meeting_shown(found)


@router.put("/members/{member_id}/busy", response_model=BusyTimesOut)
async def set_busy(member_id: Id, body: BusyTimesIn, acting: Acting, if_match: IfMatchDep) -> Response:
    """When you cannot meet; private to you. A booking that lies in such a time becomes a conflict, it is not undone."""
    return await acting.run(
        calendar.set_busy,
        answer=busy_answered,
        reads=[store.AGENDAS.ref(member_id)],
        caller=acting.caller,
        member_id=member_id,
        times=[busy.time() for busy in body.busy],
        if_match=if_match,
    )


@router.get("/members/{member_id}/busy", response_model=BusyTimesOut)
async def read_busy(member_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> BusyTimesOut:
    if caller.sub != member_id:
        raise NotFound("There is no such member, or it is not you.")
    agenda = await database.one(store.AGENDAS, member_id)
    response.headers["ETag"] = f'"{agenda.revision if agenda else 0}"'
    return BusyTimesOut(member_id=member_id, busy=agenda.busy if agenda else [])
