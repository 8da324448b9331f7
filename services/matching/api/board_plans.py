"""Plans on the board: their meetings, which of them are locked, and the button that publishes one. For organisers."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, PageRoute, form_of
from services.chassis.model import Invalid

from ..board import plan_page, plan_view
from ..dependencies import OrganiserCommand
from ..domain.forum_plans.plan import plan_id
from ..store import FORUM_PLANS, PLAN_BOOKS
from ..usecases import board as use
from ..usecases.plan_forum import lock_meeting
from ..usecases.publish_plan import begin_publication
from .board_answers import FORM, page, place_of, to_page
from .parameters import Id, LangQuery

router = APIRouter(prefix="/board/forums/{forum_id}/plans/{number}", route_class=PageRoute, tags=["board"])
Number = Annotated[int, Path(ge=1, le=9999)]
First = Annotated[int, Query(ge=0, le=100_000)]
LINK = re.compile(r"https://\S{1,290}")


@router.get("", response_class=HTMLResponse)
async def show_plan(
    request: Request,
    forum_id: Id,
    number: Number,
    caller: CallerDep,
    database: DatabaseDep,
    lang: LangQuery = None,
    first: First = 0,
) -> Response:
    """The meetings of a plan, some at a time, and which of them are locked."""
    place = place_of(request, lang, f"&first={first}" if first else "")
    facts = await use.facts_of_plan(database, caller, forum_id, number)
    return page(await asyncio.to_thread(lambda: plan_page(place, plan_view(facts, place.lang, first))))


@router.post("/publish", response_class=HTMLResponse, openapi_extra=FORM)
async def publish(forum_id: Id, number: Number, command: OrganiserCommand, lang: LangQuery = None) -> Response:
    """Books the meetings of a draft. `link`: where its remote meetings take place."""
    link = (await form_of(command)).get("link") or None
    if link is not None and not LINK.fullmatch(link):
        raise Invalid("The link begins with https:// and has no spaces.", pointer="/link")
    await command.run(
        lambda uow: begin_publication(uow, forum_id=forum_id, number=number, link=link),
        answer=lambda _: Answer.empty(),
        reads=[FORUM_PLANS.ref(plan_id(forum_id, number)), PLAN_BOOKS.ref(forum_id)],
    )
    return to_page(place_of(command, lang), f"forums/{quote(forum_id, safe='')}")


@router.post("/locks", response_class=HTMLResponse, openapi_extra=FORM)
async def lock(
    forum_id: Id, number: Number, command: OrganiserCommand, lang: LangQuery = None, first: First = 0
) -> Response:
    """Locks a meeting of a draft (`match_id`), or unlocks it (`locked=0`): it means the same whatever happened
    meanwhile."""
    form = await form_of(command)
    act = partial(lock_meeting, forum_id=forum_id, number=number, match_id=form.get("match_id", ""))
    await command.run(
        partial(act, is_locked=form.get("locked") == "1"),
        answer=lambda _: Answer.empty(),
        reads=[FORUM_PLANS.ref(plan_id(forum_id, number)), PLAN_BOOKS.ref(forum_id)],
    )
    address = f"forums/{quote(forum_id, safe='')}/plans/{number}"
    return to_page(place_of(command, lang), address, f"&first={first}" if first else "")
