"""The collections of webhooks, and the queries that are no lookup by id."""

from __future__ import annotations

import datetime as dt

from services.chassis.model import Collection, Doc, Index
from services.chassis.mongo import Database

from .domain.delivery import KEPT, Delivery, KeptEvent, Pace, Queue
from .domain.webhook import Webhook, WebhookList

_KEPT_SECONDS = int(KEPT.total_seconds())
WEBHOOKS = Collection("webhooks", Webhook, indexes=(Index(("org",)),))
WEBHOOK_LISTS = Collection("webhook_lists", WebhookList)
EVENTS = Collection(
    "webhook_events",
    KeptEvent,
    indexes=(Index(("created_at",), expires_seconds=_KEPT_SECONDS), Index(("topic", "key"))),
)
DELIVERIES = Collection(
    "webhook_deliveries",
    Delivery,
    indexes=(
        Index(("created_at",), expires_seconds=_KEPT_SECONDS),
        Index(("webhook_id", "-created_at", "-_id")),
        Index(("queue_id", "sequence"), partial={"state": "waiting"}),
        Index(("webhook_id",), partial={"state": "waiting"}),
    ),
)
QUEUES = Collection("webhook_queues", Queue, indexes=(Index(("touched_at",), expires_seconds=3 * _KEPT_SECONDS),))
PACES = Collection("webhook_paces", Pace)
WEBHOOK_COLLECTIONS = (WEBHOOKS, WEBHOOK_LISTS, EVENTS, DELIVERIES, QUEUES, PACES)


async def webhooks_of(database: Database, org: str) -> list[Webhook]:
    """All webhooks of an organisation, the oldest first."""
    return await database.find(WEBHOOKS, {"org": org}, sort=(("created_at", 1), ("_id", 1)))


async def next_waiting(database: Database, queue_id: str) -> Delivery | None:
    """The delivery of a queue whose turn it is."""
    query: Doc = {"queue_id": queue_id, "state": "waiting"}
    found = await database.find(DELIVERIES, query, sort=(("sequence", 1),), limit=1)
    return found[0] if found else None


async def waits_more_than(database: Database, webhook_id: str, limit: int) -> bool:
    """Whether more deliveries wait for a webhook. Looks at no more than it needs to know that."""
    query: Doc = {"webhook_id": webhook_id, "state": "waiting"}
    return int(await database.db[DELIVERIES.name].count_documents(query, limit=limit + 1)) > limit


async def deliveries_after(
    database: Database, webhook_id: str, place: tuple[dt.datetime, str], *, waiting: bool, limit: int
) -> list[Delivery]:
    """Deliveries that were made after a place (when, id), the oldest first. `waiting`: only those."""
    at, id = place
    query: Doc = {"webhook_id": webhook_id, **_beyond("$gt", at, id)} | ({"state": "waiting"} if waiting else {})
    return await database.find(DELIVERIES, query, sort=(("created_at", 1), ("_id", 1)), limit=limit)


async def newest_deliveries(
    database: Database, webhook_id: str, *, before: tuple[dt.datetime, str] | None, limit: int
) -> list[Delivery]:
    """A page of the log, the newest first."""
    query: Doc = {"webhook_id": webhook_id} | (_beyond("$lt", *before) if before else {})
    return await database.find(DELIVERIES, query, sort=(("created_at", -1), ("_id", -1)), limit=limit)


def _beyond(operator: str, at: dt.datetime, id: str) -> Doc:
    return {"$or": [{"created_at": {operator: at}}, {"created_at": at, "_id": {operator: id}}]}


async def drop_waiting(database: Database, webhook_id: str, *, up_to: dt.datetime) -> None:
    """Ends what has waited for a webhook up to an instant. Idempotent."""
    query: Doc = {"webhook_id": webhook_id, "state": "waiting", "created_at": {"$lte": up_to}}
    # With another revision, so that an attempt that is recorded at this moment is decided again, and finds it dropped.
    change: Doc = {"$set": {"state": "dropped"}, "$unset": {"next_at": ""}, "$inc": {"revision": 1}}
    await database.db[DELIVERIES.name].update_many(query, change)


async def erase_events(database: Database, topic: str, key: str, *, before: int) -> None:
    """Removes the kept events of an aggregate before a sequence: that of its erasure. Idempotent."""
    query: Doc = {"topic": topic, "key": key, "sequence": {"$lt": before}}
    await database.db[EVENTS.name].delete_many(query)


async def remove_all_of(database: Database, webhook_id: str) -> None:
    """Removes what belonged to a webhook that was deleted. Idempotent."""
    await database.db[DELIVERIES.name].delete_many({"webhook_id": webhook_id})
    await database.db[QUEUES.name].delete_many({"webhook_id": webhook_id})
    await database.db[PACES.name].delete_many({"_id": webhook_id})
