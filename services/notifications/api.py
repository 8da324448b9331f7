"""HTTP in -> use case."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from services.chassis.errors import Invalid, NotFound
from services.chassis.http import (
    ActingDep,
    Answer,
    CallerDep,
    DatabaseDep,
    IfMatchDep,
    Input,
    StrictRoute,
    after,
    cursor_after,
)

from . import store
from .domain.recipients import Recipient
from .usecases import reading, registering
from .usecases.registering import Registered, Wanted, must_be_self

router = APIRouter(prefix="/v1/recipients", tags=["recipients"], route_class=StrictRoute)
MemberId = Annotated[str, Path(max_length=64)]
Lang = Literal["ko", "zh", "en"]
_MAIL = re.compile(r"[^@\s]{1,64}@(?:[\w-]+\.)+[\w-]{2,}")


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
    """In the recipient's zone; may span midnight."""

    start: Clock
    end: Clock


class RecipientIn(Input):
    profile_id: Annotated[str, Field(max_length=64)]
    lang: Lang
    zone: Annotated[str, Field(max_length=64), AfterValidator(_zone)]
    email: Annotated[str, AfterValidator(_mail)] | None = None
    channels: Annotated[list[Literal["inbox", "email"]], Field(min_length=1, max_length=2)] = ["inbox"]
    quiet_hours: QuietHoursIn | None = None

    def wanted(self) -> Wanted:
        return Wanted(**self.model_dump())


class RecipientOut(BaseModel):
    member_id: str
    profile_id: str
    lang: str
    zone: str
    email: str | None = None
    channels: list[str]
    quiet_hours: dict[str, str] | None = None
    registered_at: dt.datetime


class EntryOut(BaseModel):
    id: str
    template: str
    lang: str
    title: str
    text: str
    evidence: str | None = None
    about: dict[str, str]
    happened_at: dt.datetime


class Inbox(BaseModel):
    items: list[EntryOut]
    next: str | None = None


def shown(recipient: Recipient) -> RecipientOut:
    fields = recipient.model_dump(exclude={"id", "revision", "at"})
    return RecipientOut(member_id=recipient.id, **fields)


def answered(registered: Registered) -> Answer:
    recipient = registered.recipient
    status = 201 if registered.is_new else 200
    return Answer.of(shown(recipient), subject=recipient.id, status=status, revision=recipient.revision)


@router.put("/{member_id}", response_model=RecipientOut)
async def register(
    member_id: MemberId,
    body: RecipientIn,
    caller: CallerDep,
    acting: ActingDep,
    if_match: IfMatchDep,
    request: Request,
) -> Response:
    """Where and in which language you want to hear; private to you. You hear of what happens from now on."""
    return await acting.run(
        registering.register,
        answer=answered,
        caller=caller,
        member_id=member_id,
        wanted=body.wanted(),
        most=request.app.state.settings.most_recipients,
        if_match=if_match,
    )


@router.get("/{member_id}", response_model=RecipientOut, response_model_exclude_none=True)
async def read(member_id: MemberId, caller: CallerDep, database: DatabaseDep, response: Response) -> RecipientOut:
    recipient = await _mine(member_id, caller, database)
    response.headers["ETag"] = f'"{recipient.revision}"'
    return shown(recipient)


async def _mine(member_id: str, caller: CallerDep, database: DatabaseDep) -> Recipient:
    must_be_self(caller, member_id)
    recipient = await database.one(store.RECIPIENTS, member_id)
    if recipient is None:
        raise NotFound("There is no such recipient, or it is not you.")
    return recipient


@router.delete("/{member_id}", status_code=204)
async def forget(member_id: MemberId, caller: CallerDep, acting: ActingDep) -> Response:
    """You and your inbox."""
    return await acting.run(
        registering.forget_recipient, answer=lambda _: Answer.empty(), caller=caller, member_id=member_id
    )


@router.get("/{member_id}/inbox", response_model=Inbox, response_model_exclude_none=True)
async def inbox(
    member_id: MemberId,
    caller: CallerDep,
    database: DatabaseDep,
    lang: Lang | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Inbox:
    """Your notices, newest first, in your language (or another one that you ask for)."""
    recipient = await _mine(member_id, caller, database)
    scope = ("inbox", member_id)
    last = after(cursor, *scope)
    entries = await store.newest_entries(database, member_id, before=_place(last), limit=limit + 1)
    page = entries[:limit]
    found = await reading.shown(database, page, recipient, lang or recipient.lang)
    return Inbox(
        items=[EntryOut(**vars(entry)) for entry in found],
        next=cursor_after(f"{page[-1].at}:{page[-1].id}", *scope) if len(entries) > limit else None,
    )


def _place(last: str | None) -> tuple[int, str] | None:
    if last is None:
        return None
    at, _, id = last.partition(":")
    if not at.isdigit():
        raise Invalid("This cursor belongs to another list; start again without it.", pointer="/query/cursor")
    return int(at), id
