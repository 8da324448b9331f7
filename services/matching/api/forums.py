"""Forums over HTTP: organisers define them, everybody reads them."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute, bounded
from services.chassis.model import etag

from .. import store
from ..dependencies import OrganiserCommand
from ..domain.forums.forum import Reason, State
from ..usecases.forums import announce_forum, change_forum, move_forum_on, readable_forum
from .forum_bodies import CloseIn, ForumIn, ForumOut, ForumPage, forum_answer, forum_out, forum_summary
from .parameters import Cursor, Id, Limit

router = APIRouter(prefix="/v1/forums", route_class=StrictRoute, tags=["forums"])


@router.post("", status_code=201, response_model=ForumOut)
async def announce(body: ForumIn, command: OrganiserCommand) -> Response:
    """Announces a forum. Participants cannot register before you open it."""
    setup = body.setup()
    return await command.run(
        lambda uow: announce_forum(uow, caller=command.caller, setup=setup),
        answer=lambda forum: forum_answer(forum, 201),
        again=forum_again,
    )


@router.get("", response_model=ForumPage, response_model_exclude_none=True)
async def list_forums(
    caller: CallerDep, database: DatabaseDep, pages: PagesDep, cursor: Cursor = None, limit: Limit = 20
) -> ForumPage:
    """All forums."""
    scope = ("forums", caller.org)
    found = await store.find_forums(database, after=pages.start(cursor, *scope), limit=limit + 1)
    items = bounded([forum_summary(forum) for forum in found[:limit]])
    return ForumPage(items=items, next=pages.token(items[-1].forum_id, *scope) if len(found) > len(items) else None)


@router.get("/{forum_id}", response_model=ForumOut, response_model_exclude_none=True)
async def read_forum(forum_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> ForumOut:
    """A forum with its ETag. Interpreters and speakers are shown to organisers."""
    forum = await readable_forum(database, forum_id)
    response.headers["ETag"] = etag(forum.revision)
    return forum_out(forum, whole=caller.is_organiser)


@router.put("/{forum_id}", response_model=ForumOut)
async def change(forum_id: Id, body: ForumIn, command: OrganiserCommand, if_match: IfMatchDep) -> Response:
    """Replaces what you have defined of a forum; what you leave out is no longer part of it. Not while a booked meeting
    holds it (409 `in-use`)."""
    setup = body.setup()
    return await command.run(
        lambda uow: change_forum(uow, forum_id=forum_id, setup=setup, if_match=if_match),
        answer=forum_answer,
        reads=[store.FORUMS.ref(forum_id)],
        again=forum_again,
    )


@router.post("/{forum_id}/open", response_model=ForumOut)
async def open_registration(forum_id: Id, command: OrganiserCommand, if_match: IfMatchDep) -> Response:
    """Opens registration, for the first time or again."""
    return await _moved_on(command, forum_id, "open", if_match)


@router.post("/{forum_id}/ready", response_model=ForumOut)
async def end_registration(forum_id: Id, command: OrganiserCommand, if_match: IfMatchDep) -> Response:
    """Ends registration: from now on you plan."""
    return await _moved_on(command, forum_id, "ready", if_match)


@router.post("/{forum_id}/close", response_model=ForumOut)
async def close(forum_id: Id, command: OrganiserCommand, if_match: IfMatchDep, body: CloseIn | None = None) -> Response:
    """The forum is over, or cancelled: it changes no more. Its booked meetings stay as they are."""
    return await _moved_on(command, forum_id, "closed", if_match, (body or CloseIn()).reason)


async def _moved_on(
    command: OrganiserCommand, forum_id: str, state: State, if_match: IfMatchDep, reason: Reason | None = None
) -> Response:
    return await command.run(
        lambda uow: move_forum_on(uow, forum_id=forum_id, state=state, if_match=if_match, reason=reason),
        answer=forum_answer,
        reads=[store.FORUMS.ref(forum_id)],
        again=forum_again,
    )


async def forum_again(uow: UnitOfWork, forum_id: str) -> Answer | None:
    """What a repeated command is answered when the answer was too large to be kept."""
    forum = await uow.get(store.FORUMS, forum_id)
    return forum_answer(forum) if forum else None
