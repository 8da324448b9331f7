"""An event of a public topic becomes a delivery for each webhook that takes it. Nothing is sent here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from services.chassis.commit import UnitOfWork
from services.chassis.model import AnyCollection, Incoming, Ref, is_newer

from ..domain.cloud_event import attributes_of, data_of
from ..domain.delivery import Delivery, KeptEvent, delivery_id, queue_id
from ..domain.webhook import ALL
from ..job_kinds import ERASE_EVENTS, WATCH_BACKLOG, EraseJob, WebhookJob
from ..store import DELIVERIES, EVENTS, QUEUES, WEBHOOK_LISTS
from . import queues

LOOK_AFTER = dt.timedelta(seconds=2)
"""Also what is committed up to a second after its decision is seen."""
T = TypeVar("T", bound=BaseModel | None)
Handler = Callable[[UnitOfWork, Incoming[T]], Awaitable[None]]
Reads = Callable[[Incoming[T]], Sequence[Ref]]


def offering(rows: AnyCollection, project: Handler[T]) -> Handler[T]:
    """A handler that also offers its event to webhooks, if it is newer than the stored row: once, as it is projected
    once."""

    async def handle(uow: UnitOfWork, event: Incoming[T]) -> None:
        is_news = is_newer(event.sequence, await uow.get(rows, event.key))
        await project(uow, event)
        if is_news:
            await offer(uow, event)

    return handle


def with_webhooks(reads: Reads[T]) -> Reads[T]:
    """What a handler reads that offers its events, too."""

    def both(event: Incoming[T]) -> Sequence[Ref]:
        return [*reads(event), WEBHOOK_LISTS.ref(ALL)]

    return both


async def offer(uow: UnitOfWork, event: Incoming[BaseModel | None]) -> None:
    """Keeps the event and a delivery for each webhook that takes it."""
    listed = await uow.get(WEBHOOK_LISTS, ALL)
    if listed is None:
        return
    if event.data is None:
        job = EraseJob(topic=event.topic, key=event.key, sequence=event.sequence)
        uow.enqueue(ERASE_EVENTS, job, cause=event.id)
    takers = listed.takers(event.type)
    if not takers:
        return
    places = {id: queue_id(id, event.topic, event.key) for id in takers}
    # With one query a collection: consumers decide many events in one batch.
    deliveries = [DELIVERIES.ref(delivery_id(id, event.id)) for id in takers]
    await uow.load([EVENTS.ref(event.id), *deliveries, *map(QUEUES.ref, places.values())])
    await _keep(uow, event)
    for id, place in places.items():
        await _add(uow, event, id, place)


async def _keep(uow: UnitOfWork, event: Incoming[BaseModel | None]) -> None:
    if await uow.get(EVENTS, event.id) is None:
        kept = KeptEvent(
            id=event.id,
            topic=event.topic,
            key=event.key,
            sequence=event.sequence,
            attributes=attributes_of(event),
            data=data_of(event),
            created_at=uow.now,
        )
        uow.put(EVENTS, kept)


async def _add(uow: UnitOfWork, event: Incoming[BaseModel | None], webhook_id: str, place: str) -> None:
    id = delivery_id(webhook_id, event.id)
    if await uow.get(DELIVERIES, id) is not None:  # the topic is read again
        return
    delivery = Delivery(
        id=id,
        webhook_id=webhook_id,
        queue_id=place,
        event_id=event.id,
        type=event.type,
        sequence=event.sequence,
        created_at=uow.now,
    )
    await queues.wait(uow, delivery)
    # At most one look a second for each webhook, as the second is part of its name; after that second, or the last that
    # came in it would not be seen.
    second = uow.now.replace(microsecond=0)
    look = f"{webhook_id}/{int(second.timestamp())}"
    uow.enqueue(WATCH_BACKLOG, WebhookJob(webhook_id=webhook_id), cause=look, run_at=second + LOOK_AFTER)
