"""What the owner of a profile tells matching alone."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.chassis.http import CallerDep, DatabaseDep, StrictRoute

from .. import store
from ..dependencies import Command, DependenciesDep
from ..usecases import exclusions
from .advice_bodies import AdviceOut, advice_out
from .bodies import ExclusionsIn, ExclusionsOut, exclusions_answer
from .parameters import Id, LangQuery

router = APIRouter(prefix="/v1/profiles", route_class=StrictRoute, tags=["profiles"])


@router.put("/{profile_id}/exclusions", response_model=ExclusionsOut)
async def set_exclusions(profile_id: Id, body: ExclusionsIn, command: Command) -> Response:
    """Profiles, groups and topics that you never want to be matched with. No other organisation can see them."""
    excluded = body.exclusions()
    return await command.run(
        lambda uow: exclusions.set_exclusions(uow, caller=command.caller, profile_id=profile_id, excluded=excluded),
        answer=lambda desk: exclusions_answer(profile_id, desk.excluded),
        reads=[store.DESKS.ref(profile_id)],
    )


@router.get("/{profile_id}/exclusions", response_model=ExclusionsOut)
async def read_exclusions(profile_id: Id, caller: CallerDep, database: DatabaseDep) -> ExclusionsOut:
    """Your own exclusions."""
    excluded = await exclusions.exclusions_of(database, caller, profile_id)
    return ExclusionsOut(profile_id=profile_id, **excluded.model_dump())


@router.get("/{profile_id}/advice", response_model=AdviceOut, response_model_exclude_none=True)
async def read_advice(
    profile_id: Id, caller: CallerDep, dependencies: DependenciesDep, lang: LangQuery = None
) -> AdviceOut:
    """What keeps your profile from being found, and how many others come close. No other organisation can see it."""
    return advice_out(await dependencies.advise.advice(caller, profile_id), lang)
