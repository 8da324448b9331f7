"""How that is found which comes after the table: who was there, what was written down, schedules, feeds, reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.chassis.model import Doc
from services.chassis.mongo import Database

from .domain.after.attendance import Kept
from .domain.after.debrief import Debrief
from .domain.after.forum_report import Answer
from .domain.feed import Feed
from .domain.match import Match
from .domain.meeting import Meeting
from .domain.profile_row import ProfileRow
from .store import ATTENDANCES, DEBRIEFS, FEEDS, MATCHES, MEETINGS, PROFILES, REGISTRATIONS


async def about_now(database: Database, earliest: dt.datetime, latest: dt.datetime) -> list[Meeting]:
    """Meetings that are booked or were held, and start between two instants."""
    query: Doc = {"state": {"$in": ["booked", "completed"]}, "start": {"$gte": earliest, "$lte": latest}}
    return await database.find(MEETINGS, query)


async def kept(database: Database, profile_id: str) -> Kept:
    """What a profile has made of its bookings."""
    of_meetings, side = database.db[MEETINGS.name], {"parties": profile_id}
    completed = await of_meetings.count_documents({**side, "state": "completed"})
    released = await of_meetings.count_documents({**side, "reason": "released", "ended_by": profile_id})
    missed = await database.db[ATTENDANCES.name].count_documents({"absent": profile_id})
    return Kept(completed, missed, released)


async def to_follow_up(database: Database, profile_id: str, *, after: str | None, limit: int) -> list[Debrief]:
    """Debriefs of a profile with something left to do, by id, after the one with the id `after`."""
    query: Doc = {"profile_id": profile_id, "follow_ups": {"$elemMatch": {"is_done": False}}}
    if after:
        query["_id"] = {"$gt": after}
    return await database.find(DEBRIEFS, query, limit=limit)


async def debrief_ids(database: Database, profile_id: str) -> list[str]:
    """Ids of all debriefs that a profile has written."""
    return list(await database.db[DEBRIEFS.name].distinct("_id", {"profile_id": profile_id}))


async def profiles_of(database: Database, org: str) -> list[ProfileRow]:
    """All profiles of an organisation."""
    return await database.find(PROFILES, {"owner": org})


async def booked_of(
    database: Database, profile_ids: Sequence[str], start: dt.datetime, end: dt.datetime
) -> list[Meeting]:
    """What these profiles have booked between two instants, or held."""
    query: Doc = {"parties": {"$in": list(profile_ids)}, **_going_on(start, end)}
    return await database.find(MEETINGS, query)


async def booked_at(
    database: Database, place: str, start: dt.datetime, end: dt.datetime, *, forum_id: str | None, limit: int
) -> list[Meeting]:
    """What is booked at a place between two instants, or was held there: of a forum, as two may have tables of the same
    name, or else of all of them and beside them."""
    of_forum: Doc = {"forum_id": forum_id} if forum_id is not None else {}
    return await database.find(MEETINGS, {"venue.place": place, **of_forum, **_going_on(start, end)}, limit=limit)


async def booked_with(
    database: Database, forum_id: str, holder: str, start: dt.datetime, end: dt.datetime, *, limit: int
) -> list[Meeting]:
    """What something of a forum, as claims name it, is booked for between two instants, or was there for."""
    query: Doc = {"forum_id": forum_id, "resources": holder, **_going_on(start, end)}
    return await database.find(MEETINGS, query, limit=limit)


def _going_on(start: dt.datetime, end: dt.datetime) -> Doc:
    return {"state": {"$in": ["booked", "completed"]}, "start": {"$gte": start, "$lt": end}}


async def feed_with(database: Database, token_hash: str) -> Feed | None:
    """The feed with this address."""
    found = await database.find(FEEDS, {"token_hash": token_hash}, limit=1)
    return found[0] if found else None


async def feed_ids(database: Database, org: str) -> list[str]:
    """Ids of the feeds of an organisation's members."""
    return list(await database.db[FEEDS.name].distinct("_id", {"org": org}))


async def registered(database: Database, forum_id: str) -> list[str]:
    """Ids of the profiles that take part in a forum."""
    return list(await database.db[REGISTRATIONS.name].distinct("profile_id", {"forum_id": forum_id}))


async def matches_among(database: Database, profile_ids: Sequence[str]) -> list[Match]:
    """All matches between two of these profiles."""
    return await database.find(MATCHES, _among(profile_ids))


async def meetings_among(
    database: Database, profile_ids: Sequence[str], start: dt.datetime, end: dt.datetime
) -> list[Meeting]:
    """All meetings between two of these profiles that begin between two instants."""
    return await database.find(MEETINGS, {**_among(profile_ids), "start": {"$gte": start, "$lt": end}})


def _among(profile_ids: Sequence[str]) -> Doc:
    ids = list(profile_ids)
    return {"parties": {"$in": ids, "$not": {"$elemMatch": {"$nin": ids}}}}


async def answers(database: Database, meeting_ids: Sequence[str]) -> list[Answer]:
    """The ratings of these meetings, and whether a side would meet again. Nothing else of a debrief is read."""
    query: Doc = {"meeting_id": {"$in": list(meeting_ids)}, "gone": {"$ne": True}}
    found = database.db[DEBRIEFS.name].find(query, {"profile_id": 1, "rating": 1, "would_meet_again": 1, "_id": 0})
    return [Answer(doc["profile_id"], doc.get("rating"), doc.get("would_meet_again")) async for doc in found]
