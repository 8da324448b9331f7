"""Topic `notifications`: what became of each notice. Key is the recipient (a pseudonym); no text, no address."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import MemberId, ProfileId
from .envelope import Event


class NotificationState(Event):
    topic: ClassVar[str] = "notifications"

    notification_id: Annotated[str, Field(description="One per event, recipient and channel.")]
    recipient_id: MemberId
    profile_id: ProfileId
    channel: Annotated[str, Field(description="inbox or email.")]
    template: Annotated[str, Field(description="What it tells of, e.g. match.proposed.")]
    about: Annotated[dict[str, str], Field(description="Ids: match_id, meeting_id.")]
    event_id: Annotated[str, Field(description="ce_id of the event that it tells of.")]
    reason: Annotated[
        str | None,
        Field(
            description="Why it was deferred (quiet_hours, public_holiday), suppressed (email_off, channel_off, "
            "no_address, unsubscribed, no_longer_open, superseded, too_late, recipient_gone) or failed "
            "(smtp_<code>, gave_up)."
        ),
    ] = None


class NotificationQueued(NotificationState):
    """Written down for a channel that reaches out."""

    event_type: ClassVar[str] = "magpie.notification.queued"


class NotificationSent(NotificationState):
    """Delivered, as far as the channel can know; for the inbox: it stands there."""

    event_type: ClassVar[str] = "magpie.notification.sent"


class NotificationDeferred(NotificationState):
    """It waits for a better hour of its recipient."""

    event_type: ClassVar[str] = "magpie.notification.deferred"


class NotificationSuppressed(NotificationState):
    """It is not sent, for good."""

    event_type: ClassVar[str] = "magpie.notification.suppressed"


class NotificationFailed(NotificationState):
    """The channel has refused it for good."""

    event_type: ClassVar[str] = "magpie.notification.failed"
