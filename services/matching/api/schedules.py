"""Schedules to print, and feeds for calendars, over HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import CallerDep, DatabaseDep, Output, StrictRoute
from services.chassis.model import Instant, Invalid, PublicName

from .. import store
from ..dependencies import Command, DependenciesDep
from ..domain.calendar import ZONES
from ..domain.feed import Feed, FeedKind, feed_of
from ..domain.schedule import Lang, Schedule
from ..prints import busy_feed, member_feed, schedule_page, schedule_pdf
from ..usecases import schedules
from ..usecases.schedules import Period, open_feed
from .parameters import Id, LangQuery

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["schedules"])
feeds = APIRouter(prefix="/feeds", tags=["schedules"])
MAX_DAYS = 92
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
FEED_HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "private, max-age=600", "X-Robots-Tag": "noindex"}
PDF, ICALENDAR = "application/pdf", "text/calendar; charset=utf-8"


class PeriodQuery(BaseModel):
    """From when on and until when, at most 92 days; by default from the beginning of today in Seoul."""

    model_config = ConfigDict(hide_input_in_errors=True)

    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    lang: LangQuery = None

    def period(self, now: dt.datetime) -> Period:
        """As the use case takes it. Raises Invalid."""
        today = now.astimezone(ZONES["KR"]).replace(hour=0, minute=0, second=0, microsecond=0)
        start = (self.from_ or today).astimezone(dt.UTC)
        end = self.to.astimezone(dt.UTC) if self.to else start + dt.timedelta(days=MAX_DAYS)
        if not start <= end <= start + dt.timedelta(days=MAX_DAYS):
            raise Invalid(f"A schedule is of at most {MAX_DAYS} days, and ends after it begins.", pointer="/query/to")
        return Period(start, end)


class CountryQuery(PeriodQuery):
    """For readers in which country."""

    country: Annotated[str, Field(pattern="^(KR|CN)$")] = "KR"

    @property
    def zone(self) -> ZoneInfo:
        """The zone of its days."""
        return ZONES[self.country]

    @property
    def language(self) -> Lang:
        """The one that is asked for, or else the country's."""
        return self.lang or ("zh" if self.country == "CN" else "ko")


class TableQuery(CountryQuery):
    """Which table, and of which forum: two may have a table of the same name."""

    place: PublicName
    forum_id: Id | None = None


class InterpreterQuery(CountryQuery):
    """Which interpreter of which forum."""

    forum_id: Id
    interpreter: Annotated[str, Field(max_length=64)]


class LineOut(Output):
    """A booked meeting."""

    meeting_id: str
    start: dt.datetime
    end: dt.datetime
    with_: Annotated[list[str], Field(serialization_alias="with")]
    place: str | None = None
    url: str | None = None
    fallback_url: str | None = None


class ScheduleOut(Output):
    """Booked meetings in order of time."""

    items: list[LineOut]


class FeedOut(Output):
    """The address to which a calendar subscribes. Who has it can read the feed; a new one ends it."""

    kind: FeedKind
    url: str


MyPeriod = Annotated[PeriodQuery, Query()]
TablePeriod = Annotated[TableQuery, Query()]
InterpreterPeriod = Annotated[InterpreterQuery, Query()]
PAGE_OF: dict[int | str, dict[str, object]] = {200: {"content": {"text/html": {}}}}
PDF_OF: dict[int | str, dict[str, object]] = {200: {"content": {PDF: {}}}}


@router.get("/members/{member_id}/schedule", response_model=ScheduleOut, response_model_exclude_none=True)
async def read_schedule(member_id: Id, wish: MyPeriod, caller: CallerDep, database: DatabaseDep) -> ScheduleOut:
    """Your booked meetings."""
    found = await schedules.schedule_of_member(database, caller, member_id, wish.period(database.now()), wish.lang)
    return _out(found)


@router.get("/members/{member_id}/schedule.html", response_class=HTMLResponse, responses=PAGE_OF)
async def show_schedule(member_id: Id, wish: MyPeriod, caller: CallerDep, database: DatabaseDep) -> HTMLResponse:
    """The same as a page to print."""
    now = database.now()
    return await _page(
        await schedules.schedule_of_member(database, caller, member_id, wish.period(now), wish.lang), now
    )


@router.get("/members/{member_id}/schedule.pdf", response_class=Response, responses=PDF_OF)
async def print_schedule(member_id: Id, wish: MyPeriod, caller: CallerDep, database: DatabaseDep) -> Response:
    """The same as a PDF."""
    now = database.now()
    found = await schedules.schedule_of_member(database, caller, member_id, wish.period(now), wish.lang)
    return await _pdf(found, now)


@router.get("/table-schedule.html", response_class=HTMLResponse, responses=PAGE_OF)
async def show_table(wish: TablePeriod, caller: CallerDep, database: DatabaseDep) -> HTMLResponse:
    """What is booked at a table, as a page to print; for organisers."""
    return await _page(await _of_table(wish, caller, database), database.now())


@router.get("/table-schedule.pdf", response_class=Response, responses=PDF_OF)
async def print_table(wish: TablePeriod, caller: CallerDep, database: DatabaseDep) -> Response:
    """The same as a PDF."""
    return await _pdf(await _of_table(wish, caller, database), database.now())


async def _of_table(wish: TableQuery, caller: CallerDep, database: DatabaseDep) -> Schedule:
    period, of = wish.period(database.now()), (wish.forum_id, wish.place)
    return await schedules.schedule_of_table(database, caller, *of, period, wish.language, wish.zone)


@router.get("/interpreter-schedule.html", response_class=HTMLResponse, responses=PAGE_OF)
async def show_interpreter(wish: InterpreterPeriod, caller: CallerDep, database: DatabaseDep) -> HTMLResponse:
    """The meetings of an interpreter of a forum, as a page to print; for organisers."""
    return await _page(await _of_interpreter(wish, caller, database), database.now())


@router.get("/interpreter-schedule.pdf", response_class=Response, responses=PDF_OF)
async def print_interpreter(wish: InterpreterPeriod, caller: CallerDep, database: DatabaseDep) -> Response:
    """The same as a PDF."""
    return await _pdf(await _of_interpreter(wish, caller, database), database.now())


async def _of_interpreter(wish: InterpreterQuery, caller: CallerDep, database: DatabaseDep) -> Schedule:
    period, of = wish.period(database.now()), (wish.forum_id, wish.interpreter)
    return await schedules.schedule_of_interpreter(database, caller, *of, period, wish.language, wish.zone)


async def _page(found: Schedule, now: dt.datetime) -> HTMLResponse:
    return HTMLResponse(await asyncio.to_thread(schedule_page, found, now), headers=PAGE_HEADERS)


async def _pdf(found: Schedule, now: dt.datetime) -> Response:
    # In a thread: a full page takes longer than others should wait for.
    return Response(await asyncio.to_thread(schedule_pdf, found, now), media_type=PDF, headers=PAGE_HEADERS)


@router.put("/members/{member_id}/feeds/{kind}", response_model=FeedOut)
async def put_feed(member_id: Id, kind: FeedKind, command: Command, lang: LangQuery = None) -> Response:
    """A new address to which your calendar can subscribe; the one before opens nothing any more. `full`: your meetings;
    `busy`: only that you are taken."""
    deps, caller, language = command.deps, command.caller, lang or "en"

    async def again(uow: UnitOfWork, feed_id: str) -> Answer | None:
        feed = await uow.get(store.FEEDS, feed_id)
        return Answer.of(_feed_out(feed, deps), subject=feed_id, is_secret=True) if feed and feed.token_hash else None

    return await command.run(
        lambda uow: schedules.renew_feed(
            uow, caller=caller, member_id=member_id, kind=kind, lang=language, key=deps.secret
        ),
        answer=lambda feed: Answer.of(_feed_out(feed, deps), subject=feed.id, is_secret=True),
        reads=[store.FEEDS.ref(feed_of(caller.org, member_id, kind).id)],
        again=again,
    )


@router.get("/members/{member_id}/feeds/{kind}", response_model=FeedOut)
async def read_feed(
    member_id: Id, kind: FeedKind, caller: CallerDep, database: DatabaseDep, dependencies: DependenciesDep
) -> FeedOut:
    """The address of your feed."""
    return _feed_out(await schedules.feed_read(database, caller, member_id, kind), dependencies)


@router.delete("/members/{member_id}/feeds/{kind}", status_code=204)
async def delete_feed(member_id: Id, kind: FeedKind, command: Command) -> Response:
    """The address opens nothing any more."""
    caller = command.caller
    return await command.run(
        lambda uow: schedules.revoke_feed(uow, caller=caller, member_id=member_id, kind=kind),
        answer=lambda _: Answer.empty(),
        reads=[store.FEEDS.ref(feed_of(caller.org, member_id, kind).id)],
    )


@feeds.get("/{token}", response_class=Response, responses={200: {"content": {"text/calendar": {}}}})
async def subscribe(token: str, database: DatabaseDep) -> Response:
    """A member's calendar, for the program that subscribes to it; the address is the permission."""
    opened = await open_feed(database, token.removesuffix(".ics"))
    make = member_feed if opened.feed.kind == "full" else busy_feed
    text = await asyncio.to_thread(make, opened.schedule)
    return Response(text, media_type=ICALENDAR, headers=FEED_HEADERS)


def _feed_out(feed: Feed, deps: DependenciesDep) -> FeedOut:
    base = deps.settings.public_url.rstrip("/")
    return FeedOut(kind=feed.kind, url=f"{base}/feeds/{feed.token(deps.secret)}.ics")


def _out(found: Schedule) -> ScheduleOut:
    items = [
        LineOut(
            meeting_id=line.meeting_id,
            start=line.start,
            end=line.end,
            with_=list(line.names),
            place=line.place,
            url=line.url,
            fallback_url=line.fallback_url,
        )
        for line in found.lines
    ]
    return ScheduleOut(items=items)
