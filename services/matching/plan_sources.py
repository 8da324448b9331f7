"""Reads what a plan of a forum is made from: registrations, agreed matches, live bookings, busy times, locks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.chassis.model import Doc
from services.chassis.mongo import Database

from .domain.agenda import Busy
from .domain.claim import claim_id, slots
from .domain.forum_plans.inputs import Sources, representatives
from .domain.forum_plans.plan import ForumPlan, PlanBook, PlannedMeeting, plan_id
from .domain.forums.forum import Forum
from .domain.forums.programme import MAX_CHANGE_OVER
from .domain.forums.registration import Registration
from .domain.match import Match
from .domain.meeting import Meeting
from .domain.members import member_key
from .store import (
    AGENDAS,
    FORUM_PLANS,
    MATCHES,
    MEETINGS,
    PLAN_BOOKS,
    PLAN_WORKS,
    PUBLICATIONS,
    REGISTRATIONS,
    documents,
)
from .store import PROFILES as ROWS

TAKES_TIME = ("booked", "completed", "no_show")
"""States of meetings after which their match needs no other one at the forum."""


async def sources_of(database: Database, forum: Forum, now: dt.datetime) -> Sources:
    """All of it, as it is now."""
    registrations = await database.find(REGISTRATIONS, {"forum_id": forum.id})
    ids = [one.profile_id for one in registrations]
    matches = await _agreed(database, ids)
    held = await _held(database, ids)
    here = {one.match_id: one for one in held if one.forum_id == forum.id and one.state == "booked"}
    elsewhere = {one.match_id for one in held} - set(here)
    book = await database.one(PLAN_BOOKS, forum.id) or PlanBook(id=forum.id)
    meanwhile = await _booked_meanwhile(database, forum)
    others = [meeting for meeting in meanwhile if meeting.forum_id != forum.id]
    return Sources(
        forum_id=forum.id,
        setup=forum.setup,
        registrations=registrations,
        matches=[match for match in matches if match.id not in elsewhere],
        languages={
            doc["_id"]: doc.get("languages", []) for doc in await documents(database, ROWS, ids, fields=("languages",))
        },
        agendas={agenda.id: agenda for agenda in await database.many(AGENDAS, _members(matches, registrations, here))},
        claims=_claims(meanwhile),
        closed=book.closed() | _held_before(others),
        beside=_held_during(others),
        locks=book.locks | {id: _as_planned(meeting) for id, meeting in here.items()},
        booked=frozenset(here),
        met=_met(done := [one for one in held if one.forum_id == forum.id and one.state == "completed"]),
        served=_served(done),
        now=now,
    )


async def forums_of_member(database: Database, org: str, member_id: str) -> list[str]:
    """Ids of the forums at which a member is a delegate of its organisation."""
    query: Doc = {"owner": org, "delegates.member_id": member_id, "gone": {"$ne": True}}
    return list(await database.db[REGISTRATIONS.name].distinct("forum_id", query))


async def plans_of(database: Database, forum_id: str) -> list[ForumPlan]:
    """All plans of a forum, the first one first, without their meetings."""
    query: Doc = {"_id": {"$gte": f"{forum_id}/", "$lt": f"{forum_id}0"}, "gone": {"$ne": True}}
    found = database.db[FORUM_PLANS.name].find(query, {"meetings": 0}, sort=[("_id", 1)])
    return [FORUM_PLANS.read(doc) async for doc in found]


async def plans_naming(database: Database, profile_id: str) -> list[str]:
    """Ids of the plans in which a profile meets."""
    query: Doc = {f"meetings.sides.{profile_id}": {"$exists": True}}
    return list(await database.db[FORUM_PLANS.name].distinct("_id", query))


async def books_naming(database: Database, profile_id: str) -> list[str]:
    """Ids of the books that lock a meeting of a profile, or have people of it among those who are away."""
    books = await database.find(PLAN_BOOKS, {"$or": [{"locks": {"$ne": {}}}, {"closures.profiles": profile_id}]})
    return [book.id for book in books if book.without_profile(profile_id) != book]


async def works_naming(database: Database, profile_id: str) -> list[str]:
    """Ids of the works about a profile. There are few, as they live for days."""
    quoted = f'"{profile_id}"'.encode()
    return [work.id for work in await database.find(PLAN_WORKS, {}) if quoted in work.asked]


async def booked_at_forum(database: Database, forum_id: str) -> list[Meeting]:
    """What is booked there by its plans."""
    return await database.find(MEETINGS, {"forum_id": forum_id, "state": "booked"})


async def offered_at_forum(database: Database, forum: Forum) -> list[Meeting]:
    """What it offers now."""
    return await database.find(MEETINGS, {"forum_id": forum.id, "state": "requested"})


async def not_to_be_asked(database: Database, forum_id: str) -> frozenset[str]:
    """Matches that had a booking there which a side has cancelled or given back."""
    # A declined offer was never in a calendar: its sequence is 0.
    query: Doc = {"forum_id": forum_id, "state": "cancelled", "ended_by": {"$ne": None}, "ical_sequence": {"$gt": 0}}
    return frozenset(await database.db[MEETINGS.name].distinct("match_id", query))


async def link_of(database: Database, forum_id: str) -> str | None:
    """Where remote meetings of the published plan take place."""
    book = await database.one(PLAN_BOOKS, forum_id)
    if book is None or book.published is None:
        return None
    publication = await database.one(PUBLICATIONS, plan_id(forum_id, book.published))
    return publication.link if publication else None


async def _agreed(database: Database, ids: Sequence[str]) -> list[Match]:
    known = set(ids)
    found = await database.find(MATCHES, {"parties": {"$in": list(ids)}, "state": "agreed"})
    return [match for match in found if set(match.parties) <= known]


async def _held(database: Database, ids: Sequence[str]) -> list[Meeting]:
    return await database.find(MEETINGS, {"parties": {"$in": list(ids)}, "state": {"$in": list(TAKES_TIME)}})


async def _booked_meanwhile(database: Database, forum: Forum) -> list[Meeting]:
    """What is booked while the forum lasts, and in any change-over before and after it, of whatever forum or none."""
    span, pause = forum.setup.span, dt.timedelta(minutes=MAX_CHANGE_OVER)
    query: Doc = {"state": "booked", "start": {"$lt": span.end + pause}, "end": {"$gt": span.start - pause}}
    return await database.find(MEETINGS, query)


def _met(meetings: Iterable[Meeting]) -> Counter[str]:
    return Counter(side for meeting in meetings for side in meeting.parties)


def _served(meetings: Iterable[Meeting]) -> dict[str, list[dt.datetime]]:
    found = dict[str, list[dt.datetime]]()
    for at in map(_as_planned, meetings):
        if at.interpreter is not None:
            found.setdefault(at.interpreter, []).append(at.start)
    return found


def _claims(meetings: Iterable[Meeting]) -> frozenset[str]:
    return frozenset(id for meeting in meetings for id in meeting.claim_ids())


def _held_before(meetings: Iterable[Meeting]) -> frozenset[str]:
    """The change-over before meetings elsewhere, which the members need to get there."""
    return frozenset(id for one in meetings for id in _of_members(one, one.time.before))


def _held_during(meetings: Iterable[Meeting]) -> frozenset[str]:
    return frozenset(id for one in meetings for id in _of_members(one, one.time))


def _of_members(meeting: Meeting, time: Busy) -> Iterator[str]:
    times = list(slots(time.start, time.end))
    return (claim_id(key, at) for key in meeting.member_keys for at in times)


def _members(
    matches: Sequence[Match], registrations: Sequence[Registration], booked: Mapping[str, Meeting]
) -> list[str]:
    """Those who would meet, and those who do: others may be registered in their place by now."""
    known = {one.profile_id: one for one in registrations}
    found = {key for meeting in booked.values() for key in meeting.member_keys}
    for match in matches:
        sides = representatives(match, known) or {}
        found |= {member_key(known[side].owner, member) for side, member in sides.items()}
    return sorted(found)


def _as_planned(meeting: Meeting) -> PlannedMeeting:
    """A meeting that was booked by a plan, as a lock."""
    helper = next((key for key in meeting.resources if key.startswith("interpreter/")), None)
    return PlannedMeeting(
        match_id=meeting.match_id,
        sides=meeting.sides,
        start=meeting.start,
        place=meeting.venue.place,
        interpreter=helper.rpartition("/")[2] if helper else None,
        online=meeting.venue.url is not None,
    )
