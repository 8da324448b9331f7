"""Recipients: who is notified, on which channels and in which language. Private: never on a topic, never in a log."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from services.chassis.model import Document

from .notices import DIGEST_TEMPLATES

INBOX, EMAIL = "inbox", "email"


class Recipient(Document):
    """A member who gets notices; the id is the member's pseudonym. It gets notices of events after `registered_at`."""

    profile_id: str
    lang: str
    zone: str
    email: str | None = None
    channels: list[str] = Field(default_factory=lambda: [INBOX])
    quiet_hours: dict[str, str] | None = None
    """{"start": "HH:MM", "end": "HH:MM"} in `zone`; may span midnight."""
    digest: bool = True
    """Whether proposals are mailed, once a day. Other notices do not depend on it."""
    registered_at: dt.datetime
    zoned_at: dt.datetime | None = None
    """When `zone` was last changed. A digest counts waiting time from here on, so that a change of the zone does not
    make a digest due at once because 09:00 has already passed in the new zone."""

    def reason_against_mail(self, template: str, *, mail_is_on: bool) -> str | None:
        """Why this recipient gets no mail of this template (a reason of the contract); None if it does."""
        if not mail_is_on:
            return "email_off"
        if EMAIL not in self.channels:
            return "channel_off"
        if self.email is None:
            return "no_address"
        return "unsubscribed" if template in DIGEST_TEMPLATES and not self.digest else None


class Audience(Document):
    """The recipients of a profile; the id is the profile's. It limits their number and tells whom an event of the
    profile reaches."""

    recipient_ids: list[str] = Field(default_factory=list)

    def with_recipient(self, id: str) -> Audience:
        """The same audience with one more recipient; unchanged if it is a member already."""
        return self.model_copy(update={"recipient_ids": sorted({*self.recipient_ids, id})})

    def without_recipient(self, id: str) -> Audience:
        """The same audience without a recipient."""
        return self.model_copy(update={"recipient_ids": [r for r in self.recipient_ids if r != id]})
