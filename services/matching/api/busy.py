"""Busy times over HTTP: as JSON, or as the file that a calendar program exports."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, StrictRoute
from services.chassis.model import PlaceZone, etag
from services.chassis.mongo import Database

from .. import plan_sources, store
from ..calendar_files import read_calendar
from ..dependencies import Command
from ..domain.busy_entries import BusyList, has_dates, read_entries
from ..domain.calendar import ZONES
from ..domain.members import member_key
from ..domain.weekly import busy_outside
from ..link_store import known_meetings
from ..usecases import busy_times
from ..usecases.access import not_there
from .parameters import Id
from .time_bodies import BusyTimesIn, BusyTimesOut, busy_answer

router = APIRouter(prefix="/v1/members", route_class=StrictRoute, tags=["members"])
CALENDAR = "text/calendar"
FEW_ENTRIES = 50
"""Are read in less than a millisecond."""
Zone = Annotated[PlaceZone | None, Query(description="Reads dates, and times without a zone; else your country's.")]
BODIES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": BusyTimesIn.model_json_schema()},
            CALENDAR: {"schema": {"type": "string", "description": "A calendar as RFC 5545 describes it."}},
        },
    }
}


@router.put("/{member_id}/busy", response_model=BusyTimesOut, openapi_extra=BODIES)
async def set_busy(
    member_id: Id, command: Command, database: DatabaseDep, if_match: IfMatchDep, zone: Zone = None
) -> Response:
    """When you cannot meet; private to you. A booking at such a time becomes a conflict; it is not cancelled.

    Send the whole list as JSON, with the hours of a week in which you can meet if you like, or a calendar
    (`text/calendar`), whose events of the next 92 days count with their repetitions. An entry that cannot be taken is
    named in `skipped`, and the others count."""
    busy_times.must_be_self(command.caller, member_id)
    sent = await _read(command, database, zone)
    times = sent.merged()
    forums = await plan_sources.forums_of_member(database, command.caller.org, member_id)
    return await command.run(
        lambda uow: busy_times.set_busy(
            uow, caller=command.caller, member_id=member_id, times=times, forums=forums, if_match=if_match
        ),
        answer=lambda agenda: busy_answer(member_id, agenda, sent.skipped),
        reads=[store.AGENDAS.ref(member_key(command.caller.org, member_id)), *map(store.FORUMS.ref, forums)],
    )


async def _read(command: Command, database: Database, zone: str | None) -> BusyList:
    """What was sent. Raises Invalid, and RequestValidationError for what is no list at all."""
    if command.headers.get("content-type", "").partition(";")[0].strip().lower() == CALENDAR:
        zone = zone or await zone_of(database, command.caller.org)
        known = partial(known_meetings, database)
        return await read_calendar(await command.body(), zone, database.now(), known=known)
    sent = await _sent(command)
    if zone is None and (sent.weekly is not None or has_dates(sent.busy or [])):
        zone = await zone_of(database, command.caller.org)
    read = partial(_times, sent, ZoneInfo(zone or ZONES["KR"].key), database.now())
    if sent.weekly is None and len(sent.busy or []) <= FEW_ENTRIES:
        return read()
    # In a thread: thousands of entries take longer than others should wait for.
    return await asyncio.to_thread(read)


def _times(sent: BusyTimesIn, zone: ZoneInfo, now: dt.datetime) -> BusyList:
    found = read_entries(sent.busy or [], zone)
    if sent.weekly is None:
        return found
    outside = busy_outside([one.hours() for one in sent.weekly], zone, now)
    return BusyList([*found.times, *outside], found.skipped)


async def _sent(command: Command) -> BusyTimesIn:
    try:
        return BusyTimesIn.model_validate(await command.json())
    except json.JSONDecodeError as error:
        what = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "", "ctx": {"error": error.msg}}
        raise RequestValidationError([what]) from None
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in found]) from None


async def zone_of(database: Database, org: str) -> str:
    """The zone of an organisation's country; Seoul's while it has none."""
    return ZONES.get(await store.country_of(database, org), ZONES["KR"]).key


@router.get("/{member_id}/busy", response_model=BusyTimesOut)
async def read_busy(member_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> BusyTimesOut:
    """Your own busy times."""
    if caller.sub != member_id:
        raise not_there("member")
    agenda = await database.one(store.AGENDAS, member_key(caller.org, member_id))
    response.headers["ETag"] = etag(agenda.revision if agenda else 0)
    if agenda is None:
        return BusyTimesOut(member_id=member_id, busy=[])
    return BusyTimesOut(member_id=member_id, busy=agenda.busy, linked=agenda.linked)
