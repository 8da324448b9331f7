"""Who wants to hear, where and in which language: private, never on a topic, never in a log."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from services.chassis.documents import Document


class Recipient(Document):
    """`_id` is the member's pseudonym. It hears of what happens after `registered_at`."""

    profile_id: str
    lang: str
    zone: str
    email: str | None = None
    channels: list[str] = Field(default_factory=lambda: ["inbox"])
    quiet_hours: dict[str, str] | None = None
    registered_at: dt.datetime


class Audience(Document):
    """The recipients of a profile, by its id: the rule about their number, and whom its events reach."""

    recipient_ids: list[str] = Field(default_factory=list)

    def with_recipient(self, id: str) -> Audience:
        return self.model_copy(update={"recipient_ids": sorted({*self.recipient_ids, id})})

    def without(self, id: str) -> Audience:
        return self.model_copy(update={"recipient_ids": [r for r in self.recipient_ids if r != id]})


class Mailbox(Document):
    """The aggregate of the topic: its revision is the sequence of what a recipient was told."""

    notices: int = 0


class Entry(Document):
    """One notice in one inbox. Ids only: it is rendered when it is read, so nothing that was erased lives on in it."""

    recipient_id: str
    profile_id: str
    template: str
    about: dict[str, str]
    event_id: str
    happened_at: dt.datetime
