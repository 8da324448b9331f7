"""Recipients are deleted: one member, or all recipients of a profile that was erased."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork, forget_answers
from services.chassis.model import Caller
from services.chassis.mongo import Database

from .. import store
from ..domain.recipients import Recipient
from ..job_kinds import FORGET, ForgetJob
from ..store import AUDIENCES, RECIPIENTS, WAITING
from .recipients import leave_audience, load_self
from .record_outcome import close_mailbox


async def forget_recipient(uow: UnitOfWork, *, caller: Caller, member_id: str) -> None:
    """Deletes the caller's own recipient; a job removes its inbox and deliveries. Raises NotFound."""
    recipient = await load_self(uow, caller, member_id)
    await leave_audience(uow, recipient)
    await _delete(uow, recipient)
    _plan_removal(uow, [member_id])


async def forget_audience(uow: UnitOfWork, profile_id: str) -> None:
    """Deletes all recipients of a profile that was erased."""
    audience = await uow.get(AUDIENCES, profile_id)
    if audience is None:
        return
    for recipient_id in audience.recipient_ids:
        recipient = await uow.get(RECIPIENTS, recipient_id)
        if recipient is not None:
            await _delete(uow, recipient)
    uow.delete(AUDIENCES, audience)
    _plan_removal(uow, audience.recipient_ids)


async def _delete(uow: UnitOfWork, recipient: Recipient) -> None:
    """Deletes the documents of a recipient that have its id. The audience is the caller's concern."""
    uow.delete(RECIPIENTS, recipient)
    await close_mailbox(uow, recipient)
    waiting = await uow.get(WAITING, recipient.id)
    if waiting is not None:
        uow.delete(WAITING, waiting)


def _plan_removal(uow: UnitOfWork, recipient_ids: list[str]) -> None:
    cause = uow.derived_id("forget", *recipient_ids)
    uow.enqueue(FORGET, ForgetJob(recipient_ids=recipient_ids), cause=cause)


@dataclass(frozen=True)
class RemoveForgotten:
    """The job `forget`: removes inbox entries, deliveries, and stored answers about deleted recipients."""

    database: Database

    async def work(self, job: Claimed[ForgetJob]) -> None:
        """Idempotent, so it may run twice."""
        await store.remove_notices(self.database, job.payload.recipient_ids)
        await forget_answers(self.database, job.payload.recipient_ids)
