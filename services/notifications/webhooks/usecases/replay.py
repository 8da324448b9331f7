"""Deliveries are sent again, from an event on; and test events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, InvalidState, NotFound, QuotaReached
from services.chassis.mongo import Database

from .. import store
from ..domain.delivery import Delivery, KeptEvent, Pace, delivery_id, queue_id
from ..domain.webhook import TEST_TYPE, Webhook
from ..job_kinds import REPLAY, ReplayJob
from ..store import DELIVERIES, EVENTS, PACES, WEBHOOKS
from . import queues
from .register import load_own

AT_ONCE = 100
"""Deliveries in one decision, so that a long replay is no large transaction."""
TEST_PAUSE, REPLAY_PAUSE = dt.timedelta(seconds=5), dt.timedelta(seconds=60)
"""Between two tests, and two replays, of one webhook: its receiver may be somebody else's server."""


def _must_pause(before: dt.datetime | None, pause: dt.timedelta, now: dt.datetime, what: str) -> None:
    if before is not None and now < before + pause:
        seconds = int((before + pause - now).total_seconds()) + 1
        raise QuotaReached("webhook-pace", f"The next {what} may be asked for in {seconds} s.", retry_after=seconds)


def _must_be_enabled(webhook: Webhook) -> None:
    if not webhook.is_enabled:
        raise InvalidState("webhook-disabled", 'Nothing is sent to a disabled webhook; PATCH it to "enabled" first.')


async def send_test(uow: UnitOfWork, *, caller: Caller, webhook_id: str) -> str:
    """Has a test event sent, once; returns its id. Raises Forbidden, NotFound, InvalidState, QuotaReached."""
    webhook = await load_own(uow, caller, webhook_id)
    _must_be_enabled(webhook)
    pace = await uow.get_or(PACES, Pace(id=webhook_id))
    _must_pause(pace.tested_at, TEST_PAUSE, uow.now, "test")
    uow.put(PACES, pace.model_copy(update={"tested_at": uow.now}))
    id = uow.derived_id("test", webhook_id)
    await uow.create(EVENTS, _test_event(id, webhook_id, uow.now))
    delivery = Delivery(
        id=delivery_id(webhook_id, id),
        webhook_id=webhook_id,
        queue_id=queue_id(webhook_id, "test", id),
        event_id=id,
        type=TEST_TYPE,
        sequence=1,
        created_at=uow.now,
    )
    await uow.get(DELIVERIES, delivery.id)
    await queues.wait(uow, delivery)
    return id


def _test_event(id: str, webhook_id: str, now: dt.datetime) -> KeptEvent:
    attributes = {
        "specversion": "1.0",
        "id": id,
        "type": TEST_TYPE,
        "source": "/magpie/notifications",
        "subject": webhook_id,
        "time": now.isoformat(timespec="microseconds"),
    }
    return KeptEvent(
        id=id, topic="test", key=id, sequence=1, attributes=attributes, data='{"test":true}', created_at=now
    )


async def replay(uow: UnitOfWork, *, caller: Caller, webhook_id: str, event_id: str) -> None:
    """Has everything sent again that was offered to the webhook since an event, that event included.

    Raises Forbidden, NotFound (it is not in the webhook's log, or not any more), InvalidState, QuotaReached."""
    webhook = await load_own(uow, caller, webhook_id)
    _must_be_enabled(webhook)
    first = await uow.get(DELIVERIES, delivery_id(webhook_id, event_id))
    if first is None:
        raise NotFound("This event is not in the log of this webhook, or not any more; see .../deliveries.")
    pace = await uow.get_or(PACES, Pace(id=webhook_id))
    _must_pause(pace.replayed_at, REPLAY_PAUSE, uow.now, "replay")
    uow.put(PACES, pace.model_copy(update={"replayed_at": uow.now}))
    # All of its instant: what was committed together has one, and its order is that of each aggregate.
    job = ReplayJob(webhook_id=webhook_id, after_at=first.created_at.isoformat())
    uow.enqueue(REPLAY, job, cause=uow.cause.id)


@dataclass(frozen=True)
class Replay:
    """The job `webhook_replay`: some deliveries wait again; the next job goes on with those behind them."""

    database: Database

    async def work(self, job: Claimed[ReplayJob]) -> list[Delivery]:
        """Those whose turn it is."""
        payload = job.payload
        place = dt.datetime.fromisoformat(payload.after_at), payload.after_id
        return await store.deliveries_after(
            self.database, payload.webhook_id, place, waiting=payload.only_waiting, limit=AT_ONCE
        )

    async def apply(self, uow: UnitOfWork, job: Claimed[ReplayJob], found: Sequence[Delivery]) -> None:
        """Lets them wait, while the webhook is enabled."""
        webhook = await uow.get(WEBHOOKS, job.payload.webhook_id)
        if webhook is None or not webhook.is_enabled:
            return
        for seen in found:
            delivery = await uow.get(DELIVERIES, seen.id)
            if delivery is not None and not delivery.is_test:
                await queues.wait_again(uow, delivery)
        if len(found) == AT_ONCE:
            last = found[-1]
            rest = job.payload.model_copy(update={"after_at": last.created_at.isoformat(), "after_id": last.id})
            uow.enqueue(REPLAY, rest, cause=uow.derived_id("rest", last.id))
