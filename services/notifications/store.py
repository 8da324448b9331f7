"""What notifications keeps, and how it is found."""

from __future__ import annotations

from services.chassis.database import Database
from services.chassis.documents import Collection, Doc, Index

from .domain.projections import MatchRow, MeetingRow, ProfileRow, TranslationRow
from .domain.recipients import Audience, Entry, Mailbox, Recipient

PROFILES = Collection("profiles", ProfileRow)
MATCHES = Collection("matches", MatchRow)
MEETINGS = Collection("meetings", MeetingRow)
TRANSLATIONS = Collection("translations", TranslationRow)
RECIPIENTS = Collection("recipients", Recipient)
AUDIENCES = Collection("audiences", Audience)
MAILBOXES = Collection("mailboxes", Mailbox, topic="notifications")
ENTRIES = Collection("entries", Entry, indexes=(Index(("recipient_id", "-at", "-_id")),))
ALL = (PROFILES, MATCHES, MEETINGS, TRANSLATIONS, RECIPIENTS, AUDIENCES, MAILBOXES, ENTRIES)


async def newest_entries(
    database: Database, recipient_id: str, *, before: tuple[int, str] | None, limit: int
) -> list[Entry]:
    """An inbox, newest first; `before` is (at, id) of the last entry seen."""
    query: Doc = {"recipient_id": recipient_id}
    if before is not None:
        at, id = before
        query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id}}]
    return await database.find(ENTRIES, query, sort=(("at", -1), ("_id", -1)), limit=limit)


async def forget_entries(database: Database, recipient_ids: list[str]) -> None:
    """Removes the inboxes of recipients that are gone. Idempotent: nothing is written to them any more."""
    await database.db[ENTRIES.name].delete_many({"recipient_id": {"$in": recipient_ids}})
