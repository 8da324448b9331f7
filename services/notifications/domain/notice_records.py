"""A notice on its way to one recipient: in the inbox, as a mail, and as part of a digest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from services.chassis.model import Document

from .recipients import EMAIL, INBOX

DeliveryState = Literal["queued", "attempting", "sent", "failed", "suppressed"]


@dataclass(frozen=True)
class Outcome:
    """How an attempt to mail a delivery has ended; `reason` is one of the contract's."""

    state: Literal["sent", "failed", "suppressed"]
    reason: str | None = None


class Mailbox(Document):
    """The aggregate of the topic `notifications`, one per recipient. Its revision is the sequence of all outcomes that
    were published for the recipient, on both channels."""

    notices: int = 0


class NoticeRecord(Document):
    """One notice to one recipient on one channel.

    It holds ids only and is rendered when it is read or sent, so that it contains nothing that was erased since."""

    recipient_id: str
    profile_id: str
    channel: str
    template: str
    about: dict[str, str]
    event_id: str
    happened_at: dt.datetime
    number: int = 0
    """The mailbox's revision with which it was written. It goes on after the mailbox was deleted, and so tells apart
    what was written before and after. In an inbox it is the position in the stream and in the pages."""


class InboxEntry(NoticeRecord):
    """A notice in an inbox."""

    channel: str = INBOX


class Delivery(NoticeRecord):
    """A notice that is to be mailed: queued -> attempting -> sent or failed; or suppressed, with a reason.

    `attempting` is committed before the first byte leaves, so that an attempt that was interrupted can be recognised
    and repeated."""

    channel: str = EMAIL
    state: DeliveryState = "queued"
    reason: str | None = None
    ical_sequence: int | None = None
    """The meeting's SEQUENCE in this notice. A higher one at the meeting makes the notice obsolete."""
    bound: dt.datetime | None = None
    """It is not held past 2 h before this moment (`Notice.bound`)."""
    queued_at: dt.datetime
    held_until: dt.datetime | None = None
    mail_id: str | None = None
    """The mail that carries it: its own id, or that of a digest."""
    attempts: int = 0
    unsure: int = 0
    """Attempts after which the reader may have it, although no server has said so."""

    def hold(self, until: dt.datetime, reason: str) -> Delivery:
        """Still queued, but not before an instant."""
        return self.model_copy(update={"held_until": until, "reason": reason})

    def begin_attempt(self, mail_id: str) -> Delivery:
        """Handed over for sending, as part of a mail."""
        return self.model_copy(update={"state": "attempting", "reason": None, "mail_id": mail_id})

    def repeat(self, attempts: int) -> Delivery:
        """After an attempt of which nothing is known; it will be repeated under the same Message-ID."""
        return self.model_copy(update={"attempts": attempts, "unsure": self.unsure + 1})

    def suppress(self, reason: str) -> Delivery:
        """Given up before any attempt."""
        return self.model_copy(update={"state": "suppressed", "reason": reason})

    def finish(self, outcome: Outcome, *, attempts: int) -> Delivery:
        """After its last attempt."""
        return self.model_copy(update={"state": outcome.state, "reason": outcome.reason, "attempts": attempts})


class CalendarTurn(Document):
    """Who may write to a recipient's calendar about a meeting, until when; and the highest SEQUENCE that was written.

    Mails about one meeting leave one after the other, whatever process sends them: so an older REQUEST can never follow
    a newer CANCEL."""

    recipient_id: str
    holder: str
    until: dt.datetime
    sequence: int


class WaitingMail(Document):
    """What waits for a recipient, by the recipient's id: delivery ids for the next digest, and those that are held.

    It is written with every change of either list. So a digest and a proposal that arrives at the same moment conflict
    at the commit, and no proposal is left out of both this digest and the next one."""

    digest: list[str] = Field(default_factory=list)
    held: list[str] = Field(default_factory=list)
    latest: dict[str, str] = Field(default_factory=dict)
    """By match: the delivery about it, outside of digests, that was queued last and waits."""

    def with_latest(self, subject: str, id: str) -> WaitingMail:
        """With the delivery that was queued last about a match."""
        return self.model_copy(update={"latest": {**self.latest, subject: id}})

    def with_digest(self, id: str) -> WaitingMail:
        """With one more delivery for the next digest."""
        return self.model_copy(update={"digest": [*self.digest, id]})

    def with_held(self, id: str) -> WaitingMail:
        """With one more delivery that is held; unchanged if it is held already."""
        return self.model_copy(update={"held": sorted({*self.held, id})})

    def without(self, *ids: str) -> WaitingMail:
        """Without deliveries that wait no longer."""
        rest = {
            "digest": [i for i in self.digest if i not in ids],
            "held": [i for i in self.held if i not in ids],
            "latest": {subject: i for subject, i in self.latest.items() if i not in ids},
        }
        return self.model_copy(update=rest)
