"""What became of a notice, written into its recipient's mailbox: one write, one event."""

from __future__ import annotations

from schemas.notifications import NotificationState
from services.chassis.uow import UnitOfWork

from ..domain.recipients import Mailbox, Told
from ..store import MAILBOXES


async def note(uow: UnitOfWork, notice: Told, event: type[NotificationState], *, reason: str | None = None) -> int:
    """Returns the mailbox's revision: it grows with every notice of a recipient, in the order of commits."""
    mailbox = await uow.get(MAILBOXES, notice.recipient_id) or Mailbox(id=notice.recipient_id)
    told = event(
        notification_id=notice.id,
        recipient_id=notice.recipient_id,
        profile_id=notice.profile_id,
        channel=notice.channel,
        template=notice.template,
        about=notice.about,
        event_id=notice.event_id,
        reason=reason,
    )
    return uow.put(MAILBOXES, mailbox.model_copy(update={"notices": mailbox.notices + 1}), told).revision
