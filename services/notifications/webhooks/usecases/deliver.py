"""The next delivery of a queue is sent: at least once, and in the order of its aggregate's events."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from services.chassis.commit import Claimed, RetryLater, UnitOfWork
from services.chassis.model import Ref, parse_target, retry_after_seconds
from services.chassis.mongo import Database
from services.chassis.ops import NOT_PUBLIC, NotSent, OutwardClient, Sealer, SecretLost

from ... import metrics
from .. import store
from ..domain.cloud_event import CONTENT_TYPE, structured
from ..domain.delivery import Delivery, Pace, Queue
from ..domain.schedule import GONE_STATUS, MAX_RETRY_AFTER_SECONDS, Patience
from ..domain.signing import signed_headers
from ..domain.webhook import EXHAUSTED, GONE, SECRET_LOST, Webhook
from ..job_kinds import DeliverJob
from ..store import DELIVERIES, EVENTS, PACES, QUEUES, WEBHOOKS
from . import queues
from .register import disable

SENT, REFUSED, ERASED = "sent", "refused", "erased"
AT_ONCE = 4
"""Requests to one webhook at a time, of one replica: one that never answers must not hold up the others."""
LOOK_AGAIN_SECONDS = 0.5
MAX_REST_LOOK_SECONDS = 300.0
"""A webhook that rests is looked at again after this time, as its owner may have changed its URL."""


@dataclass(frozen=True)
class Result:
    """What came of a look at a queue. `written`: how many deliveries it had ever had when it was looked at.

    Without a `delivery_id` nothing waits, or the webhook is not sent anything. `outcome` is `sent`, `refused` (an
    answer that is no success), `erased`, or why there was no answer."""

    written: int = 0
    delivery_id: str | None = None
    outcome: str = ""
    status: int | None = None
    ms: int | None = None
    retry_after: float | None = None
    jitter: float = field(default_factory=random.random)


@dataclass(frozen=True)
class Deliver:
    """The job `webhook`: one attempt at one delivery."""

    database: Database
    client: OutwardClient
    sealer: Sealer
    patience: Patience
    is_open: bool = False
    running: Counter[str] = field(default_factory=Counter)

    async def work(self, job: Claimed[DeliverJob]) -> Result:
        """Sends what is next. Raises RetryLater while the webhook rests or has enough requests open."""
        webhook = await self.database.one(WEBHOOKS, job.payload.webhook_id)
        # Before the deliveries: what comes after this look is seen by `apply`.
        queue = await self.database.one(QUEUES, job.payload.queue_id)
        if webhook is None or not webhook.is_enabled or queue is None or queue.turn != job.payload.turn:
            return Result()
        await self._must_not_rest(webhook.id)
        with self._turn(webhook.id):
            delivery = await store.next_waiting(self.database, queue.id)
            if delivery is None:
                return Result(queue.written)
            return await self._send(webhook, queue, delivery)

    async def _must_not_rest(self, webhook_id: str) -> None:
        pace = await self.database.one(PACES, webhook_id)
        if pace is not None and pace.rests_until is not None and pace.rests_until > self.database.now():
            rest = (pace.rests_until - self.database.now()).total_seconds()
            raise RetryLater(min(rest, MAX_REST_LOOK_SECONDS))

    @contextmanager
    def _turn(self, webhook_id: str) -> Iterator[None]:
        if self.running[webhook_id] >= AT_ONCE:
            raise RetryLater(LOOK_AGAIN_SECONDS * random.uniform(0.5, 1.5))
        self.running[webhook_id] += 1
        try:
            yield
        finally:
            self.running[webhook_id] -= 1
            if not self.running[webhook_id]:
                del self.running[webhook_id]

    async def _send(self, webhook: Webhook, queue: Queue, delivery: Delivery) -> Result:
        event = await self.database.one(EVENTS, delivery.event_id)
        if event is None:
            return Result(queue.written, delivery.id, ERASED)
        body, now, began = structured(event.attributes, event.data), self.database.now(), time.perf_counter()
        try:
            secrets = [self.sealer.open(sealed) for sealed in webhook.signing(now)]
            headers = signed_headers(event.id, int(now.timestamp()), body, secrets)
            target = parse_target(webhook.url, is_open=self.is_open)
            reply = await self.client.post(target, {**headers, "Content-Type": CONTENT_TYPE}, body)
        except SecretLost:
            return Result(queue.written, delivery.id, SECRET_LOST)
        except ValueError:  # registered when other URLs could be
            return Result(queue.written, delivery.id, NOT_PUBLIC)
        except NotSent as failure:
            return Result(queue.written, delivery.id, failure.reason, ms=_milliseconds(began))
        outcome = SENT if 200 <= reply.status < 300 else REFUSED
        header = None if outcome == SENT else reply.headers.get("Retry-After")
        asked = retry_after_seconds(header, now, most=MAX_RETRY_AFTER_SECONDS)
        return Result(queue.written, delivery.id, outcome, reply.status, _milliseconds(began), asked)

    def reads(self, job: Claimed[DeliverJob], result: Result) -> Sequence[Ref]:
        """What `apply` will read."""
        payload = job.payload
        refs = [QUEUES.ref(payload.queue_id), WEBHOOKS.ref(payload.webhook_id)]
        return [*refs, DELIVERIES.ref(result.delivery_id)] if result.delivery_id else refs

    async def apply(self, uow: UnitOfWork, job: Claimed[DeliverJob], result: Result) -> None:
        """Records the attempt, and plans the next one."""
        queue = await uow.get(QUEUES, job.payload.queue_id)
        if queue is None or queue.turn != job.payload.turn:  # another job has taken its place
            return
        webhook = await uow.get(WEBHOOKS, job.payload.webhook_id)
        delivery = await uow.get(DELIVERIES, result.delivery_id) if result.delivery_id else None
        if webhook is None or not webhook.is_enabled:
            # What was sent is recorded, although nothing more will be.
            if delivery is not None and result.outcome == SENT:
                self._record(uow, delivery, result, "sent")
            queues.release(uow, queue)
        elif delivery is None or delivery.state != "waiting":
            self._go_on(uow, queue, result)
        else:
            await self._ended(uow, webhook, queue, delivery, result)

    def _go_on(self, uow: UnitOfWork, queue: Queue, result: Result, *, sequence: int | None = None) -> None:
        """To the next delivery. Nothing waits if the look found nothing, or the last one, and none has come since."""
        found_the_end = result.delivery_id is None or sequence == queue.last
        if found_the_end and queue.written == result.written:
            queues.release(uow, queue)
        else:
            queues.plan(uow, queue)

    async def _ended(self, uow: UnitOfWork, webhook: Webhook, queue: Queue, delivery: Delivery, result: Result) -> None:
        if result.outcome in (SENT, ERASED):
            self._record(uow, delivery, result, "sent" if result.outcome == SENT else "erased")
            self._go_on(uow, queue, result, sequence=delivery.sequence)
        elif result.status == GONE_STATUS or result.outcome == SECRET_LOST:
            self._record(uow, delivery, result)
            await disable(uow, webhook, GONE if result.status == GONE_STATUS else SECRET_LOST)
            queues.release(uow, queue)
        elif delivery.is_test:
            self._record(uow, delivery, result, "failed")
            self._go_on(uow, queue, result, sequence=delivery.sequence)
        else:
            await self._failed(uow, webhook, queue, delivery, result)

    async def _failed(
        self, uow: UnitOfWork, webhook: Webhook, queue: Queue, delivery: Delivery, result: Result
    ) -> None:
        """Plans the next attempt, or disables the webhook after the last one."""
        asked = result.retry_after or 0.0
        pause = max(asked, self.patience.pause(delivery.attempts + 1, result.jitter))
        next_at = self.patience.next_at(delivery.first_at or uow.now, uow.now, pause)
        if next_at is None:
            self._record(uow, delivery, result)
            await disable(uow, webhook, EXHAUSTED)
            queues.release(uow, queue)
            return
        self._record(uow, delivery, result, next_at=next_at)
        if asked:
            pace = await uow.get_or(PACES, Pace(id=webhook.id))
            uow.put(PACES, pace.model_copy(update={"rests_until": uow.now + dt.timedelta(seconds=asked)}))
        queues.plan(uow, queue, at=next_at)

    def _record(
        self,
        uow: UnitOfWork,
        delivery: Delivery,
        result: Result,
        state: Literal["sent", "failed", "erased"] | None = None,
        next_at: dt.datetime | None = None,
    ) -> None:
        uow.count(metrics.webhook_deliveries.labels(result.outcome).inc)
        if result.ms is not None:
            uow.count(partial(metrics.webhook_seconds.observe, result.ms / 1000))
        tried = delivery.tried(uow.now, outcome=result.outcome, status=result.status, ms=result.ms)
        uow.put(DELIVERIES, tried.ended(state) if state else tried.model_copy(update={"next_at": next_at}))


def _milliseconds(since: float) -> int:
    """Since a moment of `time.perf_counter`."""
    return round((time.perf_counter() - since) * 1000)
