"""The collections of notifications, and the queries that are no lookup by id."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pymongo.errors import DuplicateKeyError

from services.chassis.model import Collection, Doc, Index
from services.chassis.mongo import Database

from .domain.confirmations import ConfirmationBudget
from .domain.notice_records import CalendarTurn, Delivery, DeliveryState, InboxEntry, Mailbox, WaitingMail
from .domain.projections import ForumRow, HolidayRow, MatchRow, MeetingRow, ProfileRow, TranslationRow
from .domain.recipients import Audience, Recipient

PROFILES = Collection("profiles", ProfileRow)
MATCHES = Collection("matches", MatchRow)
_OF_A_FORUM: Doc = {"forum_id": {"$type": "string"}}
MEETINGS = Collection("meetings", MeetingRow, indexes=(Index(("forum_id", "parties"), partial=_OF_A_FORUM),))
TRANSLATIONS = Collection("translations", TranslationRow)
HOLIDAYS = Collection("holidays", HolidayRow)
FORUMS = Collection("forums", ForumRow)
RECIPIENTS = Collection("recipients", Recipient)
AUDIENCES = Collection("audiences", Audience)
MAILBOXES = Collection("mailboxes", Mailbox, topic="notifications")
ENTRIES = Collection("entries", InboxEntry, indexes=(Index(("recipient_id", "number")),))
DELIVERIES = Collection("deliveries", Delivery, indexes=(Index(("recipient_id",)),))
CONFIRMATION_BUDGETS = Collection(
    "confirmation_budgets", ConfirmationBudget, indexes=(Index(("latest",), expires_seconds=86_400),)
)
WAITING = Collection("waiting", WaitingMail)
CALENDAR_TURNS = Collection(
    "calendar_turns", CalendarTurn, indexes=(Index(("until",), expires_seconds=90 * 86_400), Index(("recipient_id",)))
)
ALL = (
    PROFILES,
    MATCHES,
    MEETINGS,
    TRANSLATIONS,
    HOLIDAYS,
    FORUMS,
    RECIPIENTS,
    AUDIENCES,
    MAILBOXES,
    ENTRIES,
    DELIVERIES,
    CONFIRMATION_BUDGETS,
    WAITING,
    CALENDAR_TURNS,
)

AT_THE_SERVER = "(mail server)"
"""Holds a turn while a mail may still be taken that was not answered in time."""


async def meetings_at_forum(database: Database, forum_id: str, profile_id: str) -> list[MeetingRow]:
    """What a profile has booked at a forum, in order of time."""
    query: Doc = {"forum_id": forum_id, "parties": profile_id, "state": "booked"}
    return await database.find(MEETINGS, query, sort=(("start", 1), ("_id", 1)))


async def newest_entries(database: Database, recipient_id: str, *, before: int | None, limit: int) -> list[InboxEntry]:
    """A page of an inbox, newest first. `before` is the number of the last entry of the previous page."""
    query: Doc = {"recipient_id": recipient_id}
    if before is not None:
        query["number"] = {"$lt": before}
    return await database.find(ENTRIES, query, sort=(("number", -1),), limit=limit)


async def next_entries(database: Database, recipient_id: str, *, after: int, limit: int) -> list[InboxEntry]:
    """The entries of an inbox after a number, oldest first. Numbers follow the order of commits, so no entry appears
    later below a number that was already seen."""
    query: Doc = {"recipient_id": recipient_id, "number": {"$gt": after}}
    return await database.find(ENTRIES, query, sort=(("number", 1),), limit=limit)


async def deliveries_in(database: Database, ids: list[str], state: DeliveryState) -> list[Delivery]:
    """Those of the given deliveries that are in a state, in the order of their events."""
    query: Doc = {"_id": {"$in": ids}, "state": state}
    return await database.find(DELIVERIES, query, sort=(("happened_at", 1), ("_id", 1)))


async def waiting_recipients(database: Database, *, after: str, limit: int) -> list[str]:
    """Ids, in order and after one, of recipients for whom mail is held or waits for a digest."""
    waits: Doc = {"$or": [{"digest.0": {"$exists": True}}, {"held.0": {"$exists": True}}]}
    found = await database.find(WAITING, {"_id": {"$gt": after}, **waits}, sort=(("_id", 1),), limit=limit)
    return [waiting.id for waiting in found]


async def remove_notices(database: Database, recipient_id: str, *, up_to: int, profile_id: str | None) -> None:
    """Removes inbox entries and deliveries of a recipient up to a number, of one profile or (None) of all. Idempotent:
    what is written later, for a member who has registered again, has higher numbers."""
    query: Doc = {"recipient_id": recipient_id, "number": {"$lte": up_to}}
    if profile_id is not None:
        query["profile_id"] = profile_id
    for collection in (ENTRIES, DELIVERIES):
        await database.db[collection.name].delete_many(query)
    if profile_id is None:
        await database.db[CALENDAR_TURNS.name].delete_many({"recipient_id": recipient_id})


async def take_turn(database: Database, wanted: CalendarTurn) -> Literal["taken", "waits", "passed"]:
    """Takes the right to write to a recipient's calendar about a meeting. `waits`: somebody else has it still;
    `passed`: a higher SEQUENCE has been written. Outside of any decision, because the mail leaves between two."""
    now = database.now()
    free: Doc = {"$or": [{"until": {"$lte": now}}, {"holder": wanted.holder}], "sequence": {"$lte": wanted.sequence}}
    turns = database.db[CALENDAR_TURNS.name]
    try:
        fields = wanted.model_dump(exclude={"id"})
        await turns.update_one({"_id": wanted.id, **free}, {"$set": fields}, upsert=True)
    except DuplicateKeyError:  # it is there, and not free
        found = await turns.find_one({"_id": wanted.id})
        return "passed" if found is not None and found["sequence"] > wanted.sequence else "waits"
    return "taken"


async def end_turn(database: Database, turn: CalendarTurn, *, late_seconds: float = 0.0) -> None:
    """Gives it back. What has been written stays known. A server that may take the mail for `late_seconds` still has
    the turn itself so long: no other mail leaves meanwhile, not even the same mail again."""
    ended: Doc = {"$set": {"until": database.now() + dt.timedelta(seconds=late_seconds)}}
    if late_seconds:
        ended["$set"]["holder"] = AT_THE_SERVER
    await database.db[CALENDAR_TURNS.name].update_one({"_id": turn.id, "holder": turn.holder}, ended)
