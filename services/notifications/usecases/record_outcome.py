"""What became of a notice, written to its recipient's mailbox. Each write of a mailbox emits one event."""

from __future__ import annotations

from schemas.notifications import NotificationState, NotificationSuppressed
from services.chassis.commit import UnitOfWork

from .. import metrics
from ..domain.notice_records import Mailbox, NoticeRecord
from ..domain.recipients import INBOX, Recipient
from ..store import MAILBOXES


async def record_outcome(
    uow: UnitOfWork, notice: NoticeRecord, event: type[NotificationState], *, reason: str | None = None
) -> int:
    """Emits `event` about a notice. Returns the mailbox's revision, which grows with each outcome of the recipient, in
    the order of commits."""
    mailbox = await uow.get_or(MAILBOXES, Mailbox(id=notice.recipient_id))
    # The count makes the mailbox differ each time: an equal document would be no write and emit no event.
    result = event.event_type.rpartition(".")[2]
    uow.count(metrics.deliveries.labels(notice.channel, result).inc)
    changed = mailbox.model_copy(update={"notices": mailbox.notices + 1})
    return uow.put(MAILBOXES, changed, to_event(notice, event, reason)).revision


def to_event(notice: NoticeRecord, event: type[NotificationState], reason: str | None) -> NotificationState:
    """The event of the contract about a notice."""
    return event(
        notification_id=notice.id,
        recipient_id=notice.recipient_id,
        profile_id=notice.profile_id,
        channel=notice.channel,
        template=notice.template,
        about=notice.about,
        event_id=notice.event_id,
        reason=reason,
    )


async def last_number(uow: UnitOfWork, recipient_id: str) -> int:
    """The number of the latest notice or outcome of a recipient. The commit fails if there is another one by then."""
    mailbox = await uow.get(MAILBOXES, recipient_id)
    uow.expect(MAILBOXES, recipient_id)
    return mailbox.revision if mailbox else 0


async def close_mailbox(uow: UnitOfWork, recipient: Recipient) -> None:
    """Deletes the mailbox of a recipient that is deleted, with the event that says so."""
    mailbox = await uow.get(MAILBOXES, recipient.id)
    if mailbox is None:
        return
    event = NotificationSuppressed(
        notification_id=uow.derived_id("gone", recipient.id),
        recipient_id=recipient.id,
        profile_id=recipient.profile_id,
        channel=INBOX,
        template="recipient.gone",
        about={},
        event_id=uow.cause.id,
        reason="recipient_gone",
    )
    uow.delete(MAILBOXES, mailbox, event)
