"""A webhook for which too much waits is disabled: what waits is then dropped, and its owner sees why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.mongo import Database

from .. import store
from ..domain.webhook import BACKLOG_FULL
from ..job_kinds import DROP_WAITING, WebhookJob
from ..store import WEBHOOKS
from .register import disable


@dataclass(frozen=True)
class WatchBacklog:
    """The job `webhook_backlog`, once for each second in which events come for a webhook, a moment after it."""

    database: Database
    limit: int

    async def work(self, job: Claimed[WebhookJob]) -> bool:
        """Whether more waits than may."""
        return await store.waits_more_than(self.database, job.payload.webhook_id, self.limit)

    async def apply(self, uow: UnitOfWork, job: Claimed[WebhookJob], is_full: bool) -> None:
        """Disables the webhook then, and plans that what waits is dropped."""
        webhook = await uow.get(WEBHOOKS, job.payload.webhook_id)
        if not is_full or webhook is None or not webhook.is_enabled:
            return
        await disable(uow, webhook, BACKLOG_FULL)
        drop = WebhookJob(webhook_id=webhook.id, at=uow.now.isoformat())
        uow.enqueue(DROP_WAITING, drop, cause=uow.cause.id)


@dataclass(frozen=True)
class DropWaiting:
    """The job `webhook_drop`."""

    database: Database

    async def work(self, job: Claimed[WebhookJob]) -> None:
        """Drops what waited when the webhook was disabled."""
        up_to = dt.datetime.fromisoformat(job.payload.at)
        await store.drop_waiting(self.database, job.payload.webhook_id, up_to=up_to)
