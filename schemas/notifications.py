"""Topic `notifications`: the outcomes of each notice. The key is the recipient, a pseudonym; no texts or addresses."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import ProfileId, known
from .envelope import Event

REASONS = (
    "quiet_hours",
    "public_holiday",
    "email_off",
    "channel_off",
    "no_address",
    "address_unconfirmed",
    "unsubscribed",
    "no_longer_open",
    "superseded",
    "too_late",
    "recipient_gone",
    "gave_up",
)


class NotificationState(Event):
    """One notice to one recipient on one channel, which every event of the topic has."""

    topic: ClassVar[str] = "notifications"

    notification_id: Annotated[str, Field(description="One id for each combination of event, recipient and channel.")]
    recipient_id: Annotated[str, Field(description="The recipient: organisation and member, joined by a colon.")]
    profile_id: ProfileId
    channel: Annotated[str, known("inbox", "email"), Field(description="inbox or email.")]
    template: Annotated[str, Field(description="Name of the notice's template, e.g. match.proposed.")]
    about: Annotated[dict[str, str], Field(description="Ids of what the notice is about: match_id, meeting_id.")]
    event_id: Annotated[str, Field(description="ce_id of the event that caused the notice.")]
    reason: Annotated[
        Annotated[str, known(*REASONS, form="^smtp_[0-9]+$")] | None,
        Field(
            description="Why it was deferred (quiet_hours, public_holiday), suppressed (email_off, channel_off, "
            "no_address, address_unconfirmed, unsubscribed, no_longer_open, superseded, too_late, recipient_gone) or "
            "failed (smtp_<code>, gave_up)."
        ),
    ] = None


class NotificationQueued(NotificationState):
    """Stored and waiting to be sent by mail."""

    event_type: ClassVar[str] = "magpie.notification.queued"


class NotificationSent(NotificationState):
    """Inbox: the entry exists. Mail: the mail server has accepted it; whether it reached the reader is unknown."""

    event_type: ClassVar[str] = "magpie.notification.sent"


class NotificationDeferred(NotificationState):
    """Waits until the recipient's quiet hours or public holiday are over; `reason` says which."""

    event_type: ClassVar[str] = "magpie.notification.deferred"


class NotificationSuppressed(NotificationState):
    """Will never be sent; `reason` says why."""

    event_type: ClassVar[str] = "magpie.notification.suppressed"


class NotificationFailed(NotificationState):
    """Could not be sent, and will not be tried again; `reason` says why."""

    event_type: ClassVar[str] = "magpie.notification.failed"


STATES: tuple[type[NotificationState], ...] = (
    NotificationQueued,
    NotificationSent,
    NotificationDeferred,
    NotificationSuppressed,
    NotificationFailed,
)
"""All events of the topic."""
