"""What goes in and out over HTTP."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator

from services.chassis.http import Input

from .domain.recipients import EMAIL, Recipient
from .usecases.reading import Shown
from .usecases.registering import Wanted

Lang = Literal["ko", "zh", "en"]
Channels = Annotated[list[Literal["inbox", "email"]], Field(min_length=1, max_length=2)]
_MAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>\",;:\\()\[\]]{1,64}@(?:[\w-]+\.)+[\w-]{2,}")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not an IANA time zone, like Asia/Seoul") from None
    return name


def _mail(text: str) -> str:
    if not _MAIL.fullmatch(text) or len(text) > 254:
        raise ValueError("is not a mail address")
    return text


Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class QuietHoursIn(Input):
    """In the recipient's zone; may span midnight. On public holidays of its country it is quiet all day."""

    start: Clock
    end: Clock

    @field_validator("end")
    @classmethod
    def _last(cls, end: str, info: ValidationInfo) -> str:
        if end == info.data.get("start"):
            raise ValueError("is the start: that is no time or all day; send null for no quiet hours")
        return end


class RecipientIn(Input):
    profile_id: Annotated[str, Field(max_length=64)]
    lang: Lang
    zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)]
    email: Annotated[str, AfterValidator(_mail)] | None = None
    channels: Channels = ["inbox"]
    quiet_hours: QuietHoursIn | None = None

    @field_validator("channels")
    @classmethod
    def _reachable(cls, channels: list[str], info: ValidationInfo) -> list[str]:
        if EMAIL in channels and info.data.get("email", "") is None:
            raise ValueError("names email, but there is no address; send email, too")
        return channels

    def wanted(self) -> Wanted:
        return Wanted(**self.model_dump())


class PreferencesIn(Input):
    """What is not named stays as it is; `quiet_hours: null` means none. `digest`: proposals by mail, once a day."""

    channels: Channels | None = None
    quiet_hours: QuietHoursIn | None = None
    digest: bool | None = None

    @field_validator("channels", "digest")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("is null; leave it out to keep it as it is")
        return value

    def changes(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


class RecipientOut(BaseModel):
    member_id: str
    profile_id: str
    lang: str
    zone: str
    email: str | None = None
    channels: list[str]
    quiet_hours: dict[str, str] | None = None
    digest: bool
    registered_at: dt.datetime

    @classmethod
    def of(cls, recipient: Recipient) -> RecipientOut:
        fields = recipient.model_dump(exclude={"id", "revision", "at", "zoned_at"})
        return cls(member_id=recipient.id, **fields)


class EntryOut(BaseModel):
    id: str
    template: str
    lang: str
    title: str
    text: str
    evidence: str | None = None
    about: dict[str, str]
    happened_at: dt.datetime

    @classmethod
    def of(cls, shown: Shown) -> EntryOut:
        return cls(**vars(shown))


class Inbox(BaseModel):
    items: list[EntryOut]
    next: str | None = None
