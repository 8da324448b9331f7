"""How deliveries change. Each function here writes a delivery together with its outcome in the mailbox and with the
recipient's list of waiting mail, so that the three always agree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from schemas.notifications import (
    NotificationDeferred,
    NotificationFailed,
    NotificationQueued,
    NotificationSent,
    NotificationState,
    NotificationSuppressed,
)
from services.chassis.commit import UnitOfWork

from ..domain.notice_records import Delivery, Outcome, WaitingMail
from ..job_kinds import DECIDE_MAIL, SEND_MAIL, MailJob, SendJob
from ..store import DELIVERIES, WAITING
from .record_outcome import record_outcome

OUTCOME_EVENTS: dict[str, type[NotificationState]] = {
    "sent": NotificationSent,
    "failed": NotificationFailed,
    "suppressed": NotificationSuppressed,
}


async def queue(uow: UnitOfWork, delivery: Delivery) -> Delivery:
    """Stores a new delivery. Its id must have been read before."""
    number = await record_outcome(uow, delivery, NotificationQueued)
    return uow.put(DELIVERIES, delivery.model_copy(update={"number": number}))


async def add_to_digest(uow: UnitOfWork, delivery: Delivery) -> None:
    """Lets a queued delivery wait for the recipient's next digest."""
    waiting = await uow.get_or(WAITING, WaitingMail(id=delivery.recipient_id))
    uow.put(WAITING, waiting.with_digest(delivery.id))


async def forget_missing(uow: UnitOfWork, waiting: WaitingMail) -> WaitingMail:
    """Takes deliveries that were removed with an erased profile from the list of waiting mail."""
    missing = [id for id in waiting.digest if await uow.get(DELIVERIES, id) is None]
    return uow.put(WAITING, waiting.without(*missing)) if missing else waiting


async def hold(uow: UnitOfWork, delivery: Delivery, until: dt.datetime, reason: str) -> None:
    """Lets a delivery wait until an instant, when a job decides about it again."""
    if delivery.held_until != until:
        delivery = uow.put(DELIVERIES, delivery.hold(until, reason))
        await record_outcome(uow, delivery, NotificationDeferred, reason=reason)
    waiting = await uow.get_or(WAITING, WaitingMail(id=delivery.recipient_id))
    uow.put(WAITING, waiting.with_held(delivery.id))
    job = MailJob(delivery_id=delivery.id, at=until.isoformat())
    # With the instant: each hold has a job of its own, and the same hold decided twice has one.
    uow.enqueue(DECIDE_MAIL, job, cause=f"{delivery.id}/{until:%Y-%m-%dT%H:%MZ}", run_at=until)


async def suppress(uow: UnitOfWork, delivery: Delivery, reason: str) -> None:
    """Gives up a delivery that was not attempted."""
    uow.put(DELIVERIES, delivery.suppress(reason))
    await record_outcome(uow, delivery, NotificationSuppressed, reason=reason)
    await _stop_waiting(uow, delivery.recipient_id, delivery.id)


async def start_sending(uow: UnitOfWork, deliveries: Sequence[Delivery], *, mail_id: str) -> None:
    """Hands deliveries of one recipient to the job that mails them together. From this commit on an attempt may have
    reached the reader."""
    recipient_id, ids = deliveries[0].recipient_id, [delivery.id for delivery in deliveries]
    for delivery in deliveries:
        uow.put(DELIVERIES, delivery.begin_attempt(mail_id))
    await _stop_waiting(uow, recipient_id, *ids)
    job = SendJob(recipient_id=recipient_id, delivery_ids=ids, mail_id=mail_id)
    # One job per mail, whatever decided to send it; all its tries have the same Message-ID.
    uow.enqueue(SEND_MAIL, job, cause=mail_id)


def repeat(uow: UnitOfWork, deliveries: Sequence[Delivery], job: SendJob, at: dt.datetime) -> None:
    """Lets a mail be sent once more, because it is not known whether it arrived."""
    for delivery in deliveries:
        uow.put(DELIVERIES, delivery)
    uow.enqueue(SEND_MAIL, job, cause=f"{job.mail_id}/{deliveries[0].unsure}", run_at=at)


async def finish(uow: UnitOfWork, delivery: Delivery, outcome: Outcome, *, attempts: int) -> None:
    """Ends a delivery that was handed over for sending."""
    uow.put(DELIVERIES, delivery.finish(outcome, attempts=attempts))
    await record_outcome(uow, delivery, OUTCOME_EVENTS[outcome.state], reason=outcome.reason)


async def _stop_waiting(uow: UnitOfWork, recipient_id: str, *ids: str) -> None:
    waiting = await uow.get(WAITING, recipient_id)
    if waiting is not None:
        uow.put(WAITING, waiting.without(*ids))
