"""The calendars that members have linked, and how they are found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.chassis.model import Collection, Index
from services.chassis.mongo import Database

from .domain.linked_calendar import LinkBook, LinkedCalendar
from .store import MEETINGS

LINKED_CALENDARS = Collection("linked_calendars", LinkedCalendar, indexes=(Index(("org",)), Index(("next_at",))))
LINK_BOOKS = Collection("link_books", LinkBook)
LINK_COLLECTIONS = (LINKED_CALENDARS, LINK_BOOKS)


async def linked_ids(database: Database, org: str) -> list[str]:
    """Ids of the linked calendars of an organisation's members."""
    return list(await database.db[LINKED_CALENDARS.name].distinct("_id", {"org": org}))


async def overdue_links(database: Database, before: dt.datetime, *, limit: int) -> list[str]:
    """Ids of the linked calendars that should have been read by then, the oldest first."""
    found = database.db[LINKED_CALENDARS.name].find({"next_at": {"$lt": before}}, {"_id": 1}, sort=[("next_at", 1)])
    return [doc["_id"] async for doc in found.limit(limit)]


async def known_meetings(database: Database, ids: Sequence[str]) -> set[str]:
    """Those of the ids that are of meetings here, in whatever state."""
    return set(await database.db[MEETINGS.name].distinct("_id", {"_id": {"$in": list(ids)}}))
