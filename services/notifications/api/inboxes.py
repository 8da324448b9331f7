"""Inboxes: read in pages, or as a stream of server-sent events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from services.chassis.http import CallerDep, DatabaseDep, PagesDep, StrictRoute
from services.chassis.model import Caller, Invalid

from .. import store
from ..dependencies import DependenciesDep
from ..usecases.render_notices import render_notices
from ..usecases.stream_inbox import StreamOptions, StreamUpdate, Subscriber, last_entry_number, stream_inbox
from .bodies import EntryOut, Inbox, Lang
from .recipients import MemberId, own_recipient

router = APIRouter(prefix="/v1/recipients", tags=["inboxes"], route_class=StrictRoute)
STREAM = "text/event-stream"
MAX_DIGITS = 18


@router.get("/{member_id}/inbox", response_model=Inbox, response_model_exclude_none=True)
async def inbox(
    member_id: MemberId,
    caller: CallerDep,
    database: DatabaseDep,
    pages: PagesDep,
    lang: Lang | None = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Inbox:
    """Your notices, newest first, in your language or in the one of `lang`."""
    recipient = await own_recipient(member_id, caller, database)
    scope = ("inbox", recipient.id)
    before = _entry_number(pages.start(cursor, *scope), "/query/cursor")
    entries = await store.newest_entries(database, recipient.id, before=before, limit=limit + 1)
    page = entries[:limit]
    notices = await render_notices(database, page, recipient, lang or recipient.lang)
    return Inbox(
        items=[EntryOut.of(notice) for notice in notices],
        next=pages.token(str(page[-1].number), *scope) if len(entries) > limit else None,
    )


@router.get("/{member_id}/inbox/stream", response_class=StreamingResponse, responses={200: {"content": {STREAM: {}}}})
async def stream(
    member_id: MemberId,
    caller: CallerDep,
    database: DatabaseDep,
    dependencies: DependenciesDep,
    lang: Lang | None = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> StreamingResponse:
    """New notices as they come: one event `notice` each, with the item of the inbox as JSON.

    Without `Last-Event-ID` the stream begins now and sends its position at once; with it, it begins after that
    position; `0` begins with the oldest notice. It ends when your registration is deleted, when your token ends, when
    the service stops, and after an hour. Connect again with the last id: no notice is missed or repeated. You may have
    five streams; one more is answered 429."""
    recipient = await own_recipient(member_id, caller, database)
    settings = dependencies.settings
    end = await last_entry_number(database, recipient.id)
    after = _entry_number(last_event_id, "/header/Last-Event-ID")
    options = StreamOptions(
        # A position beyond the end is not one of ours; waiting there would hide the next notices.
        after=end if after is None else min(after, end),
        lang=lang,
        heartbeat_seconds=settings.stream_heartbeat_seconds,
        max_seconds=min(settings.stream_seconds, seconds_left(caller)),
    )
    subscriber = dependencies.inbox_signal.subscribe(recipient.id)
    updates = stream_inbox(database, dependencies.inbox_signal, subscriber, options)
    return InboxStream(updates, subscriber)


def seconds_left(caller: Caller) -> float:
    """How long the caller's token is valid. One that has just ended may still be taken, because clocks differ."""
    return max(0.0, caller.expires_at - time.time())


class InboxStream(StreamingResponse):
    """The answer that goes on. It frees the place of its stream however it ends, also if it was never begun to read."""

    def __init__(self, updates: AsyncIterator[StreamUpdate], subscriber: Subscriber) -> None:
        # nginx would otherwise collect the stream in a buffer instead of passing each event on.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_to_sse(updates), media_type=STREAM, headers=headers)
        self._subscriber = subscriber

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As Starlette calls every response."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._subscriber.close()


async def _to_sse(updates: AsyncIterator[StreamUpdate]) -> AsyncIterator[bytes]:
    """Server-sent events. An event with an id and no data sets the reader's position and is not dispatched (HTML
    standard, section 9.2); a comment keeps the connection open."""
    is_first = True
    async for update in updates:
        for number, notice in update.entries:
            data = EntryOut.of(notice).model_dump_json(exclude_none=True)
            yield format_sse_event(event="notice", data_str=data, id=str(number))
        if not update.entries:
            yield format_sse_event(id=str(update.position)) if is_first else format_sse_event(comment="still here")
        is_first = False


def _entry_number(text: str | None, pointer: str) -> int | None:
    """The number in a cursor or event id. Raises Invalid, pointing to where it came from."""
    if text is None:
        return None
    # MongoDB has no integers of more than 63 bits.
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise Invalid("This place belongs to another list; start again without it.", pointer=pointer)
    return int(text)
