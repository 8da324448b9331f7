"""The day of a forum over HTTP: what is away, what follows, what became free. For organisers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import CallerDep, DatabaseDep, StrictRoute

from ..dependencies import OrganiserCommand
from ..domain.forum_plans.closures import ChangeKind
from ..domain.forum_plans.day_change import Consequences
from ..store import OPENING_BOOKS, PLAN_BOOKS
from ..usecases.change_day import apply_change, foresee, reopen, talk_that_overruns
from ..usecases.plan_forum import must_plan
from .day_bodies import (
    AwayListOut,
    ChangeIn,
    ConsequencesOut,
    OpeningsOut,
    away_answer,
    away_out,
    consequences_out,
    openings_out,
)
from .parameters import Id

router = APIRouter(prefix="/v1/forums/{forum_id}", route_class=StrictRoute, tags=["plans"])
ThingId = Annotated[str, Path(max_length=64)]
ProfileId = Annotated[str | None, Query(max_length=64)]


@router.post("/changes", response_model=ConsequencesOut, response_model_exclude_none=True)
async def change_the_day(forum_id: Id, body: ChangeIn, command: OrganiserCommand, database: DatabaseDep) -> Response:
    """Something or somebody is away on the day. Shows which booked meetings move and which are lost, and with `confirm`
    does just that, in one go; all other meetings stay. Those concerned are told once. Plans and offers to come keep off
    what is away."""
    change = body.change() or await talk_that_overruns(database, forum_id, body.id, body.minutes or 0)
    foreseen, confirm = await foresee(database, forum_id, change), body.confirm

    async def decide(uow: UnitOfWork) -> Consequences:
        return foreseen.found if confirm is None else await apply_change(uow, foreseen, confirm)

    return await command.run(
        decide,
        answer=lambda found: Answer.of(consequences_out(found, done=confirm is not None), subject=forum_id),
    )


@router.get("/away", response_model=AwayListOut, response_model_exclude_none=True)
async def list_away(forum_id: Id, caller: CallerDep, database: DatabaseDep) -> AwayListOut:
    """What is away at a forum, as changes of the day have said."""
    must_plan(caller)
    return away_out(await database.one(PLAN_BOOKS, forum_id))


@router.delete("/away/{what}/{thing_id}", response_model=AwayListOut)
async def is_back(
    forum_id: Id, what: ChangeKind, thing_id: ThingId, command: OrganiserCommand, profile_id: ProfileId = None
) -> Response:
    """It is there again. Meetings that were moved stay where they are. `profile_id` says whose delegate is meant where
    several profiles have one with this id."""
    return await command.run(
        lambda uow: reopen(uow, forum_id=forum_id, kind=what, id=thing_id, profile_id=profile_id),
        answer=away_answer,
        reads=[PLAN_BOOKS.ref(forum_id)],
    )


@router.get("/openings", response_model=OpeningsOut, response_model_exclude_none=True)
async def list_openings(forum_id: Id, caller: CallerDep, database: DatabaseDep) -> OpeningsOut:
    """The times that became free by a cancellation or a move, and to whom they are offered."""
    must_plan(caller)
    return openings_out(await database.one(OPENING_BOOKS, forum_id), database.now())
