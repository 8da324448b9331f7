"""What notifications keeps, and how it is found."""

from __future__ import annotations

from services.chassis.database import Database
from services.chassis.documents import Collection, Doc, Index

from .domain.projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from .domain.recipients import Audience, Delivery, Entry, Mailbox, Recipient, Waiting

PROFILES = Collection("profiles", ProfileRow)
MATCHES = Collection("matches", MatchRow)
MEETINGS = Collection("meetings", MeetingRow)
TRANSLATIONS = Collection("translations", TranslationRow)
RECIPIENTS = Collection("recipients", Recipient)
AUDIENCES = Collection("audiences", Audience)
MAILBOXES = Collection("mailboxes", Mailbox, topic="notifications")
ENTRIES = Collection("entries", Entry, indexes=(Index(("recipient_id", "number")),))
DELIVERIES = Collection("deliveries", Delivery, indexes=(Index(("recipient_id",)),))
WAITING = Collection("waiting", Waiting)
ALL = (
    PROFILES,
    MATCHES,
    MEETINGS,
    TRANSLATIONS,
    RECIPIENTS,
    AUDIENCES,
    MAILBOXES,
    ENTRIES,
    DELIVERIES,
    WAITING,
)


async def newest_entries(database: Database, recipient_id: str, *, before: int | None, limit: int) -> list[Entry]:
    """An inbox, newest first; `before` is the number of the last entry seen."""
    query: Doc = {"recipient_id": recipient_id}
    if before is not None:
        query["number"] = {"$lt": before}
    return await database.find(ENTRIES, query, sort=(("number", -1),), limit=limit)


async def next_entries(database: Database, recipient_id: str, *, after: int, limit: int) -> list[Entry]:
    """What came into an inbox after an entry, oldest first. Numbers are given in the order of commits, so nothing
    comes later in between."""
    query: Doc = {"recipient_id": recipient_id, "number": {"$gt": after}}
    return await database.find(ENTRIES, query, sort=(("number", 1),), limit=limit)


async def deliveries_in(database: Database, ids: list[str], state: str) -> list[Delivery]:
    """Those of the named ones that are in a state, in the order in which they happened."""
    query: Doc = {"_id": {"$in": ids}, "state": state}
    return await database.find(DELIVERIES, query, sort=(("happened_at", 1), ("_id", 1)))


async def forget_notices(database: Database, recipient_ids: list[str]) -> None:
    """Removes inboxes and deliveries of recipients that are gone. Idempotent: nothing is written to them any more."""
    for collection in (ENTRIES, DELIVERIES):
        await database.db[collection.name].delete_many({"recipient_id": {"$in": recipient_ids}})
