"""What a profile's owner tells matching alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.chassis.http import Acting, CallerDep, DatabaseDep, StrictRoute

from .. import store
from ..bodies import ExclusionsIn, ExclusionsOut, exclusions_answered
from ..usecases import excluding

router = APIRouter(prefix="/v1/profiles", route_class=StrictRoute, tags=["profiles"])
Id = Annotated[str, Path(max_length=64)]


@router.put("/{profile_id}/exclusions", response_model=ExclusionsOut)
async def set_exclusions(profile_id: Id, body: ExclusionsIn, acting: Acting) -> Response:
    """Profiles, groups and topics that you never want to be matched with. Nobody else learns of it."""
    return await acting.run(
        excluding.set_exclusions,
        answer=lambda desk: exclusions_answered(profile_id, desk.excluded),
        reads=[store.DESKS.ref(profile_id)],
        caller=acting.caller,
        profile_id=profile_id,
        excluded=body.exclusions(),
    )


@router.get("/{profile_id}/exclusions", response_model=ExclusionsOut)
async def read_exclusions(profile_id: Id, caller: CallerDep, database: DatabaseDep) -> ExclusionsOut:
    excluded = await excluding.exclusions_of(database, caller, profile_id)
    return ExclusionsOut(profile_id=profile_id, **excluded.model_dump())
