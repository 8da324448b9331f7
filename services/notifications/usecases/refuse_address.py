"""A server says that there is no such address: nothing more is mailed there, and its member hears of it."""

from __future__ import annotations

from schemas.notifications import NotificationSent
from services.chassis.commit import UnitOfWork
from services.chassis.model import derived_id

from ..domain.notice_records import InboxEntry
from ..domain.notices import ADDRESS_REFUSED
from ..domain.recipients import INBOX, Recipient
from ..store import ENTRIES, RECIPIENTS
from .record_outcome import record_outcome


async def refuse_address(uow: UnitOfWork, recipient: Recipient, *, code: int, mail_id: str) -> None:
    """Takes the recipient's address as unconfirmed, and tells the inbox, once per mail. The caller has made sure that
    it is still the address which was refused."""
    uow.put(RECIPIENTS, recipient.with_refused_address(code, uow.now))
    id = derived_id(ADDRESS_REFUSED, recipient.id, mail_id)
    if await uow.get(ENTRIES, id) is not None:
        return
    entry = InboxEntry(
        id=id,
        recipient_id=recipient.id,
        profile_id=recipient.profile_id,
        channel=INBOX,
        template=ADDRESS_REFUSED,
        about={},
        event_id=mail_id,
        happened_at=uow.now,
    )
    number = await record_outcome(uow, entry, NotificationSent)
    uow.put(ENTRIES, entry.model_copy(update={"number": number}))
