"""A delivery address is confirmed by its owner, with a link in a mail."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import InvalidState
from services.chassis.mongo import Database

from ..domain.confirmations import VALID_FOR, ConfirmationBudget, PendingConfirmation
from ..domain.recipients import Recipient
from ..job_kinds import CONFIRM_ADDRESS, ConfirmJob
from ..mailing.smtp import MayHaveArrived
from ..store import CONFIRMATION_BUDGETS, RECIPIENTS
from .hand_over import attempt
from .mail_channel import MailChannel
from .refuse_address import refuse_address

CONFIRMED = {"email_confirmed": True, "confirmation": None, "email_refused": None}


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
    uow.put(RECIPIENTS, recipient.model_copy(update=CONFIRMED))
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
    unsure_tries: int

    async def work(self, job: Claimed[ConfirmJob]) -> tuple[str, int] | None:
        """Does nothing if the address was changed or confirmed meanwhile. Returns the address and the reply code if a
        server says that there is no such address. Raises for a failure that may pass."""
        recipient, now = await self.database.one(RECIPIENTS, job.payload.recipient_id), self.database.now()
        if self.channel is None or recipient is None:
            return None
        if not recipient.is_confirmed_by(job.payload.confirmation_id, now):
            return None
        content = self.channel.composer.compose_confirmation(recipient, attempt=job.tries, at=now)
        ended = await attempt(self.channel.send_confirmation(content), is_last=job.tries >= self.max_tries)
        if ended.outcome is None and job.tries < self.unsure_tries:
            raise MayHaveArrived(is_with_server=ended.is_with_server)
        return (content.to, ended.refused_code) if ended.refused_code else None

    async def apply(self, uow: UnitOfWork, job: Claimed[ConfirmJob], refused: tuple[str, int] | None) -> None:
        """Tells the member of a refused address, if it is still the one that was asked."""
        recipient = await uow.get(RECIPIENTS, job.payload.recipient_id)
        if refused is None or recipient is None or recipient.email != refused[0]:
            return
        await refuse_address(uow, recipient, code=refused[1], mail_id=job.payload.confirmation_id)
