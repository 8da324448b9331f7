"""What is left of erased events and deleted webhooks is removed."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.commit import Claimed
from services.chassis.mongo import Database

from .. import store
from ..job_kinds import EraseJob, WebhookJob


@dataclass(frozen=True)
class Clean:
    """The jobs `webhook_erase` and `webhook_forget`."""

    database: Database

    async def erase(self, job: Claimed[EraseJob]) -> None:
        """Removes the kept events of an aggregate that was erased; those that wait are not sent any more."""
        payload = job.payload
        await store.erase_events(self.database, payload.topic, payload.key, before=payload.sequence)

    async def forget(self, job: Claimed[WebhookJob]) -> None:
        """Removes what belonged to a deleted webhook."""
        await store.remove_all_of(self.database, job.payload.webhook_id)
