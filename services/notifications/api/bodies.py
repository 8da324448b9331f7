"""Bodies of requests and answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, TypeVar, cast

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from services.chassis.http import Input, Output
from services.chassis.model import PlaceZone

from ..domain.addresses import MAX_LENGTH, ascii_address
from ..domain.recipients import EMAIL, Recipient
from ..usecases.recipients import PreferenceChanges, Registration
from ..usecases.render_notices import RenderedNotice

T = TypeVar("T")

Lang = Literal["ko", "zh", "en"]
Channels = Annotated[list[Literal["inbox", "email"]], Field(min_length=1, max_length=2)]


def _check_address(text: str) -> str:
    """Refuses what no mail server would take; the address is stored as it was written."""
    ascii_address(text)
    return text


Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class QuietHoursIn(Input):
    """Clock times in the recipient's zone; may span midnight. Public holidays of its country are quiet all day."""

    start: Clock
    end: Clock

    @field_validator("end")
    @classmethod
    def _differs_from_start(cls, end: str, info: ValidationInfo) -> str:
        if end == info.data.get("start"):
            raise ValueError("is the start: that is no time or all day; send null for no quiet hours")
        return end


class RecipientIn(Input):
    """Where and in which language a member wants to be notified, about which profile."""

    profile_id: Annotated[str, Field(max_length=64)]
    lang: Lang
    zone: PlaceZone
    email: Annotated[str, Field(max_length=MAX_LENGTH), AfterValidator(_check_address)] | None = None
    channels: Channels = ["inbox"]
    quiet_hours: QuietHoursIn | None = None

    @field_validator("channels")
    @classmethod
    def _has_address(cls, channels: list[str], info: ValidationInfo) -> list[str]:
        # An address that was refused is absent from `data`: its own error is enough.
        if EMAIL in channels and info.data.get("email", "") is None:
            raise ValueError("names email, but there is no address; send email, too")
        return channels

    def registration(self) -> Registration:
        """As the use case takes it."""
        return Registration(**self.model_dump())


class PreferencesIn(Input):
    """What is absent stays as it is; `quiet_hours: null` means none. `digest`: proposals by mail, once a day."""

    channels: Channels | None = None
    quiet_hours: QuietHoursIn | None = None
    digest: bool | None = None

    @field_validator("channels", "digest")
    @classmethod
    def _not_null(cls, value: T) -> T:
        if value is None:
            raise ValueError("is null; leave it out to keep it as it is")
        return value

    def changes(self) -> PreferenceChanges:
        """As the use case takes them: only what the body contains."""
        return cast(PreferenceChanges, self.model_dump(exclude_unset=True))


class EmailRefusalOut(Output):
    """A mail server has said that there is no such address: its reply code, and when. Nothing more is mailed there
    until its owner confirms it again: `POST .../confirmation`."""

    code: int
    at: dt.datetime


class RecipientOut(Output):
    """A recipient as its member sees it. `profile_id` is the one of `profile_ids` that was named last."""

    member_id: str
    profile_id: str
    profile_ids: list[str]
    lang: str
    zone: str
    email: str | None = None
    email_confirmed: bool
    email_refused: EmailRefusalOut | None = None
    channels: list[str]
    quiet_hours: dict[str, str] | None = None
    digest: bool
    registered_at: dt.datetime

    @classmethod
    def of(cls, recipient: Recipient) -> RecipientOut:
        """From the stored document."""
        fields = recipient.model_dump(exclude={"id", "revision", "at", "zoned_at", "org", "follows", "confirmation"})
        return cls(profile_id=recipient.profile_id, profile_ids=recipient.profile_ids, **fields)


class EntryOut(Output):
    """A notice in an inbox, rendered. `lines`: the meetings of a forum's plan."""

    id: str
    template: str
    lang: str
    title: str
    text: str
    lines: list[str] | None = None
    evidence: str | None = None
    about: dict[str, str]
    happened_at: dt.datetime

    @classmethod
    def of(cls, notice: RenderedNotice) -> EntryOut:
        """From the rendered notice."""
        return cls(**vars(notice) | {"lines": notice.lines or None})


class Inbox(Output):
    """A page of an inbox. `next` is the cursor of the next page."""

    items: list[EntryOut]
    next: str | None = None
