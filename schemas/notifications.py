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
    reason: str | None = None


class NotificationQueued(NotificationState):
    event_type: ClassVar[str] = "magpie.notification.queued"


class NotificationSent(NotificationState):
    """Delivered, as far as the channel can know; for the inbox: it stands there."""

    event_type: ClassVar[str] = "magpie.notification.sent"


class NotificationDeferred(NotificationState):
    event_type: ClassVar[str] = "magpie.notification.deferred"


class NotificationSuppressed(NotificationState):
    event_type: ClassVar[str] = "magpie.notification.suppressed"


class NotificationFailed(NotificationState):
    event_type: ClassVar[str] = "magpie.notification.failed"
