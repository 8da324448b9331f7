"""What matching stores, and how it is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from schemas import calendars
from services.chassis.model import AnyCollection, Collection, Doc, Index
from services.chassis.mongo import Database

from .domain import calendar, match, meeting_event
from .domain.after import outcome
from .domain.after.attendance import Attendance
from .domain.after.debrief import Debrief
from .domain.after.outcome import Outcome
from .domain.agenda import Agenda
from .domain.budget import Budget
from .domain.calendar import HolidayTable
from .domain.claim import Claim, claim_of
from .domain.desk import Desk
from .domain.diary import Diary
from .domain.feed import Feed
from .domain.forum_plans.openings import OpeningBook
from .domain.forum_plans.plan import ForumPlan, PlanBook, PlanWork, Publication
from .domain.forums import forum, plan_parts
from .domain.forums.forum import Forum
from .domain.forums.plan_parts import PlanPart
from .domain.forums.registration import Registration, Roster
from .domain.indexed_profile import IndexedProfile, KeptText
from .domain.match import Match
from .domain.meeting import Meeting
from .domain.members import member_key
from .domain.pair import OrgPair, Pair
from .domain.policy import Policy, PolicyNames, PolicyVersion
from .domain.profile_row import ProfileRow
from .domain.rounds.round import OpenRounds, Round, StoredPlan, Tile

PROFILES = Collection("profiles", ProfileRow, indexes=(Index(("owner",)),))
_UNPROPOSED: Doc = {"unproposed.0": {"$exists": True}}
INDEXED = Collection("indexed", IndexedProfile, indexes=(Index(("sequence",), partial=_UNPROPOSED),))
KEPT_TEXTS = Collection("kept_texts", KeptText, indexes=(Index(("made_at",), expires_seconds=86400),))
MATCHES = Collection(
    "matches", Match, topic="matches", indexes=(Index(("parties", "_id")),), state_event=match.state_event
)
PAIRS = Collection("pairs", Pair)
_OF_A_FORUM: Doc = {"forum_id": {"$type": "string"}}
ORG_PAIRS = Collection("org_pairs", OrgPair)
DESKS = Collection("desks", Desk)
MEETINGS = Collection(
    "meetings",
    Meeting,
    topic="meetings",
    indexes=(Index(("parties", "_id")), Index(("state", "start")), Index(("forum_id",), partial=_OF_A_FORUM)),
    state_event=meeting_event.state_event,
)
ATTENDANCES = Collection("attendances", Attendance, indexes=(Index(("absent",)),))
DEBRIEFS = Collection("debriefs", Debrief, indexes=(Index(("profile_id", "_id")), Index(("meeting_id",))))
OUTCOMES = Collection(
    "outcomes", Outcome, topic="outcomes", indexes=(Index(("parties",)),), state_event=outcome.to_event
)
FEEDS = Collection("feeds", Feed, indexes=(Index(("token_hash",)), Index(("org",))))
CLAIMS = Collection("claims", Claim, indexes=(Index(("meeting_id",)),))
AGENDAS = Collection("agendas", Agenda)
DIARIES = Collection("diaries", Diary)
HOLIDAYS = Collection("holidays", HolidayTable, topic="calendars", state_event=calendar.to_event)
HOLIDAYS_ID = calendars.HOLIDAYS_ID
BUDGETS = Collection("budgets", Budget, indexes=(Index(("day_ends",), expires_seconds=3 * 86400),))
POLICIES = Collection("policies", Policy)
POLICY_VERSIONS = Collection("policy_versions", PolicyVersion)
POLICY_NAMES = Collection("policy_names", PolicyNames)
POLICY_NAMES_ID = "names"
IDS_A_QUERY = 2000
ROUNDS = Collection("rounds", Round)
OPEN_ROUNDS = Collection("open_rounds", OpenRounds)
OPEN_ROUNDS_ID = "open"
FORUMS = Collection("forums", Forum, topic="forums", state_event=forum.state_event)
PLAN_PARTS = Collection(
    "plan_parts", PlanPart, topic="forums", indexes=(Index(("forum_id",)),), state_event=plan_parts.to_event
)
REGISTRATIONS = Collection(
    "registrations",
    Registration,
    indexes=(Index(("forum_id", "profile_id")), Index(("profile_id",)), Index(("must_meets",)), Index(("owner",))),
)
ROSTERS = Collection("rosters", Roster)
_SOME_DAYS = (Index(("made_at",), expires_seconds=3 * 86400),)
TILES = Collection("round_tiles", Tile, indexes=_SOME_DAYS)
PLANS = Collection("round_plans", StoredPlan, indexes=_SOME_DAYS)
FORUM_PLANS = Collection("forum_plans", ForumPlan)
PLAN_BOOKS = Collection("plan_books", PlanBook)
PLAN_WORKS = Collection("plan_works", PlanWork, indexes=_SOME_DAYS)
PUBLICATIONS = Collection("publications", Publication)
OPENING_BOOKS = Collection("opening_books", OpeningBook)
ALL = (
    *(PROFILES, INDEXED, KEPT_TEXTS, MATCHES, PAIRS, ORG_PAIRS, DESKS, MEETINGS, CLAIMS, AGENDAS, DIARIES, BUDGETS),
    *(ATTENDANCES, DEBRIEFS, OUTCOMES, FEEDS),
    *(HOLIDAYS, POLICIES, POLICY_VERSIONS, POLICY_NAMES, ROUNDS, OPEN_ROUNDS, TILES, PLANS),
    *(FORUMS, PLAN_PARTS, REGISTRATIONS, ROSTERS),
    *(FORUM_PLANS, PLAN_BOOKS, PLAN_WORKS, PUBLICATIONS, OPENING_BOOKS),
)


async def find_matches(
    database: Database, *, profile_id: str, state: str | None, after: str | None, limit: int
) -> list[Match]:
    """Matches of a profile by id, after the one with the id `after`."""
    query: Doc = {"parties": profile_id}
    if state:
        query["state"] = state
    if after:
        query["_id"] = {"$gt": after}
    return await database.find(MATCHES, query, limit=limit)


async def find_meetings(
    database: Database, *, profile_id: str, state: str | None, after: str | None, limit: int
) -> list[Meeting]:
    """Meetings of a profile by id, after the one with the id `after`."""
    query: Doc = {"parties": profile_id}
    if state:
        query["state"] = state
    if after:
        query["_id"] = {"$gt": after}
    return await database.find(MEETINGS, query, limit=limit)


async def find_forums(database: Database, *, after: str | None, limit: int) -> list[Forum]:
    """All forums by id, after the one with the id `after`."""
    return await database.find(FORUMS, {"_id": {"$gt": after or ""}}, limit=limit)


async def find_registrations(database: Database, *, forum_id: str, after: str | None, limit: int) -> list[Registration]:
    """Registrations at a forum by profile, after the one of the profile `after`."""
    query: Doc = {"forum_id": forum_id, "profile_id": {"$gt": after or ""}}
    return await database.find(REGISTRATIONS, query, limit=limit)


async def registrations_of(database: Database, forum_id: str, *, limit: int) -> list[Doc]:
    """Registrations at a forum as they are stored, by profile: to read hundreds of them into models belongs in a
    thread."""
    found = database.db[REGISTRATIONS.name].find({"forum_id": forum_id}, sort=[("profile_id", 1)], limit=limit)
    return await found.to_list(None)


async def must_meets(database: Database, forum_id: str) -> list[tuple[str, str]]:
    """The pairs of profiles that must meet at a forum, as the registration of one side names the other."""
    query: Doc = {"forum_id": forum_id, "must_meets.0": {"$exists": True}}
    found = database.db[REGISTRATIONS.name].find(query, {"profile_id": 1, "must_meets": 1})
    return [(doc["profile_id"], other) async for doc in found for other in doc["must_meets"]]


async def registered(database: Database, forum_id: str) -> list[str]:
    """The profiles that are registered at a forum."""
    found = database.db[REGISTRATIONS.name].find({"forum_id": forum_id}, {"profile_id": 1}, sort=[("profile_id", 1)])
    return [doc["profile_id"] async for doc in found]


async def encoded_otherwise(database: Database, encoders: Sequence[str], *, limit: int) -> list[str]:
    """Ids of indexed profiles that have an entry of another encoder than these, or none of the first of them."""
    foreign: Doc = {"entries": {"$elemMatch": {"encoder": {"$nin": list(encoders)}}}}
    without: Doc = {"entries.0": {"$exists": True}, "entries.encoder": {"$ne": encoders[0]}}
    return await _indexed_ids(database, {"$or": [foreign, without]}, limit=limit)


async def to_be_completed(database: Database, second: str, *, limit: int) -> list[str]:
    """Ids of indexed profiles with entries, for which it is not planned that this encoder completes them."""
    query: Doc = {"entries.0": {"$exists": True}, "completing": {"$ne": second}}
    return await _indexed_ids(database, query, limit=limit)


async def _indexed_ids(database: Database, query: Doc, *, limit: int) -> list[str]:
    cursor = database.db[INDEXED.name].find(query, {"_id": 1})
    return [str(doc["_id"]) async for doc in cursor.limit(limit)]


async def unproposed(database: Database, *, limit: int) -> list[str]:
    """Ids of indexed profiles with entries for which no search has come to its end."""
    cursor = database.db[INDEXED.name].find(_UNPROPOSED, {"_id": 1}).sort("sequence", 1)
    return [str(doc["_id"]) async for doc in cursor.limit(limit)]


async def rows(database: Database, ids: Sequence[str]) -> dict[str, ProfileRow]:
    """Profiles by id; unknown ids are left out."""
    return {row.id: row for row in await database.many(PROFILES, ids)}


async def pairs(database: Database, ids: Sequence[str]) -> list[Pair]:
    """Pairs by id; unknown ids are left out."""
    return await database.many(PAIRS, ids)


async def org_pairs(database: Database, ids: Sequence[str]) -> list[OrgPair]:
    """Pairs of organisations by id; unknown ids are left out."""
    return await database.many(ORG_PAIRS, ids)


async def has_profile(database: Database, org: str) -> bool:
    """Whether an organisation has any profile, in whatever state; an erased one has no owner any more."""
    return bool(await database.find(PROFILES, {"owner": org}, limit=1))


async def subjects_of(database: Database, profile_id: str) -> list[str]:
    """Ids of a profile, of all its matches and meetings, and of registrations and forums that name it: what stored
    answers are about."""
    found = [profile_id]
    for collection in (MATCHES, MEETINGS):
        found += await database.db[collection.name].distinct("_id", {"parties": profile_id})
    return found + await registrations_naming(database, profile_id) + await forums_naming(database, profile_id)


async def registrations_naming(database: Database, profile_id: str) -> list[str]:
    """Ids of the registrations of a profile, and of those that must meet it."""
    query: Doc = {"$or": [{"profile_id": profile_id}, {"must_meets": profile_id}]}
    return list(await database.db[REGISTRATIONS.name].distinct("_id", query))


async def forums_naming(database: Database, profile_id: str) -> list[str]:
    """Ids of the forums at which a profile speaks."""
    return list(await database.db[FORUMS.name].distinct("_id", {"setup.talks.speakers.profile_id": profile_id}))


async def agenda_ids(database: Database, org: str) -> list[str]:
    """Ids of the agendas of an organisation's members."""
    first, after_last = member_key(org, ""), member_key(org, "\uffff")
    found = await database.find(AGENDAS, {"_id": {"$gte": first, "$lt": after_last}})
    return [agenda.id for agenda in found]


async def claims_of(database: Database, holders: Sequence[str], start: dt.datetime, end: dt.datetime) -> list[Claim]:
    """The claims that begin with one of these, between two instants."""
    ranges = [{"_id": {"$gte": claim_of(holder, start), "$lt": claim_of(holder, end)}} for holder in holders]
    return await database.find(CLAIMS, {"$or": ranges}) if ranges else []


async def booked_after(database: Database, now: dt.datetime) -> list[Meeting]:
    """Booked meetings that are still to come."""
    return await database.find(MEETINGS, {"state": "booked", "start": {"$gt": now}})


async def country_of(database: Database, org: str) -> str:
    """The country of an organisation, from any of its profiles; empty if it has none."""
    found = await database.find(PROFILES, {"owner": org}, limit=1)
    return found[0].country if found else ""


async def agendas(database: Database, members: Sequence[str]) -> list[Agenda]:
    """Agendas of these members; one without an agenda is left out."""
    return await database.many(AGENDAS, members)


async def documents(
    database: Database, collection: AnyCollection, ids: Sequence[str], *, fields: Sequence[str] = ()
) -> list[Doc]:
    """Stored documents by id, as they are, or some of their fields: to read hundreds of them into models belongs in a
    thread."""
    query: Doc = {"_id": {"$in": list(ids)}, "gone": {"$ne": True}}
    found = database.db[collection.name].find(query, dict.fromkeys(fields, 1) or None)
    return await found.to_list(None)


async def countries_of(database: Database, ids: Sequence[str] | None, *, limit: int) -> dict[str, str]:
    """The countries of published profiles by id: of these, or of all of Korea and China, the first `limit`."""
    which: Doc = {"$in": list(ids)} if ids is not None else {"$gt": ""}
    query = {"_id": which, "state": "published", "country": {"$in": ["KR", "CN"]}, "gone": {"$ne": True}}
    found = database.db[PROFILES.name].find(query, {"country": 1}, sort=[("_id", 1)], limit=limit)
    return {doc["_id"]: doc["country"] async for doc in found}


async def open_pairs(database: Database, ids: Sequence[str]) -> set[str]:
    """The pairs, as `pair_id` names them, of all open matches of these profiles."""
    query: Doc = {"parties": {"$in": list(ids)}, "state": {"$in": sorted(match.OPEN)}}
    return {"|".join(sorted(doc["parties"])) async for doc in database.db[MATCHES.name].find(query, {"parties": 1})}


async def resting(database: Database, ids: Sequence[str], now: dt.datetime) -> set[str]:
    """Which of these pairs of organisations rest."""
    found = set[str]()
    for first in range(0, len(ids), IDS_A_QUERY):
        query: Doc = {"_id": {"$in": list(ids[first : first + IDS_A_QUERY])}, "rest_until": {"$gt": now}}
        found |= {doc["_id"] async for doc in database.db[ORG_PAIRS.name].find(query, {"_id": 1})}
    return found


async def dead_rounds(database: Database, kinds: Sequence[str]) -> frozenset[str]:
    """Those of the open rounds that have a dead job of these kinds."""
    open_ = await database.one(OPEN_ROUNDS, OPEN_ROUNDS_ID)
    query: Doc = {
        "kind": {"$in": list(kinds)},
        "dead": True,
        "payload.round_id": {"$in": list(open_.until) if open_ else []},
    }
    return frozenset(await database.db["jobs"].distinct("payload.round_id", query))


async def why_dead(database: Database, kinds: Sequence[str], about: Doc) -> str | None:
    """Why a job of these kinds, with a payload of which this is true, is dead; None if none is."""
    query: Doc = {"kind": {"$in": list(kinds)}, "dead": True, **about}
    found = await database.db["jobs"].find_one(query, {"reason": 1})
    return str(found["reason"]) if found else None
