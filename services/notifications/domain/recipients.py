"""Who wants to hear, where and in which language: private, never on a topic, never in a log."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from services.chassis.documents import Document

EMAIL = "email"


class Recipient(Document):
    """`_id` is the member's pseudonym. It hears of what happens after `registered_at`."""

    profile_id: str
    lang: str
    zone: str
    email: str | None = None
    channels: list[str] = Field(default_factory=lambda: ["inbox"])
    quiet_hours: dict[str, str] | None = None
    digest: bool = True
    """Whether proposals come by mail, once a day; notices about matches and meetings do not ask for it."""
    registered_at: dt.datetime
    zoned_at: dt.datetime | None = None
    """Since when it lives in `zone`: a day that began in the zone before is no reason to write at once."""


class Audience(Document):
    """The recipients of a profile, by its id: the rule about their number, and whom its events reach."""

    recipient_ids: list[str] = Field(default_factory=list)

    def with_recipient(self, id: str) -> Audience:
        return self.model_copy(update={"recipient_ids": sorted({*self.recipient_ids, id})})

    def without(self, id: str) -> Audience:
        return self.model_copy(update={"recipient_ids": [r for r in self.recipient_ids if r != id]})


class Mailbox(Document):
    """The aggregate of the topic: its revision is the sequence of what a recipient was told, on all channels."""

    notices: int = 0


class Told(Document):
    """One notice on one channel. Ids only: it is rendered when it is read or sent, so nothing that was erased lives on
    in it."""

    recipient_id: str
    profile_id: str
    channel: str
    template: str
    about: dict[str, str]
    event_id: str
    happened_at: dt.datetime


class Entry(Told):
    """A notice in an inbox. `number` grows by commit in each inbox, with gaps: the place in its stream."""

    channel: str = "inbox"
    number: int = 0


class Delivery(Told):
    """A notice on its way by mail: queued -> attempting -> sent, failed; or suppressed on the way, with a reason.
    `attempting` is committed before the first byte leaves, so an attempt that nobody finished is known as one."""

    channel: str = EMAIL
    state: str = "queued"
    reason: str | None = None
    ical_sequence: int | None = None
    """The meeting's, as this notice tells of it: a later one makes it obsolete."""
    queued_at: dt.datetime
    held_until: dt.datetime | None = None
    mail_id: str | None = None
    """The mail that carries it: its own id, or that of a digest."""
    attempts: int = 0


class Waiting(Document):
    """What waits for a recipient, by its id: proposals for the next digest, and mails held over quiet hours. Written
    with every change of either, so that nothing slips between a digest that is being sent and the next one."""

    digest: list[str] = Field(default_factory=list)
    held: list[str] = Field(default_factory=list)

    def with_digest(self, id: str) -> Waiting:
        return self.model_copy(update={"digest": [*self.digest, id]})

    def with_held(self, id: str) -> Waiting:
        return self.model_copy(update={"held": sorted({*self.held, id})})

    def without(self, *ids: str) -> Waiting:
        rest = {"digest": [i for i in self.digest if i not in ids], "held": [i for i in self.held if i not in ids]}
        return self.model_copy(update=rest)
