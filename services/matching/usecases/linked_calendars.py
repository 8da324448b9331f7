"""A member links a calendar that is kept elsewhere; a job reads it again and again. What it says acts as busy times
that were sent: later confirmations are refused, and bookings become conflicts."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, Invalid, InvalidState, NotFound, Ref, retry_after_seconds
from services.chassis.mongo import Database
from services.chassis.ops import NOT_PUBLIC, NotSent, OutwardClient, Reply, Sealer, SecretLost

from .. import metrics, plan_sources, store
from ..calendar_files import TooSlow, read_calendar
from ..domain import linked_calendar as links
from ..domain.agenda import MAX_BUSY, Agenda, Busy, merged
from ..domain.linked_calendar import Found, LinkBook, LinkedCalendar, calendar_target
from ..domain.members import member_key
from ..job_kinds import READ_CALENDAR, CalendarJob
from ..link_store import LINK_BOOKS, LINKED_CALENDARS, known_meetings
from ..settings import MatchingSettings
from ..store import AGENDAS
from .busy_times import must_be_self, replace_times

ACCEPT = {"Accept": "text/calendar, */*;q=0.1"}
MARKS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
OVERDUE = dt.timedelta(hours=1)
"""After this time a reading that should have been is planned again: its job has died."""


@dataclass(frozen=True)
class Wish:
    """What a member wants to link: the URL as it is stored, what is shown of it, and which zone reads its dates."""

    sealed_url: str
    host: str
    zone: str


async def must_have_profile(database: Database, org: str) -> None:
    """Raises InvalidState: with the last profile the link would be erased, so it begins with one."""
    if not await store.has_profile(database, org):
        raise InvalidState(
            "no-profile", "Your organisation has no profile here yet; create one, and link the calendar after it."
        )


async def link(uow: UnitOfWork, *, caller: Caller, member_id: str, wish: Wish, most: int) -> LinkedCalendar:
    """Links a calendar of the caller, or another one instead; the busy times of the one before stay until it was read.
    Raises NotFound for any other member, InvalidState."""
    must_be_self(caller, member_id)
    book = await uow.get_or(LINK_BOOKS, LinkBook(id=caller.org))
    book, at = book.with_one(member_id, most=most).asking(uow.now)
    uow.put(LINK_BOOKS, book)
    key = member_key(caller.org, member_id)
    before = await uow.get(LINKED_CALENDARS, key)
    new = LinkedCalendar(
        id=key,
        org=caller.org,
        member_id=member_id,
        sealed_url=wish.sealed_url,
        host=wish.host,
        zone=wish.zone,
        series=uow.derived_id("link", key),
        next_at=at,
    )
    stored = uow.put(LINKED_CALENDARS, new.model_copy(update={"revision": before.revision}) if before else new)
    _plan(uow, stored)
    return stored


async def unlink(uow: UnitOfWork, *, caller: Caller, member_id: str, forums: Collection[str]) -> None:
    """Ends the link: its busy times count no more, and its URL is gone. Raises NotFound."""
    must_be_self(caller, member_id)
    linked = await uow.get(LINKED_CALENDARS, member_key(caller.org, member_id))
    if linked is not None:
        await _remove(uow, linked, forums)


async def linked_of(database: Database, caller: Caller, member_id: str) -> LinkedCalendar:
    """The caller's own. Raises NotFound."""
    must_be_self(caller, member_id)
    found = await database.one(LINKED_CALENDARS, member_key(caller.org, member_id))
    if found is None:
        raise NotFound("You have no calendar linked; PUT links one.")
    return found


async def _remove(uow: UnitOfWork, linked: LinkedCalendar, forums: Collection[str]) -> None:
    uow.delete(LINKED_CALENDARS, linked)
    book = await uow.get(LINK_BOOKS, linked.org)
    if book is not None:
        uow.put(LINK_BOOKS, book.without(linked.member_id))
    agenda = await uow.get(AGENDAS, linked.id)
    if agenda is not None and agenda.linked:
        await replace_times(uow, agenda, agenda.model_copy(update={"linked": []}), linked.member_id, forums)


def _plan(uow: UnitOfWork, linked: LinkedCalendar) -> None:
    payload = CalendarJob(link_id=linked.id, series=linked.series, turn=linked.turn)
    cause = f"{linked.series}/{linked.turn}"
    uow.enqueue(READ_CALENDAR, payload, cause=cause, run_at=linked.next_at, owner=linked.org)


async def plan_reading(uow: UnitOfWork, *, id: str) -> bool:
    """Plans a reading that is overdue, because its job has died. Returns whether it was."""
    linked = await uow.get(LINKED_CALENDARS, id)
    if linked is None or linked.next_at > uow.now - OVERDUE:
        return False
    again = linked.model_copy(update={"turn": linked.turn + 1, "next_at": uow.now})
    _plan(uow, uow.put(LINKED_CALENDARS, again))
    return True


@dataclass(frozen=True)
class ReadCalendar:
    """Both halves of the job `read_calendar`. `turns`: files that are expanded at a time, beside those of requests."""

    database: Database
    client: OutwardClient
    sealer: Sealer
    settings: MatchingSettings
    turns: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, 1))

    async def work(self, job: Claimed[CalendarJob]) -> Found:
        """Reads it, if it is still linked."""
        linked = await self.database.one(LINKED_CALENDARS, job.payload.link_id)
        if linked is None or not _is_meant(job, linked):
            return Found()
        if not await store.has_profile(self.database, linked.org):
            return Found(is_orphan=True)
        marks = linked.marks_to_send(self.database.now())
        try:
            url = self.sealer.open(linked.sealed_url).decode()
            target = calendar_target(url, is_open=self.settings.linked_calendar_open)
            reply = await self.client.get(target, {**ACCEPT, **marks}, max_bytes=links.MAX_BYTES)
        except SecretLost:
            return Found(failure=links.SECRET_LOST)
        except ValueError:  # linked when other URLs could be
            return Found(failure=NOT_PUBLIC)
        except NotSent as failure:
            return Found(failure=failure.reason)
        return await self._found(linked, reply, was_marked=bool(marks))

    async def _found(self, linked: LinkedCalendar, reply: Reply, *, was_marked: bool) -> Found:
        now = self.database.now()
        if failure := links.failure_of(reply.status, was_marked=was_marked):
            header = reply.headers.get("Retry-After") if failure in (links.BUSY, links.SERVER_ERROR) else None
            asked = retry_after_seconds(header, now, most=links.MAX_PAUSE.total_seconds())
            return Found(failure=failure, status=reply.status, wait_seconds=asked or 0.0)
        if reply.status == 304:
            return Found()
        known = partial(known_meetings, self.database)
        try:
            read = await read_calendar(reply.body, linked.zone, now, known=known, turns=self.turns)
        except TooSlow:
            return Found(failure=links.TOO_SLOW)
        except Invalid:
            return Found(failure=links.NO_CALENDAR)
        agenda = await self.database.one(AGENDAS, linked.id)
        # In a thread: thousands of times take longer than others should wait for.
        times = await asyncio.to_thread(_still_to_come, read.times, agenda, now)
        if len(times) > MAX_BUSY:
            return Found(failure=links.TOO_MANY)
        forums = await plan_sources.forums_of_member(self.database, linked.org, linked.member_id)
        return Found(times=times, skipped=len(read.skipped), marks=_marks(reply), forums=forums)

    def reads(self, job: Claimed[CalendarJob], found: Found) -> Sequence[Ref]:
        """What `apply` will read."""
        return [LINKED_CALENDARS.ref(job.payload.link_id), AGENDAS.ref(job.payload.link_id)]

    async def apply(self, uow: UnitOfWork, job: Claimed[CalendarJob], found: Found) -> None:
        """Keeps what was found, and plans the next reading."""
        linked = await uow.get(LINKED_CALENDARS, job.payload.link_id)
        if linked is None or not _is_meant(job, linked):
            return
        if found.is_orphan:
            await _remove(uow, linked, ())
            return
        if found.times is not None:
            await _take(uow, linked, found)
        uow.count(partial(metrics.calendar_reading, found.outcome))
        every = dt.timedelta(minutes=self.settings.linked_calendar_minutes)
        _plan(uow, uow.put(LINKED_CALENDARS, linked.after(found, uow.now, every=every, jitter=random.random())))


def _is_meant(job: Claimed[CalendarJob], linked: LinkedCalendar) -> bool:
    return (linked.series, linked.turn) == (job.payload.series, job.payload.turn)


def _still_to_come(times: Sequence[Busy], agenda: Agenda | None, now: dt.datetime) -> list[Busy]:
    """Without what stands in the calendar because Magpie has booked it: a busy-only calendar says no more of it."""
    booked = {(time.start, time.end) for time in agenda.booked.values()} if agenda else set()
    return merged(time for time in times if time.end > now and (time.start, time.end) not in booked)


def _marks(reply: Reply) -> dict[str, str]:
    said = {sent: reply.headers.get(name, "") for name, sent in MARKS.items()}
    return {sent: mark for sent, mark in said.items() if links.is_mark(mark)}


async def _take(uow: UnitOfWork, linked: LinkedCalendar, found: Found) -> None:
    """Writes the agenda only if what is to come has changed: each write makes others decide again."""
    agenda = await uow.get_or(AGENDAS, Agenda(id=linked.id))
    times = list(found.times or ())
    if [time for time in agenda.linked if time.end > uow.now] != times:
        after = agenda.model_copy(update={"linked": times})
        await replace_times(uow, agenda, after, linked.member_id, found.forums)
