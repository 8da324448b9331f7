"""A delivery address is confirmed by its owner, with a link in a mail."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import InvalidState
from services.chassis.mongo import Database

from .. import metrics
from ..domain.confirmations import VALID_FOR, ConfirmationBudget, PendingConfirmation
from ..domain.recipients import Recipient
from ..job_kinds import CONFIRM_ADDRESS, ConfirmJob
from ..mailing.smtp import MailRefused
from ..store import CONFIRMATION_BUDGETS, RECIPIENTS
from .mail_channel import MailChannel


async def ask_to_confirm(uow: UnitOfWork, recipient: Recipient, *, per_day: int) -> Recipient:
    """A recipient whose address is new, with the mail to it planned. The caller stores the recipient. Raises
    QuotaReached."""
    budget = await uow.get_or(CONFIRMATION_BUDGETS, ConfirmationBudget(id=recipient.id))
    uow.put(CONFIRMATION_BUDGETS, budget.spend(uow.now, per_day=per_day))
    id = uow.secret_id("confirmation", recipient.id)
    uow.enqueue(CONFIRM_ADDRESS, ConfirmJob(recipient_id=recipient.id, confirmation_id=id), cause=id)
    pending = PendingConfirmation(id=id, ends_at=uow.now + VALID_FOR)
    return recipient.model_copy(update={"email_confirmed": False, "confirmation": pending})


async def ask_again(uow: UnitOfWork, recipient: Recipient, *, per_day: int) -> Recipient:
    """Sends the mail to an unconfirmed address again; the earlier link is not valid any more. Raises InvalidState,
    QuotaReached."""
    if recipient.email is None or recipient.email_confirmed:
        raise InvalidState("nothing-to-confirm", "There is no mail address that waits to be confirmed.")
    return uow.put(RECIPIENTS, await ask_to_confirm(uow, recipient, per_day=per_day))


async def confirm(uow: UnitOfWork, *, recipient_id: str, confirmation_id: str) -> bool:
    """Takes the address as confirmed. False if the link was used before, is too old, or belongs to another address."""
    recipient = await uow.get(RECIPIENTS, recipient_id)
    if recipient is None or not recipient.is_confirmed_by(confirmation_id, uow.now):
        return False
    uow.put(RECIPIENTS, recipient.model_copy(update={"email_confirmed": True, "confirmation": None}))
    return True


async def is_waiting(database: Database, recipient_id: str, confirmation_id: str) -> bool:
    """Whether the link would confirm an address now."""
    recipient = await database.one(RECIPIENTS, recipient_id)
    return recipient is not None and recipient.is_confirmed_by(confirmation_id, database.now())


@dataclass(frozen=True)
class SendConfirmation:
    """The job `confirm`: the mail with the link. Without a channel none is sent."""

    database: Database
    channel: MailChannel | None
    max_tries: int

    async def work(self, job: Claimed[ConfirmJob]) -> None:
        """Does nothing if the address was changed or confirmed meanwhile. Raises for a failure that may pass."""
        recipient, now = await self.database.one(RECIPIENTS, job.payload.recipient_id), self.database.now()
        if self.channel is None or recipient is None:
            return
        if not recipient.is_confirmed_by(job.payload.confirmation_id, now):
            return
        content = self.channel.composer.compose_confirmation(recipient, attempt=job.tries, at=now)
        try:
            await self.channel.smtp.send(self.channel.renderer.render_confirmation(content))
        except MailRefused:
            metrics.mails.labels("refused").inc()
            return  # the address stays unconfirmed
        except Exception:
            metrics.mails.labels("again").inc()
            if job.tries < self.max_tries:
                raise
            return
        metrics.mails.labels("accepted").inc()
