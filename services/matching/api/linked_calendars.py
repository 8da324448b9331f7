"""Calendars elsewhere that members have read regularly, over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, Input, Output, StrictRoute
from services.chassis.model import MAX_URL_LENGTH, Invalid, PlaceZone
from services.chassis.ops import Sealer

from .. import plan_sources, store
from ..dependencies import Command
from ..domain.linked_calendar import PURPOSE, LinkedCalendar, State, calendar_target
from ..domain.linked_sentences import why
from ..domain.members import member_key
from ..domain.schedule import Lang
from ..link_store import LINK_BOOKS, LINKED_CALENDARS
from ..usecases import linked_calendars as acts
from ..usecases.busy_times import must_be_self
from .busy import zone_of
from .parameters import Id, LangQuery

router = APIRouter(prefix="/v1/members/{member_id}/linked-calendar", route_class=StrictRoute, tags=["members"])


class LinkedCalendarIn(Input):
    """Where the calendar is: its secret or busy-only address (.ics), https or webcal. It is never shown again. `zone`
    reads dates, and times without a zone; else your country's."""

    url: Annotated[str, Field(max_length=MAX_URL_LENGTH)]
    zone: PlaceZone | None = None


class FailureOut(Output):
    """Why the last reading failed: a word for programs, the status of the answer if there was one, and a sentence."""

    reason: str
    status: int | None = None
    detail: str


class LinkedCalendarOut(Output):
    """The state of the link: `waiting` for its first reading, `ok`, or `failing`. `host` is all that is shown of its
    address. `times`, `skipped`: busy times that were found, and events that could not be read, or only in part."""

    member_id: str
    host: str
    zone: str
    state: State
    read_at: dt.datetime | None = None
    tried_at: dt.datetime | None = None
    next_at: dt.datetime
    times: int
    skipped: int
    failure: FailureOut | None = None


@router.put("", response_model=LinkedCalendarOut, response_model_exclude_none=True)
async def link(
    member_id: Id, body: LinkedCalendarIn, command: Command, database: DatabaseDep, lang: LangQuery = None
) -> Response:
    """Has a calendar of yours read regularly for when you are busy; private to you, and no names of events are kept.
    Its times count beside those that you send; a booking at such a time becomes a conflict, as with a file.

    Another URL replaces the one before. `GET` says when it was read, and why that failed."""
    caller, settings = command.caller, command.deps.settings
    must_be_self(caller, member_id)
    try:
        target = calendar_target(body.url, is_open=settings.linked_calendar_open)
    except ValueError as error:
        raise Invalid(str(error), pointer="/url") from None
    await acts.must_have_profile(database, caller.org)
    zone = body.zone or await zone_of(database, caller.org)
    sealed = Sealer(command.deps.secret, PURPOSE).seal(body.url.encode())
    wish, most = acts.Wish(sealed, target.host, zone), settings.max_linked_calendars_per_org
    language = await _language(database, caller.org, lang)
    return await command.run(
        lambda uow: acts.link(uow, caller=caller, member_id=member_id, wish=wish, most=most),
        answer=lambda linked: Answer.of(_out(linked, language), subject=linked.id),
        reads=[LINKED_CALENDARS.ref(member_key(caller.org, member_id)), LINK_BOOKS.ref(caller.org)],
    )


@router.get("", response_model=LinkedCalendarOut, response_model_exclude_none=True)
async def read_state(
    member_id: Id, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None
) -> LinkedCalendarOut:
    """Your linked calendar: when it was read, when it is read next, and why that failed."""
    linked = await acts.linked_of(database, caller, member_id)
    return _out(linked, await _language(database, caller.org, lang))


@router.delete("", status_code=204)
async def unlink(member_id: Id, command: Command, database: DatabaseDep) -> Response:
    """It is read no more, and its busy times count no more. Meetings that were in conflict stay so."""
    caller = command.caller
    key = member_key(caller.org, member_id)
    forums = await plan_sources.forums_of_member(database, caller.org, member_id)
    return await command.run(
        lambda uow: acts.unlink(uow, caller=caller, member_id=member_id, forums=forums),
        answer=lambda _: Answer.empty(),
        reads=[LINKED_CALENDARS.ref(key), LINK_BOOKS.ref(caller.org), store.AGENDAS.ref(key)],
    )


async def _language(database: DatabaseDep, org: str, lang: Literal["ko", "zh", "en"] | None) -> Lang:
    return lang or ("zh" if await store.country_of(database, org) == "CN" else "ko")


def _out(linked: LinkedCalendar, lang: Lang) -> LinkedCalendarOut:
    failure = None
    if linked.failure is not None:
        detail = why(linked.failure, linked.status, lang, again_at=linked.next_at, zone=linked.zone)
        failure = FailureOut(reason=linked.failure, status=linked.status, detail=detail)
    return LinkedCalendarOut(
        member_id=linked.member_id,
        host=linked.host,
        zone=linked.zone,
        state=linked.state,
        read_at=linked.read_at,
        tried_at=linked.tried_at,
        next_at=linked.next_at,
        times=linked.times,
        skipped=linked.skipped,
        failure=failure,
    )
