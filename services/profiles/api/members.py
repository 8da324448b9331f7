"""Members' own records over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, StrictRoute
from services.chassis.model import etag

from .. import usecases
from ..dependencies import Command
from ..domain.members import MemberRecord
from .answers import MemberOut, member_answer, member_out
from .parameters import MemberId, ProfileId

router = APIRouter(prefix="/v1/profiles", tags=["profiles"], route_class=StrictRoute)


@router.put("/{profile_id}/members/{member_id}", response_model=MemberOut)
async def keep_member(
    profile_id: ProfileId,
    member_id: MemberId,
    body: MemberRecord,
    command: Command,
    if_match: IfMatchDep,
) -> Response:
    """Stores your own record: private to you, and in no event."""
    return await command.run(
        lambda uow: usecases.save_member(
            uow, caller=command.caller, profile_id=profile_id, member_id=member_id, record=body, if_match=if_match
        ),
        answer=member_answer,
    )


@router.get("/{profile_id}/members/{member_id}", response_model=MemberOut, response_model_exclude_none=True)
async def read_member(
    profile_id: ProfileId, member_id: MemberId, caller: CallerDep, database: DatabaseDep, response: Response
) -> MemberOut:
    """Your own record."""
    member = await usecases.read_member(database, caller=caller, profile_id=profile_id, member_id=member_id)
    response.headers["ETag"] = etag(member.revision)
    return member_out(member)


@router.delete("/{profile_id}/members/{member_id}", status_code=204)
async def forget_member(profile_id: ProfileId, member_id: MemberId, command: Command) -> Response:
    """Erases your own record."""
    return await command.run(
        lambda uow: usecases.forget_member(uow, caller=command.caller, profile_id=profile_id, member_id=member_id),
        answer=lambda _: Answer.empty(),
    )
