"""Members' own records over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, StrictRoute
from services.chassis.model import etag

from .. import store, usecases
from ..dependencies import Command, ErasureCommand
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
        again=_again,
    )


async def _again(uow: UnitOfWork, key: str) -> Answer | None:
    """The answer to a repeated Idempotency-Key: the record as it is by now. A key is its sender's alone."""
    member = await uow.get(store.MEMBERS, key)
    return None if member is None else member_answer(usecases.MemberResult(member, is_new=False))


@router.get("/{profile_id}/members/{member_id}", response_model=MemberOut, response_model_exclude_none=True)
async def read_member(
    profile_id: ProfileId, member_id: MemberId, caller: CallerDep, database: DatabaseDep, response: Response
) -> MemberOut:
    """Your own record."""
    member = await usecases.read_member(database, caller=caller, profile_id=profile_id, member_id=member_id)
    response.headers["ETag"] = etag(member.revision)
    return member_out(member)


@router.delete("/{profile_id}/members/{member_id}", status_code=204)
async def forget_member(profile_id: ProfileId, member_id: MemberId, command: ErasureCommand) -> Response:
    """Erases your own record, or a colleague's, for example of one who has left; operators erase any. The answer is the
    same whether or not there was one."""
    return await command.run(
        lambda uow: usecases.forget_member(uow, caller=command.caller, profile_id=profile_id, member_id=member_id),
        answer=lambda _: Answer.empty(),
    )
