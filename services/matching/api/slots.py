"""Slots, and the official calendars by which they are found, over HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute
from services.chassis.model import Caller, Instant, Invalid, etag
from services.chassis.mongo import Database

from .. import store
from ..dependencies import OfficialCommand
from ..domain.calendar import STEP, WorkCalendar
from ..domain.meeting import Meeting
from ..usecases.access import not_there, readable_match, readable_meeting
from ..usecases.free_slots import DAYS_AHEAD, free_starts
from ..usecases.holiday_table import load_table, loaded_table
from .time_bodies import (
    CalendarOut,
    HolidayTableIn,
    HolidayTableOut,
    SlotPage,
    holiday_table_answer,
    holiday_table_out,
    slot_out,
)

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["slots"])
MAX_DAYS = 92


class SlotQuery(BaseModel):
    """For which match, or for moving which of its meetings, from when on, until when, and where the list continues."""

    model_config = ConfigDict(hide_input_in_errors=True)

    match_id: Annotated[str, Field(max_length=64)]
    meeting_id: Annotated[str | None, Field(max_length=64)] = None
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


@router.get("/slots", response_model=SlotPage)
async def list_slots(
    wish: Annotated[SlotQuery, Query()], caller: CallerDep, database: DatabaseDep, pages: PagesDep
) -> Response:
    """Starts from `from` on and before `to` at which both sides work and neither is taken; by default those of the next
    14 days. Write + as %2B. `next` is the cursor of the following ones.

    With `meeting_id`, a meeting of the match: starts to which it can be moved, with its table and interpreter.
    They may overlap the time that it has. A request or a move that waits for its answer holds no time."""
    match, limit = await readable_match(database, caller, wish.match_id), wish.limit
    moved = await _to_be_moved(database, caller, wish)
    scope = ("slots", caller.org, wish.match_id, str(wish.meeting_id), str(wish.from_), str(wish.to))
    start, end = _range(wish, database.now(), pages.start(wish.cursor, *scope))
    members = moved.member_keys if moved else match.member_keys
    free = await free_starts(database, members, start, end, limit + 1, moved=moved)
    after = pages.token(f"{free[limit - 1].isoformat()} {end.isoformat()}", *scope) if len(free) > limit else None
    calendar = (await loaded_table(database)).calendar()
    # In a thread, because a thousand slots take longer than others should wait for.
    body = await asyncio.to_thread(_slots_json, free[:limit], calendar, after)
    return Response(body, media_type="application/json")


async def _to_be_moved(database: Database, caller: Caller, wish: SlotQuery) -> Meeting | None:
    """Raises NotFound for a meeting of another match."""
    if wish.meeting_id is None:
        return None
    meeting = await readable_meeting(database, caller, wish.meeting_id)
    if meeting.match_id != wish.match_id:
        raise not_there("meeting")
    return meeting


def _range(wish: SlotQuery, now: dt.datetime, after: str | None) -> tuple[dt.datetime, dt.datetime]:
    """From when until when. `after` is where the last page ended, and the end of its list. Raises Invalid."""
    from_, to = wish.from_, wish.to
    if from_ is not None and to is not None and from_ > to:
        raise Invalid("`from` is after `to`; exchange them.", pointer="/query/from")
    start = max(from_ or now, now)
    end = to or start + dt.timedelta(days=DAYS_AHEAD)
    if after is not None:
        last, end = (dt.datetime.fromisoformat(text) for text in after.split(" "))
        start = max(start, last + STEP)
    if end - start > dt.timedelta(days=MAX_DAYS):
        raise Invalid(f"Ask for at most {MAX_DAYS} days at once.", pointer="/query/to")
    return start, end


def _slots_json(free: list[dt.datetime], calendar: WorkCalendar, after: str | None) -> str:
    items = [slot_out(at, calendar) for at in free]
    return SlotPage(items=items, calendar=CalendarOut(version=calendar.version), next=after).model_dump_json()


@router.get("/holidays", response_model=HolidayTableOut)
async def read_holidays(caller: CallerDep, database: DatabaseDep, response: Response) -> HolidayTableOut:
    """The table of holidays that corrects the official calendars now."""
    table = await loaded_table(database)
    response.headers["ETag"] = etag(table.revision)
    return holiday_table_out(table)


@router.put("/holidays", response_model=HolidayTableOut)
async def put_holidays(body: HolidayTableIn, command: OfficialCommand, if_match: IfMatchDep) -> Response:
    """For organisers and operators: replaces the table of holidays, at once and for all replicas. A booking that it
    touches becomes a conflict; it is not cancelled."""
    table = body.table()
    return await command.run(
        lambda uow: load_table(uow, table=table, if_match=if_match),
        answer=holiday_table_answer,
        reads=[store.HOLIDAYS.ref(store.HOLIDAYS_ID)],
    )
