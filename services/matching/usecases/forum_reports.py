"""What is counted for the report of a forum."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import Any

from services.chassis.model import Caller, NotFound
from services.chassis.mongo import Database

from .. import after_store, store
from ..domain.after.forum_report import Facts, ForumReport, MeetingFact, forum_report
from ..domain.calendar import LENGTH
from ..domain.forums.forum import Forum
from ..domain.meeting import Meeting
from ..store import FORUMS
from .open_round import must_be_organiser


async def report_of(database: Database, caller: Caller, forum_id: str) -> tuple[Forum, ForumReport]:
    """The report of a forum as it is now; for organisers. Raises Forbidden, NotFound."""
    must_be_organiser(caller)
    forum = await database.one(FORUMS, forum_id)
    if forum is None:
        raise NotFound("There is no such forum.")
    facts = await _facts(database, forum)
    return forum, await asyncio.to_thread(forum_report, facts)


async def _facts(database: Database, forum: Forum) -> Facts:
    ids = await after_store.registered(database, forum.id)
    rows = await store.rows(database, ids)
    matches = await after_store.matches_among(database, ids)
    span = forum.setup.span
    among = await after_store.meetings_among(database, ids, span.start, span.end)
    dates = {day.date for day in forum.setup.days}
    meetings = [one for one in among if forum.setup.date_of(one.start.isoformat()) in dates]
    now = database.now()
    return Facts(
        countries={id: rows[id].country if id in rows else "" for id in ids},
        proposed=[match.parties for match in matches],
        agreed=[match.parties for match in matches if len(match.representatives) == len(match.parties)],
        meetings=[_fact(meeting, forum, now) for meeting in meetings],
        outcomes=await database.many(store.OUTCOMES, [match.id for match in matches]),
        answers=await after_store.answers(database, [meeting.id for meeting in meetings]),
        **_room(forum, now),
    )


def _fact(meeting: Meeting, forum: Forum, now: dt.datetime) -> MeetingFact:
    return MeetingFact(
        parties=meeting.parties,
        state=meeting.state,
        date=forum.setup.date_of(meeting.start.isoformat()),
        # By what it holds: a place of the same name may be another forum's, or a table that no one has set up.
        at_table=any(holder.startswith(f"table/{forum.id}/") for holder in meeting.resources),
        is_released=meeting.reason == "released",
        is_over=meeting.end <= now,
    )


def _room(forum: Forum, now: dt.datetime) -> dict[str, Any]:
    """For how many meetings there are tables by day, or were on one that has begun; and which those are."""
    setup, tables = forum.setup, len(forum.setup.tables)
    slots = [(setup.date_of(start.isoformat()), start + LENGTH <= now) for start in setup.slots()]
    begun = {date for date, is_over in slots if is_over}
    counted = Counter(date for date, is_over in slots if is_over or date not in begun)
    return {"room": {date: count * tables for date, count in counted.items()} if tables else {}, "begun": begun}
