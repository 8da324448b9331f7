"""Inboxes: read in pages, or as a stream of server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from services.chassis.errors import Invalid
from services.chassis.http import CallerDep, DatabaseDep, StrictRoute, after, cursor_after

from .. import store
from ..bodies import EntryOut, Inbox, Lang
from ..usecases import reading, streaming
from ..usecases.streaming import News
from .recipients import MemberId, mine

router = APIRouter(prefix="/v1/recipients", tags=["inboxes"], route_class=StrictRoute)
STREAM = "text/event-stream"


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
    recipient = await mine(member_id, caller, database)
    scope = ("inbox", member_id)
    entries = await store.newest_entries(
        database, member_id, before=_number(after(cursor, *scope), "/query/cursor"), limit=limit + 1
    )
    page = entries[:limit]
    found = await reading.shown(database, page, recipient, lang or recipient.lang)
    return Inbox(
        items=[EntryOut.of(entry) for entry in found],
        next=cursor_after(str(page[-1].number), *scope) if len(entries) > limit else None,
    )


@router.get("/{member_id}/inbox/stream", response_class=StreamingResponse, responses={200: {"content": {STREAM: {}}}})
async def stream(
    member_id: MemberId,
    caller: CallerDep,
    database: DatabaseDep,
    request: Request,
    lang: Lang | None = None,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", max_length=20)] = None,
) -> StreamingResponse:
    """New notices as they come: an event `notice` each, with the item of the inbox as JSON. Without `Last-Event-ID` it
    begins now, and says at once where that is; with it, right after; `0` begins with the oldest. It ends when you are
    gone, when the service stops and after an hour: connect again with the last id, nothing is missed or doubled."""
    recipient = await mine(member_id, caller, database)
    settings, bell = request.app.state.settings, request.app.state.bell
    now = await streaming.last_number(database, recipient.id)
    since = _number(last_event_id, "/header/Last-Event-ID")
    found = streaming.news(
        database,
        bell,
        recipient.id,
        after=now if since is None else min(since, now),
        lang=lang,
        heartbeat_seconds=settings.stream_heartbeat_seconds,
        seconds=settings.stream_seconds,
    )
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_events(found), media_type=STREAM, headers=headers)


async def _events(found: AsyncIterator[News]) -> AsyncIterator[bytes]:
    """An id without data sets the reader's place and shows nothing (the HTML standard)."""
    is_first = True
    async for news in found:
        for number, shown in news.entries:
            data = EntryOut.of(shown).model_dump_json(exclude_none=True)
            yield format_sse_event(event="notice", data_str=data, id=str(number))
        if not news.entries:
            yield format_sse_event(id=str(news.number)) if is_first else format_sse_event(comment="still here")
        is_first = False


def _number(text: str | None, pointer: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise Invalid("This place belongs to another list; start again without it.", pointer=pointer)
    return int(text)
