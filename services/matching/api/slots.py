"""Slots, and the official calendars by which they are found, over HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute
from services.chassis.model import Instant, Invalid, etag

from .. import store
from ..dependencies import OfficialCommand
from ..domain.calendar import STEP, WorkCalendar
from ..usecases.access import readable_match
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
    """For which match, from when on, until when, and where the list continues."""

    model_config = ConfigDict(hide_input_in_errors=True)

    match_id: Annotated[str, Field(max_length=64)]
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    cursor: Annotated[str | None, Field(max_length=400)] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


@router.get("/slots", response_model=SlotPage)
async def list_slots(
    wish: Annotated[SlotQuery, Query()], caller: CallerDep, database: DatabaseDep, pages: PagesDep
) -> Response:
    """Starts from `from` on and before `to` at which both sides work and neither is taken; by default those of the next
    14 days. Write + as %2B. `next` is the cursor of the following ones."""
    match, limit = await readable_match(database, caller, wish.match_id), wish.limit
    scope = ("slots", caller.org, wish.match_id, str(wish.from_), str(wish.to))
    start, end = _range(wish, database.now(), pages.start(wish.cursor, *scope))
    free = await free_starts(database, match.member_keys, start, end, limit + 1)
    after = pages.token(f"{free[limit - 1].isoformat()} {end.isoformat()}", *scope) if len(free) > limit else None
    calendar = (await loaded_table(database)).calendar()
    # In a thread, because a thousand slots take longer than others should wait for.
    body = await asyncio.to_thread(_slots_json, free[:limit], calendar, after)
    return Response(body, media_type="application/json")


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
