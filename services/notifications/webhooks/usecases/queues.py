"""The only place where a queue gets a delivery or a job."""

from __future__ import annotations

import datetime as dt

from services.chassis.commit import UnitOfWork

from ..domain.delivery import Delivery, Queue
from ..job_kinds import DELIVER, DeliverJob
from ..store import DELIVERIES, QUEUES

PARKED = dt.timedelta(seconds=60)
"""A job whose time is further away than this does not run now, whatever clocks say."""


async def wait_again(uow: UnitOfWork, delivery: Delivery) -> None:
    """Lets a delivery that was sent, or that is tried again later, wait for an attempt now."""
    is_parked = delivery.next_at is not None and delivery.next_at > uow.now + PARKED
    await wait(uow, delivery.again(), at_once=is_parked)


async def wait(uow: UnitOfWork, delivery: Delivery, *, at_once: bool = False) -> None:
    """Stores a delivery that waits, and sees that its queue has a job. `at_once`: in place of the job that it has,
    which is not running."""
    uow.put(DELIVERIES, delivery)
    blank = Queue(id=delivery.queue_id, webhook_id=delivery.webhook_id, touched_at=uow.now)
    queue = (await uow.get_or(QUEUES, blank)).taking(delivery.sequence, uow.now)
    if queue.is_busy and not at_once:
        uow.put(QUEUES, queue)
    else:
        plan(uow, queue)


def plan(uow: UnitOfWork, queue: Queue, *, at: dt.datetime | None = None) -> None:
    """Gives a queue its next job."""
    planned = uow.put(QUEUES, queue.planned(uow.now))
    job = DeliverJob(webhook_id=queue.webhook_id, queue_id=queue.id, turn=planned.turn)
    # The webhook owns the job: due jobs are taken fairly between webhooks.
    uow.enqueue(DELIVER, job, cause=f"{queue.id}/{planned.turn}", run_at=at, owner=f"webhook {queue.webhook_id}")


def release(uow: UnitOfWork, queue: Queue) -> None:
    """Leaves a queue without a job."""
    uow.put(QUEUES, queue.idle(uow.now))
