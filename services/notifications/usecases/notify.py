"""Events update the projections. An event that changes a row may make notices: one per recipient and channel."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TypedDict

from schemas.matches import MatchState
from schemas.meetings import MeetingState
from schemas.notifications import NotificationSent
from schemas.profiles import ProfileState
from schemas.translations import TextTranslated
from services.chassis.commit import UnitOfWork
from services.chassis.model import Incoming, Ref, derived_id, is_newer

from .. import metrics
from ..domain.notice_records import Delivery, InboxEntry
from ..domain.notices import Notice, match_notice, meeting_notice
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
from ..domain.recipients import EMAIL, INBOX, Recipient
from ..store import AUDIENCES, DELIVERIES, ENTRIES, MATCHES, MEETINGS, PROFILES, RECIPIENTS, TRANSLATIONS
from . import delivery_states
from .forget import forget_audience
from .plan_mail import plan_delivery
from .record_outcome import record_outcome


def profile_reads(event: Incoming[object]) -> list[Ref]:
    """What `project_profile` will read."""
    return [PROFILES.ref(event.key)]


def match_reads(event: Incoming[MatchState]) -> list[Ref]:
    """What `notify_of_match` will read; the recipients are known only when the audiences are."""
    return [MATCHES.ref(event.key), *(AUDIENCES.ref(party) for party in event.data.parties)]


def meeting_reads(event: Incoming[MeetingState]) -> list[Ref]:
    """What `notify_of_meeting` will read; the recipients are known only when the audiences are."""
    return [MEETINGS.ref(event.key), *(AUDIENCES.ref(party) for party in event.data.parties)]


def translation_reads(event: Incoming[object]) -> list[Ref]:
    """What `project_translation` will read."""
    return [TRANSLATIONS.ref(event.key)]


async def project_profile(uow: UnitOfWork, event: Incoming[ProfileState | None]) -> None:
    """Stores names and texts of a profile. An erasure also deletes the profile's recipients."""
    before = await uow.get_or(PROFILES, ProfileRow(id=event.key))
    if not is_newer(event.sequence, before):
        return
    uow.put(PROFILES, profile_row(before, event.sequence, event.data))
    if event.data is None:
        await forget_audience(uow, event.key)


async def project_translation(uow: UnitOfWork, event: Incoming[TextTranslated | None]) -> None:
    """Stores the translation of a text, or that it was erased."""
    before = await uow.get_or(TRANSLATIONS, TranslationRow(id=event.key))
    if is_newer(event.sequence, before):
        uow.put(TRANSLATIONS, translation_row(before, event.sequence, event.data))


async def notify_of_match(uow: UnitOfWork, event: Incoming[MatchState]) -> None:
    """Stores the state of a match, and notifies the sides that the event concerns."""
    before = await uow.get_or(MATCHES, MatchRow(id=event.key))
    if not is_newer(event.sequence, before):
        return
    uow.put(MATCHES, match_row(before, event.sequence, event.data))
    await _notify(uow, event, match_notice(event.data, before))


async def notify_of_meeting(uow: UnitOfWork, event: Incoming[MeetingState]) -> None:
    """Stores the state of a meeting, and notifies the sides that the event concerns."""
    before = await uow.get_or(MEETINGS, MeetingRow(id=event.key))
    if not is_newer(event.sequence, before):
        return
    uow.put(MEETINGS, meeting_row(before, event.sequence, event.data))
    await _notify(uow, event, meeting_notice(event.data, before))


async def _notify(uow: UnitOfWork, event: Incoming[object], notice: Notice | None) -> None:
    """Tells all recipients of the notice's sides who had registered when the event happened."""
    if notice is None:
        return
    # To the commit that this decision is part of: its transaction follows within some milliseconds.
    waited = (uow.now - event.time).total_seconds()
    uow.count(partial(metrics.notice_seconds.labels(event.type).observe, max(0.0, waited)))
    for side in notice.sides:
        audience = await uow.get(AUDIENCES, side)
        for recipient_id in audience.recipient_ids if audience else ():
            recipient = await uow.get(RECIPIENTS, recipient_id)
            if recipient is not None and recipient.is_told(side, event.time):
                # If the recipient is deleted at the same moment, this commit must fail, or its notices would remain.
                uow.expect(RECIPIENTS, recipient_id)
                fields = _record_fields(event, notice, recipient, side)
                await _add_to_inbox(uow, fields)
                if EMAIL in recipient.channels:
                    await _queue_mail(uow, fields, notice, recipient)


async def _add_to_inbox(uow: UnitOfWork, fields: _RecordFields) -> None:
    """The inbox is immediate, whatever the hour: quiet hours hold mail only."""
    # One id per event, recipient and channel: no one is notified twice, even if projections are emptied and read again.
    id = derived_id(fields["event_id"], fields["recipient_id"], INBOX)
    if await uow.get(ENTRIES, id) is not None:
        return
    entry = InboxEntry(id=id, **fields)
    number = await record_outcome(uow, entry, NotificationSent)
    uow.put(ENTRIES, entry.model_copy(update={"number": number}))


async def _queue_mail(uow: UnitOfWork, fields: _RecordFields, notice: Notice, recipient: Recipient) -> None:
    """Only stores the delivery. A job decides when it is sent, and whether."""
    id = derived_id(fields["event_id"], fields["recipient_id"], EMAIL)
    if await uow.get(DELIVERIES, id) is not None:
        return
    delivery = Delivery(id=id, queued_at=uow.now, ical_sequence=notice.ical_sequence, bound=notice.bound, **fields)
    await plan_delivery(uow, await delivery_states.queue(uow, delivery), recipient)


class _RecordFields(TypedDict):
    recipient_id: str
    profile_id: str
    template: str
    about: dict[str, str]
    event_id: str
    happened_at: dt.datetime


def _record_fields(event: Incoming[object], notice: Notice, recipient: Recipient, side: str) -> _RecordFields:
    """What inbox entry and delivery have in common. `side` is the profile through which the recipient is told."""
    gathered = derived_id(notice.gathers, side) if notice.gathers else None
    return {
        "recipient_id": recipient.id,
        "profile_id": side,
        "template": notice.template,
        "about": notice.about,
        "event_id": gathered or event.id,
        "happened_at": event.time,
    }
