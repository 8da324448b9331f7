"""What matching keeps, and how it is found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.chassis.database import Database
from services.chassis.documents import Collection, Doc, Index

from .domain.agenda import Agenda
from .domain.candidate import ProfileRow
from .domain.indexed import IndexedProfile
from .domain.match import Desk, Match, Pair
from .domain.meeting import Claim, Diary, Meeting, claim_id

PROFILES = Collection("profiles", ProfileRow, indexes=(Index(("owner",)),))
INDEXED = Collection("indexed", IndexedProfile)
MATCHES = Collection("matches", Match, topic="matches", indexes=(Index(("parties", "_id")),))
PAIRS = Collection("pairs", Pair)
DESKS = Collection("desks", Desk)
MEETINGS = Collection("meetings", Meeting, topic="meetings", indexes=(Index(("parties", "_id")),))
CLAIMS = Collection("claims", Claim, indexes=(Index(("meeting_id",)),))
AGENDAS = Collection("agendas", Agenda)
DIARIES = Collection("diaries", Diary)
ALL = (PROFILES, INDEXED, MATCHES, PAIRS, DESKS, MEETINGS, CLAIMS, AGENDAS, DIARIES)


async def find_matches(
    database: Database, *, profile_id: str, state: str | None, after: str | None, limit: int
) -> list[Match]:
    query: Doc = {"parties": profile_id}
    if state:
        query["state"] = state
    if after:
        query["_id"] = {"$gt": after}
    return await database.find(MATCHES, query, limit=limit)


async def find_meetings(
    database: Database, *, profile_id: str, state: str | None, after: str | None, limit: int
) -> list[Meeting]:
    query: Doc = {"parties": profile_id}
    if state:
        query["state"] = state
    if after:
        query["_id"] = {"$gt": after}
    return await database.find(MEETINGS, query, limit=limit)


async def rows(database: Database, ids: Sequence[str]) -> dict[str, ProfileRow]:
    found = await database.find(PROFILES, {"_id": {"$in": list(ids)}})
    return {row.id: row for row in found}


async def pairs(database: Database, ids: Sequence[str]) -> list[Pair]:
    return await database.find(PAIRS, {"_id": {"$in": list(ids)}})


async def claimed(database: Database, members: Sequence[str], start: dt.datetime, end: dt.datetime) -> set[str]:
    """Ids of the members' claims between two instants."""
    ranges = [{"_id": {"$gte": claim_id(m, start), "$lt": claim_id(m, end)}} for m in members]
    return {claim.id for claim in await database.find(CLAIMS, {"$or": ranges})} if ranges else set()


async def agendas(database: Database, members: Sequence[str]) -> list[Agenda]:
    return await database.find(AGENDAS, {"_id": {"$in": list(members)}})
