"""What became of a match, over HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, Input, Output, StrictRoute

from .. import store
from ..dependencies import Command
from ..domain.after.outcome import Outcome
from ..usecases.outcomes import outcome_read, report_outcome
from .parameters import Id

router = APIRouter(prefix="/v1/matches", route_class=StrictRoute, tags=["outcomes"])
StepName = Literal["met", "second_meeting", "nda", "pilot", "contract", "entity"]


class OutcomeIn(Input):
    """All steps that your side says have been taken; one that you leave out is taken back."""

    steps: Annotated[list[StepName], Field(max_length=6)]


class OutcomeOut(Output):
    """The steps that each side reports and since when; the highest of either, and of both."""

    match_id: str
    reported: dict[str, dict[str, dt.datetime]]
    highest: str | None = None
    confirmed: str | None = None


@router.put("/{match_id}/outcome", response_model=OutcomeOut)
async def report(match_id: Id, body: OutcomeIn, command: Command) -> Response:
    """What became of the match as your side sees it. The other side and organisers see it, and reports count it."""
    return await command.run(
        lambda uow: report_outcome(uow, caller=command.caller, match_id=match_id, steps=body.steps),
        answer=lambda outcome: Answer.of(_out(outcome), subject=match_id),
        reads=[store.MATCHES.ref(match_id), store.OUTCOMES.ref(match_id)],
    )


@router.get("/{match_id}/outcome", response_model=OutcomeOut, response_model_exclude_none=True)
async def read_outcome(match_id: Id, caller: CallerDep, database: DatabaseDep) -> OutcomeOut:
    """What both sides report about a match. Meetings that took place count without a report."""
    return _out(await outcome_read(database, caller, match_id))


def _out(outcome: Outcome) -> OutcomeOut:
    return OutcomeOut(match_id=outcome.id, reported=outcome.said, highest=outcome.highest, confirmed=outcome.confirmed)
