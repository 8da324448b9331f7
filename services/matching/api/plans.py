"""Plans of forums over HTTP: for organisers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, PagesDep, StrictRoute
from services.chassis.model import Caller, NotFound
from services.chassis.mongo import Database

from ..dependencies import OrganiserCommand
from ..domain.forum_plans.comparing import differences
from ..domain.forum_plans.plan import ForumPlan, PlanBook, plan_id
from ..domain.forums.forum import Forum
from ..plan_sources import plans_of
from ..store import FORUM_PLANS, FORUMS, PLAN_BOOKS, PUBLICATIONS
from ..usecases.plan_forum import begin_plan, lock_meeting, must_plan, readable_plan, why_plan_failed
from ..usecases.publish_plan import begin_publication
from ..usecases.watch_plan import WATCHERS, watch_plan
from .parameters import Cursor, Id, LangQuery, Limit
from .plan_bodies import (
    DifferencesOut,
    Lang,
    LeftOut,
    LeftOutPage,
    LockIn,
    LocksOut,
    MeetingPlanPage,
    PlanOut,
    PlansOut,
    PublishIn,
    ScheduleIn,
    cause_sentence,
    differences_out,
    meeting_out,
    plan_out,
)

router = APIRouter(prefix="/v1/forums/{forum_id}", route_class=StrictRoute, tags=["plans"])
STREAM = "text/event-stream"
Number = Annotated[int, Path(ge=1, le=9999)]
PAGE = 100
T = TypeVar("T")


@router.post("/schedule", status_code=202, response_model=PlanOut)
async def schedule(
    forum_id: Id, command: OrganiserCommand, database: DatabaseDep, body: ScheduleIn | None = None
) -> Response:
    """Plans all agreed pairs of the participants, in the background: a draft. Look at the address in `Location`, or at
    `/progress` below it, for how far it has come. What is booked or locked already stays where it is."""
    forum, seed = await forum_of(database, forum_id), (body or ScheduleIn()).seed
    return await command.run(
        lambda uow: begin_plan(uow, caller=command.caller, forum_id=forum_id, seed=seed),
        answer=lambda plan: _answer(plan, forum),
        reads=[FORUMS.ref(forum_id), PLAN_BOOKS.ref(forum_id)],
    )


@router.get("/plans", response_model=PlansOut, response_model_exclude_none=True)
async def list_plans(forum_id: Id, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None) -> PlansOut:
    """All plans of a forum, and which one is published."""
    must_plan(caller)
    forum, book = await forum_of(database, forum_id), await database.one(PLAN_BOOKS, forum_id)
    items = [plan_out(plan, lang or "en", forum.setup) for plan in await plans_of(database, forum_id)]
    return PlansOut(items=items, published=book.published if book else None)


@router.get("/plans/{number}", response_model=PlanOut, response_model_exclude_none=True)
async def read_plan(
    forum_id: Id, number: Number, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None
) -> PlanOut:
    """A plan against the proved bound, why pairs are left out, and what would help."""
    plan = await readable_plan(database, caller, forum_id, number)
    return await _shown(database, plan, lang or "en")


@router.get("/plans/{number}/progress", response_class=StreamingResponse, responses={200: {"content": {STREAM: {}}}})
async def progress(
    forum_id: Id, number: Number, caller: CallerDep, database: DatabaseDep, lang: LangQuery = None
) -> StreamingResponse:
    """How a plan comes on, as server-sent events: one event `plan` at once, and one at every change, each with the plan
    as JSON. It ends with the draft, or with the publication."""
    await readable_plan(database, caller, forum_id, number)
    WATCHERS.must_have_room()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = _events(database, caller, forum_id, number, lang or "en")
    return StreamingResponse(events, media_type=STREAM, headers=headers)


async def _events(database: Database, caller: Caller, forum_id: str, number: int, lang: Lang) -> AsyncIterator[bytes]:
    async for plan in watch_plan(database, caller, forum_id, number):
        if plan is None:
            yield format_sse_event(comment="still here")
        else:
            shown = await _shown(database, plan, lang)
            yield format_sse_event(event="plan", data_str=shown.model_dump_json(exclude_none=True))


@router.get("/plans/{number}/meetings", response_model=MeetingPlanPage, response_model_exclude_none=True)
async def list_meetings(
    forum_id: Id,
    number: Number,
    caller: CallerDep,
    database: DatabaseDep,
    pages: PagesDep,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> MeetingPlanPage:
    """The meetings of a plan in order of time, and which are locked."""
    plan = await readable_plan(database, caller, forum_id, number)
    book = await database.one(PLAN_BOOKS, forum_id)
    locks, scope = frozenset(book.locks if book else ()), ("plan-meetings", plan.id)
    items, after = _page(plan.meetings, pages.start(cursor, *scope), limit)
    return MeetingPlanPage(
        items=[meeting_out(one, locks) for one in items], next=pages.token(after, *scope) if after else None
    )


@router.get("/plans/{number}/left-out", response_model=LeftOutPage, response_model_exclude_none=True)
async def list_left_out(
    forum_id: Id,
    number: Number,
    caller: CallerDep,
    database: DatabaseDep,
    pages: PagesDep,
    lang: LangQuery = None,
    cursor: Cursor = None,
) -> LeftOutPage:
    """The agreed matches without a place, each with its cause."""
    plan = await readable_plan(database, caller, forum_id, number)
    scope = ("plan-left-out", plan.id)
    items, after = _page(plan.report.left_out if plan.report else [], pages.start(cursor, *scope), PAGE)
    shown = [
        LeftOut(match_id=one.match_id, cause=one.cause, sentence=cause_sentence(one.cause, lang or "en"))
        for one in items
    ]
    return LeftOutPage(items=shown, next=pages.token(after, *scope) if after else None)


@router.get("/plans/{number}/changes", response_model=DifferencesOut, response_model_exclude_none=True)
async def read_changes(
    forum_id: Id,
    number: Number,
    caller: CallerDep,
    database: DatabaseDep,
    since: Annotated[int, Query(ge=1, le=9999, description="The other plan.")],
) -> DifferencesOut:
    """What differs between this plan and another one."""
    before = await readable_plan(database, caller, forum_id, since)
    return differences_out(differences(before, await readable_plan(database, caller, forum_id, number)))


@router.post("/plans/{number}/locks", response_model=LocksOut)
async def lock(forum_id: Id, number: Number, body: LockIn, command: OrganiserCommand) -> Response:
    """Locks a meeting of a draft: the plans to come keep it where it is, unless somebody or something that it needs is
    gone. Or unlocks it."""
    return await command.run(
        lambda uow: lock_meeting(uow, forum_id=forum_id, number=number, match_id=body.match_id, is_locked=body.locked),
        answer=_locks_answer,
        reads=[FORUM_PLANS.ref(plan_id(forum_id, number)), PLAN_BOOKS.ref(forum_id)],
    )


@router.post("/plans/{number}/publish", status_code=202, response_model=PlanOut)
async def publish(
    forum_id: Id, number: Number, command: OrganiserCommand, database: DatabaseDep, body: PublishIn | None = None
) -> Response:
    """Books the meetings of a draft, in the background. What could not be booked any more is listed as `refused`."""
    forum, link = await forum_of(database, forum_id), (body or PublishIn()).link
    return await command.run(
        lambda uow: begin_publication(uow, forum_id=forum_id, number=number, link=link),
        answer=lambda plan: _answer(plan, forum),
        reads=[FORUM_PLANS.ref(plan_id(forum_id, number)), PLAN_BOOKS.ref(forum_id)],
    )


async def forum_of(database: Database, forum_id: str) -> Forum:
    """The forum. Raises NotFound."""
    found = await database.one(FORUMS, forum_id)
    if found is None:
        raise NotFound("There is no such forum.")
    return found


async def _shown(database: Database, plan: ForumPlan, lang: Lang) -> PlanOut:
    forum, why = await forum_of(database, plan.forum_id), await why_plan_failed(database, plan)
    return plan_out(plan, lang, forum.setup, why=why, progress=await database.one(PUBLICATIONS, plan.id))


def _page(of: Sequence[T], start: str | None, limit: int) -> tuple[Sequence[T], str | None]:
    first = int(start) if start and start.isdigit() else 0
    return of[first : first + limit], str(first + limit) if first + limit < len(of) else None


def _answer(plan: ForumPlan, forum: Forum) -> Answer:
    location = f"/v1/forums/{plan.forum_id}/plans/{plan.number}"
    return Answer.of(plan_out(plan, "en", forum.setup), subject=plan.id, status=202, location=location)


def _locks_answer(book: PlanBook) -> Answer:
    return Answer.of(LocksOut(locked=sorted(book.locks)), subject=book.id)
