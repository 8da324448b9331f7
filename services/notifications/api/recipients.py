"""Recipients: where and how a member wants to hear."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.http import Acting, Answer, CallerDep, DatabaseDep, IfMatchDep, StrictRoute, etag
from services.chassis.tokens import Caller

from .. import store
from ..bodies import PreferencesIn, RecipientIn, RecipientOut
from ..domain.recipients import Recipient
from ..usecases import registering
from ..usecases.registering import Registered, must_be_self

router = APIRouter(prefix="/v1/recipients", tags=["recipients"], route_class=StrictRoute)
MemberId = Annotated[str, Path(max_length=64)]


def _registered(registered: Registered) -> Answer:
    return _answered(registered.recipient, status=201 if registered.is_new else 200)


def _answered(recipient: Recipient, *, status: int = 200) -> Answer:
    return Answer.of(RecipientOut.of(recipient), subject=recipient.id, status=status, revision=recipient.revision)


async def mine(member_id: str, caller: Caller, database: Database) -> Recipient:
    """Raises NotFound, also for somebody else's."""
    must_be_self(caller, member_id)
    recipient = await database.one(store.RECIPIENTS, member_id)
    if recipient is None:
        raise NotFound("There is no such recipient, or it is not you.")
    return recipient


@router.put("/{member_id}", response_model=RecipientOut)
async def register(
    member_id: MemberId,
    body: RecipientIn,
    acting: Acting,
    if_match: IfMatchDep,
) -> Response:
    """Where and in which language you want to hear; private to you. You hear of what happens from now on."""
    return await acting.run(
        registering.register,
        answer=_registered,
        caller=acting.caller,
        member_id=member_id,
        wanted=body.wanted(),
        most=acting.app.state.settings.most_recipients,
        if_match=if_match,
    )


@router.put("/{member_id}/preferences", response_model=RecipientOut)
async def prefer(member_id: MemberId, body: PreferencesIn, acting: Acting, if_match: IfMatchDep) -> Response:
    """Channels, quiet hours, the daily digest; what is not named stays as it is. It holds for what waits already."""
    return await acting.run(
        registering.prefer,
        answer=_answered,
        caller=acting.caller,
        member_id=member_id,
        changes=body.changes(),
        if_match=if_match,
    )


@router.get("/{member_id}", response_model=RecipientOut, response_model_exclude_none=True)
async def read(member_id: MemberId, caller: CallerDep, database: DatabaseDep, response: Response) -> RecipientOut:
    recipient = await mine(member_id, caller, database)
    response.headers["ETag"] = etag(recipient.revision)
    return RecipientOut.of(recipient)


@router.delete("/{member_id}", status_code=204)
async def forget(member_id: MemberId, acting: Acting) -> Response:
    """You, your inbox and what was mailed to you."""
    return await acting.run(
        registering.forget_recipient, answer=lambda _: Answer.empty(), caller=acting.caller, member_id=member_id
    )
