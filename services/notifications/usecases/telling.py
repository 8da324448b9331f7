"""Events come in: projections are kept; from a row that moved follow notices, one per event, recipient and channel."""

from __future__ import annotations

from typing import Any

from schemas.matches import MatchState
from schemas.meetings import MeetingState
from schemas.notifications import NotificationQueued, NotificationSent
from schemas.profiles import ProfileState
from schemas.translations import TextTranslated
from services.chassis.documents import Ref, is_news
from services.chassis.events import Incoming, derived_id
from services.chassis.uow import UnitOfWork

from ..domain.notices import Notice, notice_of
from ..domain.projections import (
    MatchRow,
    MeetingRow,
    ProfileRow,
    TranslationRow,
    match_row,
    meeting_row,
    profile_row,
    translation_row,
)
from ..domain.recipients import EMAIL, Delivery, Entry, Recipient
from ..store import AUDIENCES, DELIVERIES, ENTRIES, MATCHES, MEETINGS, PROFILES, RECIPIENTS, TRANSLATIONS
from . import planning
from .noting import note
from .registering import forget_audience

INBOX = "inbox"


def reads_profile(event: Incoming[Any]) -> list[Ref]:
    return [PROFILES.ref(event.key)]


def reads_match(event: Incoming[Any]) -> list[Ref]:
    return [MATCHES.ref(event.key), *(AUDIENCES.ref(party) for party in event.data.parties)]


def reads_meeting(event: Incoming[Any]) -> list[Ref]:
    return [MEETINGS.ref(event.key), *(AUDIENCES.ref(party) for party in event.data.parties)]


def reads_translation(event: Incoming[Any]) -> list[Ref]:
    return [TRANSLATIONS.ref(event.key)]


async def keep_profile(uow: UnitOfWork, event: Incoming[ProfileState | None]) -> None:
    """What to call it and what it says. An erased one takes its recipients and their inboxes along."""
    before = await uow.get(PROFILES, event.key) or ProfileRow(id=event.key)
    if not is_news(before, event.sequence):
        return
    uow.put(PROFILES, profile_row(before, event.sequence, event.data))
    if event.data is None:
        await forget_audience(uow, event.key)


async def keep_translation(uow: UnitOfWork, event: Incoming[TextTranslated | None]) -> None:
    before = await uow.get(TRANSLATIONS, event.key) or TranslationRow(id=event.key)
    if is_news(before, event.sequence):
        uow.put(TRANSLATIONS, translation_row(before, event.sequence, event.data))


async def tell_of_match(uow: UnitOfWork, event: Incoming[MatchState]) -> None:
    before = await uow.get(MATCHES, event.key) or MatchRow(id=event.key)
    if not is_news(before, event.sequence):
        return
    uow.put(MATCHES, match_row(before, event.sequence, event.data))
    await _tell(uow, event, notice_of(event.data, before))


async def tell_of_meeting(uow: UnitOfWork, event: Incoming[MeetingState]) -> None:
    before = await uow.get(MEETINGS, event.key) or MeetingRow(id=event.key)
    if not is_news(before, event.sequence):
        return
    uow.put(MEETINGS, meeting_row(before, event.sequence, event.data))
    await _tell(uow, event, notice_of(event.data, before))


async def _tell(uow: UnitOfWork, event: Incoming[Any], notice: Notice | None) -> None:
    """Each side's recipients, who registered before it happened."""
    for side in notice.sides if notice else ():
        audience = await uow.get(AUDIENCES, side)
        for recipient_id in audience.recipient_ids if audience else ():
            recipient = await uow.get(RECIPIENTS, recipient_id)
            if recipient is not None and recipient.registered_at <= event.time and notice is not None:
                uow.expect(RECIPIENTS, recipient_id)  # who leaves meanwhile must leave nothing behind
                await _put_into_inbox(uow, event, notice, recipient)
                if EMAIL in recipient.channels:
                    await _queue_mail(uow, event, notice, recipient)


async def _put_into_inbox(uow: UnitOfWork, event: Incoming[Any], notice: Notice, recipient: Recipient) -> None:
    """At once, whatever the hour: nobody is woken by it."""
    id = derived_id(event.id, recipient.id, INBOX)
    if await uow.get(ENTRIES, id) is not None:
        return
    entry = Entry(id=id, **_told(event, notice, recipient))
    number = await note(uow, entry, NotificationSent)
    uow.put(ENTRIES, entry.model_copy(update={"number": number}))


async def _queue_mail(uow: UnitOfWork, event: Incoming[Any], notice: Notice, recipient: Recipient) -> None:
    """Only written down here; when it goes, and whether, is for a job."""
    id = derived_id(event.id, recipient.id, EMAIL)
    if await uow.get(DELIVERIES, id) is not None:
        return
    told = _told(event, notice, recipient)
    delivery = Delivery(id=id, queued_at=uow.now, ical_sequence=notice.ical_sequence, **told)
    await note(uow, delivery, NotificationQueued)
    await planning.plan(uow, uow.put(DELIVERIES, delivery), recipient)


def _told(event: Incoming[Any], notice: Notice, recipient: Recipient) -> dict[str, Any]:
    return {
        "recipient_id": recipient.id,
        "profile_id": recipient.profile_id,
        "template": notice.template,
        "about": notice.about,
        "event_id": event.id,
        "happened_at": event.time,
    }
