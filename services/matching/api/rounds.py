"""Rounds over HTTP: for organisers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field, model_validator

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, Input, Output, StrictRoute
from services.chassis.model import InvalidState

from .. import store
from ..dependencies import OrganiserCommand
from ..domain.policy import LIVE
from ..domain.rounds.round import COUNTRIES, Round, ShownState
from ..usecases.open_round import open_round, participants, participants_of, readable_round, why_failed
from .parameters import Id, PolicyName, ProfileId

router = APIRouter(prefix="/v1/rounds", route_class=StrictRoute, tags=["rounds"])
MAX_NAMED = 2000


class RoundIn(Input):
    """Who is ranked, and by which policy: the participants of a forum, the profiles that are named, or all published
    ones of both countries."""

    profiles: Annotated[list[ProfileId] | None, Field(min_length=2, max_length=MAX_NAMED)] = None
    forum: Annotated[str | None, Field(max_length=64)] = None
    policy: PolicyName = LIVE

    @model_validator(mode="after")
    def _one_of_them(self) -> RoundIn:
        if self.profiles is not None and self.forum is not None:
            raise ValueError("names profiles and a forum; leave one of the two out")
        return self


class RoundOut(Output):
    """How far a round has come. `left_out`: named profiles that are not published, or of a third country. `failed`: a
    step was tried for the last time; `reason` says why, and what was proposed until then stays."""

    round_id: str
    state: ShownState
    reason: str | None = None
    policy_version: str
    forum: str | None = None
    profiles: dict[str, int]
    left_out: int
    tiles: int
    tiles_done: int
    proposed: int
    with_candidates: int | None = None
    without_proposal: int | None = None
    opened_at: dt.datetime
    ended_at: dt.datetime | None = None


class RankingOut(Output):
    """How good a ranking is for all together, and for each."""

    expected_matches: float
    exposure_gini: float
    without_exposure: float
    parity: float
    by_country: dict[str, float]


class FairnessOut(Output):
    """How the three rankings of a round compare; `chosen` is the one that was used. `by_country`: expected matches of
    the applications of one country, for each of its profiles; `parity`: the lower one divided by the higher one."""

    round_id: str
    chosen: str
    joint: RankingOut
    harmonic: RankingOut
    naive: RankingOut
    without_proposal: int


@router.post("", status_code=202, response_model=RoundOut)
async def post_round(body: RoundIn, command: OrganiserCommand, database: DatabaseDep) -> Response:
    """Ranks many profiles at once and proposes the best pairs, in the background. Look at the address in `Location` for
    how far it has come. Without `profiles` and `forum`, all published ones take part."""
    settings = command.deps.settings
    if body.forum is not None:
        who = await participants_of(database, body.forum, settings)
    else:
        who = await participants(database, body.profiles, settings)
    return await command.run(
        lambda uow: open_round(uow, caller=command.caller, who=who, policy=body.policy, settings=settings),
        answer=_answer,
        reads=[store.OPEN_ROUNDS.ref(store.OPEN_ROUNDS_ID), store.POLICIES.ref(body.policy)],
    )


@router.get("/{round_id}", response_model=RoundOut, response_model_exclude_none=True)
async def read_round(round_id: Id, caller: CallerDep, database: DatabaseDep) -> RoundOut:
    """How far a round has come."""
    found = await readable_round(database, caller, round_id)
    return _out(found, why_failed=await why_failed(database, found))


@router.get("/{round_id}/fairness", response_model=FairnessOut)
async def read_fairness(round_id: Id, caller: CallerDep, database: DatabaseDep) -> FairnessOut:
    """What the round promises to all, and to each, against the two simpler rankings."""
    found = await readable_round(database, caller, round_id)
    if found.chosen is None:
        raise InvalidState("not-ranked-yet", f"The round is {found.state}; ask again when it is ranked.")
    rankings = {
        name: RankingOut(parity=round(judged.parity, 4), **judged.model_dump()) for name, judged in found.judged.items()
    }
    return FairnessOut(round_id=found.id, chosen=found.chosen, without_proposal=found.without_proposal, **rankings)


def _answer(found: Round) -> Answer:
    location = f"/v1/rounds/{found.id}"
    return Answer.of(_out(found), subject=found.id, status=202, location=location)


def _out(found: Round, *, why_failed: str | None = None) -> RoundOut:
    is_ranked = found.chosen is not None
    return RoundOut(
        round_id=found.id,
        state="failed" if why_failed else found.state,
        reason=why_failed,
        policy_version=found.policy.label,
        forum=found.forum_id,
        profiles=dict(zip(COUNTRIES, (len(found.left), len(found.right)), strict=True)),
        left_out=found.left_out,
        tiles=len(found.tiles),
        tiles_done=found.steps_done,
        proposed=found.proposed,
        with_candidates=found.with_candidates if is_ranked else None,
        without_proposal=found.without_proposal if is_ranked else None,
        opened_at=found.opened_at,
        ended_at=found.ended_at,
    )
