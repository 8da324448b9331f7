"""Starts at which two members can meet."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import islice

from services.chassis.mongo import Database

from .. import store
from ..domain.agenda import Busy, free_among
from ..domain.calendar import LENGTH, STEP, starts
from ..domain.claim import NO_PLACES, claimed_slot, member_claims, resources_at
from ..domain.forum_plans.booking import places_of
from ..domain.forum_plans.closures import away_by_programme
from ..domain.forum_plans.plan import PlanBook
from ..domain.forums.forum import Forum
from ..domain.meeting import Meeting
from .holiday_table import loaded_table

DAYS_AHEAD = 14
MAX_ALTERNATIVES = 5


async def free_starts(
    database: Database,
    members: Sequence[str],
    start: dt.datetime,
    end: dt.datetime,
    limit: int,
    *,
    moved: Meeting | None = None,
) -> list[dt.datetime]:
    """Starts in the common working hours, and in the future, at which no member is taken or busy, as committed now.
    `members` are keys; `moved`: the meeting that is to start then, if it is there already. Its own time is no obstacle,
    but its table and its interpreter must be free; the start that it has is none to move it to."""
    taken = await _taken(database, members, start, end, moved)
    now, calendar = database.now(), (await loaded_table(database)).calendar()
    present = moved.start if moved and moved.state == "booked" else None
    wanted = (at for at in starts(start, end, calendar) if at > now and at != present)
    # In a thread: three months take longer than others should wait for.
    return await asyncio.to_thread(_free, wanted, taken, limit)


async def _taken(
    database: Database, members: Sequence[str], start: dt.datetime, end: dt.datetime, moved: Meeting | None
) -> list[Busy]:
    """When a meeting must not take place, in no order."""
    agendas = await store.agendas(database, members)
    holders = [member_claims(key) for key in members]
    forum = await database.one(store.FORUMS, moved.forum_id) if moved and moved.forum_id is not None else None
    if moved is None:
        itself, pause, minutes = None, None, 0
    else:
        itself, pause, minutes = moved.id, moved.time.change_over, moved.change_over
        places = places_of(forum.setup, forum.id) if forum is not None else NO_PLACES
        holders += resources_at(moved.resources, moved.venue, moved.ask.venue, places)
    after = dt.timedelta(minutes=minutes)
    # A meeting that starts just before `end` needs slots after it, and one that starts before `start` may reach it.
    claims = await store.claims_of(database, holders, start - LENGTH, end + LENGTH + after)
    slots = [claimed_slot(claim.id) for claim in claims if claim.meeting_id != itself]
    others = (time for agenda in agendas for id, time in agenda.booked.items() if id != itself)
    return [
        *(await _away(database, forum, holders, start, end + LENGTH) if forum is not None else ()),
        *(time for agenda in agendas for time in agenda.all_busy),
        *(time.kept_from(pause) for time in others),
        # It claims the time to change over, too.
        *(Busy(start=slot - after, end=slot + STEP) for slot in slots),
    ]


async def _away(
    database: Database, forum: Forum, holders: Sequence[str], start: dt.datetime, end: dt.datetime
) -> list[Busy]:
    """When one of these is away at the forum of the meeting, by its programme or as its organiser has said."""
    book = await database.one(store.PLAN_BOOKS, forum.id) or PlanBook(id=forum.id)
    concerned = (one for one in book.closures if not set(holders).isdisjoint(one.holders))
    said = [Busy(start=one.first_slot, end=one.end) for one in concerned]
    return said + away_by_programme(forum.setup, forum.id, holders, start, end)


def _free(wanted: Iterable[dt.datetime], taken: list[Busy], limit: int) -> list[dt.datetime]:
    return list(islice(free_among(wanted, LENGTH, taken), limit))


async def alternatives(database: Database, meeting_id: str) -> list[dt.datetime]:
    """The next free starts of a meeting's members, from the time on that could not be confirmed."""
    wanted = await database.one(store.MEETINGS, meeting_id)
    if wanted is None:
        return []
    start = max(wanted.move.start if wanted.move else wanted.start, database.now())
    end = start + dt.timedelta(days=DAYS_AHEAD)
    return await free_starts(database, wanted.member_keys, start, end, MAX_ALTERNATIVES, moved=wanted)
