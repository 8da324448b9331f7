"""What a mail contains, before it is rendered. The libraries that render it are not needed here, so that they are not
loaded where no mail is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.sentences import DIGEST_SUBJECT

REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
METHODS = {"meeting.booked": REQUEST, "meeting.rescheduled": REQUEST, "meeting.cancelled": CANCEL}


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A meeting for one attendee's calendar.

    `method` is REQUEST or CANCEL, or PUBLISH for one of several meetings in one mail: a request is about one meeting
    (RFC 5546); `country` chooses the zone of the times; `stamp` (DTSTAMP) is when the event
    happened, not when the mail is sent, so that a repeated mail is identical."""

    meeting_id: str
    method: str
    sequence: int
    start: dt.datetime
    end: dt.datetime
    country: str
    summary: str
    description: str
    location: str | None
    url: str | None
    organiser: str
    attendee: str
    attendee_name: str
    stamp: dt.datetime


@dataclass(frozen=True)
class MailItem:
    """One notice of a mail, rendered."""

    title: str
    text: str
    evidence: str | None = None
    lines: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class MailHead:
    """What every mail has. `attempt` counts from 1; `at` becomes the Date header."""

    to: str
    sender: str
    lang: str
    message_id: str
    attempt: int
    at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class MailContent(MailHead):
    """All that a mail with notices contains."""

    items: Sequence[MailItem]
    unsubscribe_url: str
    invitations: Sequence[Invitation] = ()

    @property
    def subject(self) -> str:
        """The title of the only notice, or the number of notices. May contain names that others have chosen."""
        if len(self.items) == 1:
            return self.items[0].title
        return DIGEST_SUBJECT[self.lang].format(n=len(self.items))


@dataclass(frozen=True, kw_only=True)
class ConfirmationContent(MailHead):
    """A mail that asks whether its reader wants mails; `url` is the link that says yes."""

    url: str


@dataclass(frozen=True)
class OutgoingMail:
    """A mail as it leaves: its envelope, whose addresses are ASCII, and its bytes."""

    sender: str
    recipient: str
    raw: bytes
