"""What one side writes down after a meeting, over HTTP; private to it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, Input, Output, PagesDep, StrictRoute, bounded
from services.chassis.model import Doc, PublicName, PublicText, etag

from .. import store
from ..dependencies import Command
from ..domain.after.debrief import MAX_FOLLOW_UPS, Debrief
from ..usecases.debriefs import debrief_read, debriefs_read, write_debrief
from .parameters import Cursor, Id, Limit

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["debriefs"])


class FollowUpIn(Input):
    """Something to do, until when, and whether it is done."""

    text: PublicName
    due: dt.date | None = None
    is_done: bool = False


class DebriefIn(Input):
    """The whole debrief of your side. Ways to reach a person are refused here too; members keep theirs in their own
    record."""

    rating: Annotated[int | None, Field(ge=1, le=5, strict=True)] = None
    would_meet_again: bool | None = None
    note: PublicText | None = None
    follow_ups: Annotated[list[FollowUpIn], Field(max_length=MAX_FOLLOW_UPS)] = []


class FollowUpOut(Output):
    """Something to do after a meeting."""

    text: str
    due: dt.date | None = None
    is_done: bool


class DebriefOut(Output):
    """The debrief of your side."""

    meeting_id: str
    rating: int | None = None
    would_meet_again: bool | None = None
    note: str | None = None
    follow_ups: list[FollowUpOut]


class DebriefPage(Output):
    """One page of debriefs; `next` is the cursor of the following one."""

    items: list[DebriefOut]
    next: str | None = None


@router.put("/meetings/{meeting_id}/debrief", response_model=DebriefOut)
async def put_debrief(meeting_id: Id, body: DebriefIn, command: Command, if_match: IfMatchDep) -> Response:
    """How the meeting was, your notes, and what to do next; from its start on. Neither the other side nor organisers
    can read it. To replace one, send If-Match."""
    written: Doc = body.model_dump(mode="json")
    return await command.run(
        lambda uow: write_debrief(
            uow, caller=command.caller, meeting_id=meeting_id, written=written, if_match=if_match
        ),
        answer=lambda debrief: Answer.of(_out(debrief), subject=meeting_id, revision=debrief.revision),
        reads=[store.MEETINGS.ref(meeting_id)],
    )


@router.get("/meetings/{meeting_id}/debrief", response_model=DebriefOut, response_model_exclude_none=True)
async def read_debrief(meeting_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> DebriefOut:
    """What your side has written down."""
    found = await debrief_read(database, caller, meeting_id)
    response.headers["ETag"] = etag(found.revision)
    return _out(found)


@router.get("/profiles/{profile_id}/follow-ups", response_model=DebriefPage, response_model_exclude_none=True)
async def list_follow_ups(
    profile_id: Id,
    caller: CallerDep,
    database: DatabaseDep,
    pages: PagesDep,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> DebriefPage:
    """The debriefs of your profile with something left to do."""
    scope = ("follow-ups", caller.org, profile_id)
    after = pages.start(cursor, *scope)
    found = await debriefs_read(database, caller, profile_id, after=after, limit=limit + 1)
    items = bounded([_out(debrief) for debrief in found[:limit]])
    has_more = len(found) > len(items)
    return DebriefPage(items=items, next=pages.token(found[len(items) - 1].id, *scope) if has_more else None)


def _out(debrief: Debrief) -> DebriefOut:
    return DebriefOut.model_validate(debrief.model_dump())
