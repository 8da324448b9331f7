"""Reads what the board shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.chassis.model import Caller, Forbidden, NotFound
from services.chassis.mongo import Database

from .. import after_store, store
from ..board import DayFacts, ForumFacts, MoveView, PlanFacts
from ..board.clock import short_name
from ..domain.after.attendance import Attendance
from ..domain.board_pass import Visitor
from ..domain.forum_plans.plan import PlanBook
from ..domain.forums.forum import Forum
from ..domain.match import OPEN
from ..domain.meeting import Meeting
from ..domain.schedule import Lang
from ..plan_sources import plans_of
from .access import readable_meeting
from .board_passes import matches_of_visit, meetings_of_visit
from .free_slots import free_starts
from .plan_forum import readable_plan

MAX_FORUMS, MAX_READ, MAX_STARTS = 100, 200, 24
AROUND = dt.timedelta(days=3)
"""How long after a meeting another time is looked for."""


def must_be_organiser(caller: Caller) -> None:
    """Raises Forbidden."""
    if not caller.is_organiser:
        raise Forbidden("The board of a forum is for organisers.")


def must_take_part(caller: Caller) -> None:
    """Raises Forbidden."""
    if "participant" not in caller.roles:
        raise Forbidden("This page is for participants.")


async def forums_to_show(database: Database, caller: Caller) -> list[Forum]:
    """All forums, those that are not over first. Raises Forbidden."""
    must_be_organiser(caller)
    found = await database.find(store.FORUMS, {}, limit=MAX_FORUMS)
    return sorted(found, key=lambda forum: (forum.is_closed, forum.setup.days[0].date, forum.id))


async def facts_of_forum(database: Database, caller: Caller, forum_id: str) -> ForumFacts:
    """What a forum's board is made from. Raises Forbidden, NotFound."""
    must_be_organiser(caller)
    forum = await database.one(store.FORUMS, forum_id)
    if forum is None:
        raise NotFound("There is no such forum.")
    ids = await after_store.registered(database, forum_id)
    span = forum.setup.span
    meetings = await after_store.meetings_among(database, ids, span.start, span.end)
    plans = await plans_of(database, forum_id)
    openings = await database.one(store.OPENING_BOOKS, forum_id)
    return ForumFacts(
        forum=forum,
        participants=ids,
        rows=await store.rows(database, ids),
        matches=await after_store.matches_among(database, ids),
        meetings=meetings,
        attendances={one.id: one for one in await _attendances(database, meetings)},
        plans=plans,
        publications={one.id: one for one in await database.many(store.PUBLICATIONS, [plan.id for plan in plans])},
        openings=openings,
    )


async def facts_of_plan(database: Database, caller: Caller, forum_id: str, number: int) -> PlanFacts:
    """A plan with its meetings and locks. Raises Forbidden, NotFound."""
    plan = await readable_plan(database, caller, forum_id, number)
    forum = await database.one(store.FORUMS, forum_id)
    if forum is None:
        raise NotFound("There is no such forum.")
    book = await database.one(store.PLAN_BOOKS, forum_id) or PlanBook(id=forum_id)
    sides = sorted({side for meeting in plan.meetings for side in meeting.sides})
    return PlanFacts(forum, plan, book, await store.rows(database, sides))


async def facts_of_day(database: Database, caller: Caller) -> DayFacts:
    """What a participant's board is made from: what its organisation has open with others. Raises Forbidden."""
    must_take_part(caller)
    own = [row.id for row in await after_store.profiles_of(database, caller.org)]
    matches = await database.find(store.MATCHES, {"parties": {"$in": own}, "state": {"$in": sorted(OPEN)}})
    to_come = {"state": {"$in": ["requested", "booked"]}, "end": {"$gt": database.now()}}
    meetings = await database.find(store.MEETINGS, {"parties": {"$in": own}, **to_come}, limit=MAX_READ)
    if isinstance(caller, Visitor):
        own = [caller.profile_id]
        matches = await matches_of_visit(database, caller, matches)
        meetings = await meetings_of_visit(database, caller, meetings)
    sides = {side for match in matches for side in match.parties} | {s for one in meetings for s in one.parties}
    return DayFacts(
        org=caller.org,
        member_id=caller.sub,
        rows=await store.rows(database, sorted({*own, *sides})),
        matches={match.id: match for match in matches},
        meetings=meetings,
        attendances={one.id: one for one in await _attendances(database, meetings)},
        may_answer=not isinstance(caller, Visitor) or caller.may_answer,
    )


async def _attendances(database: Database, meetings: Sequence[Meeting]) -> list[Attendance]:
    return await database.many(store.ATTENDANCES, [meeting.id for meeting in meetings])


async def other_times(database: Database, caller: Caller, meeting_id: str, lang: Lang) -> MoveView:
    """To which starts a meeting of the caller's can be moved. Raises Forbidden, NotFound."""
    must_take_part(caller)
    meeting = await readable_meeting(database, caller, meeting_id)
    first = max(database.now(), meeting.start - AROUND)
    starts = await free_starts(database, meeting.member_keys, first, meeting.start + AROUND, MAX_STARTS, moved=meeting)
    rows = await store.rows(database, meeting.parties)
    me = next(side for side in meeting.parties if side in rows and caller.owns(rows[side].owner))
    other = next(side for side in meeting.parties if side != me)
    who = short_name(rows.get(other), lang)
    return MoveView(meeting.id, meeting.revision, who, starts, "CN" if rows[me].country == "CN" else "KR")
