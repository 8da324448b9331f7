"""Recipients: who is notified, on which channels and in which language. Private: never on a topic, never in a log."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from services.chassis.model import Document

from .confirmations import PendingConfirmation
from .notices import DIGEST_TEMPLATES

INBOX, EMAIL = "inbox", "email"


def recipient_id(org: str, member_id: str) -> str:
    """The id of a recipient. A member's pseudonym is its own only within its organisation. Pseudonyms have no colon."""
    return f"{org}:{member_id}"


class Following(BaseModel):
    """A profile whose notices a recipient gets: those of events after `since`."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    profile_id: str
    since: dt.datetime


class EmailRefusal(BaseModel):
    """A mail server has said that there is no such address: its reply code, and when."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    code: int
    at: dt.datetime


class Recipient(Document):
    """A member of an organisation who gets notices about profiles of that organisation. The id is `recipient_id`."""

    org: str
    member_id: str
    follows: list[Following]
    """At least one; the last one is the profile that the member named last."""
    lang: str
    zone: str
    email: str | None = None
    email_confirmed: bool = False
    """Whether the owner of `email` has followed the link that was mailed there. Nothing else is mailed before."""
    confirmation: PendingConfirmation | None = None
    email_refused: EmailRefusal | None = None
    """Why `email` is not confirmed any more: nothing is mailed there until its owner confirms it again."""
    channels: list[str] = Field(default_factory=lambda: [INBOX])
    quiet_hours: dict[str, str] | None = None
    """{"start": "HH:MM", "end": "HH:MM"} in `zone`; may span midnight."""
    digest: bool = True
    """Whether proposals are mailed, once a day. Other notices do not depend on it."""
    registered_at: dt.datetime
    """When it became a recipient. What was written before belongs to an earlier registration, and to a job that
    deletes it."""
    zoned_at: dt.datetime | None = None
    """When `zone` was last changed. A digest counts waiting time from here on, so that a change of the zone does not
    make a digest due at once because 09:00 has already passed in the new zone."""

    @property
    def profile_id(self) -> str:
        """The profile that was named last."""
        return self.follows[-1].profile_id

    @property
    def profile_ids(self) -> list[str]:
        """All profiles whose notices it gets."""
        return [following.profile_id for following in self.follows]

    @property
    def answers_subject(self) -> str:
        """Names the stored answers about this registration, apart from those of a later one of the same member."""
        return f"{self.id}/{self.registered_at.isoformat()}"

    def is_confirmed_by(self, confirmation_id: str, now: dt.datetime) -> bool:
        """Whether this confirmation is the one that is waited for."""
        pending = self.confirmation
        return pending is not None and pending.id == confirmation_id and now < pending.ends_at

    def with_refused_address(self, code: int, now: dt.datetime) -> Recipient:
        """After a server has said that there is no such address."""
        refused = EmailRefusal(code=code, at=now)
        return self.model_copy(update={"email_confirmed": False, "confirmation": None, "email_refused": refused})

    def is_told(self, profile_id: str, at: dt.datetime) -> bool:
        """Whether it gets notices about a profile for an event of that time."""
        return any(following.profile_id == profile_id and following.since <= at for following in self.follows)

    def following(self, profile_id: str, now: dt.datetime) -> Recipient:
        """With one more profile, from now on; with one that it follows already, only the order changes."""
        known = next((f for f in self.follows if f.profile_id == profile_id), None)
        others = [f for f in self.follows if f.profile_id != profile_id]
        latest = known or Following(profile_id=profile_id, since=now)
        return self.model_copy(update={"follows": [*others, latest]})

    def without_profile(self, profile_id: str) -> Recipient | None:
        """Without one of its profiles; None if it has no other, and so is no recipient any more."""
        rest = [following for following in self.follows if following.profile_id != profile_id]
        return self.model_copy(update={"follows": rest}) if rest else None

    def reason_against_mail(self, template: str, profile_id: str, *, mail_is_on: bool) -> str | None:
        """Why this recipient gets no mail of this template about this profile of its own (a reason of the contract);
        None if it does."""
        if not mail_is_on:
            return "email_off"
        if profile_id not in self.profile_ids:
            return "recipient_gone"
        if EMAIL not in self.channels:
            return "channel_off"
        if self.email is None:
            return "no_address"
        if not self.email_confirmed:
            return "address_unconfirmed"
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
