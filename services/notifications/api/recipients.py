"""Recipients: how a member wants to be notified."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, StrictRoute
from services.chassis.model import Caller, etag
from services.chassis.mongo import Database

from .. import store
from ..dependencies import Command
from ..domain.recipients import Recipient, recipient_id
from ..usecases import recipients
from ..usecases.forget import forget_recipient, stop_following
from ..usecases.recipients import Limits, RegistrationResult
from .bodies import PreferencesIn, RecipientIn, RecipientOut

router = APIRouter(prefix="/v1/recipients", tags=["recipients"], route_class=StrictRoute)
MemberId = Annotated[str, Path(max_length=64)]


def _registration_answer(result: RegistrationResult) -> Answer:
    return _recipient_answer(result.recipient, status=201 if result.is_new else 200)


def _recipient_answer(recipient: Recipient, *, status: int = 200) -> Answer:
    body, subject = RecipientOut.of(recipient), recipient.answers_subject
    return Answer.of(body, subject=subject, status=status, revision=recipient.revision)


async def own_recipient(member_id: str, caller: Caller, database: Database) -> Recipient:
    """The caller's own recipient. Raises NotFound, also for the recipient of another member."""
    recipients.require_self(caller, member_id)
    recipient = await database.one(store.RECIPIENTS, recipient_id(caller.org, member_id))
    if recipient is None:
        raise recipients.not_found()
    return recipient


@router.put("/{member_id}", response_model=RecipientOut)
async def register(member_id: MemberId, body: RecipientIn, command: Command, if_match: IfMatchDep) -> Response:
    """Registers you for notices about a profile of your organisation, from now on. Private to you.

    With another profile you get the notices of both; language, zone, address and channels are yours, so they hold for
    all of them. A new mail address gets a mail with a link; until its owner has followed it, nothing else is mailed
    there."""
    registration, settings = body.registration(), command.deps.settings
    return await command.run(
        lambda uow: recipients.register(
            uow,
            caller=command.caller,
            member_id=member_id,
            registration=registration,
            limits=Limits(settings.max_recipients, settings.max_confirmations_per_day),
            if_match=if_match,
        ),
        answer=_registration_answer,
    )


@router.put("/{member_id}/preferences", response_model=RecipientOut)
async def prefer(member_id: MemberId, body: PreferencesIn, command: Command, if_match: IfMatchDep) -> Response:
    """Changes channels, quiet hours or the daily digest; what is absent stays as it is. Holds for waiting mail, too."""
    changes = body.changes()
    return await command.run(
        lambda uow: recipients.change_preferences(
            uow, caller=command.caller, member_id=member_id, changes=changes, if_match=if_match
        ),
        answer=_recipient_answer,
    )


@router.post("/{member_id}/confirmation", response_model=RecipientOut)
async def ask_again(member_id: MemberId, command: Command) -> Response:
    """Sends the mail that asks to confirm your address again, three times a day at most; earlier links end."""
    return await command.run(
        lambda uow: recipients.ask_to_confirm_again(
            uow,
            caller=command.caller,
            member_id=member_id,
            per_day=command.deps.settings.max_confirmations_per_day,
        ),
        answer=_recipient_answer,
    )


@router.get("/{member_id}", response_model=RecipientOut, response_model_exclude_none=True)
async def read(member_id: MemberId, caller: CallerDep, database: DatabaseDep, response: Response) -> RecipientOut:
    """Your registration and preferences."""
    recipient = await own_recipient(member_id, caller, database)
    response.headers["ETag"] = etag(recipient.revision)
    return RecipientOut.of(recipient)


@router.delete("/{member_id}", status_code=204)
async def forget(member_id: MemberId, command: Command) -> Response:
    """Deletes your registration, your inbox and the records of your mails."""
    return await command.run(
        lambda uow: forget_recipient(uow, caller=command.caller, member_id=member_id),
        answer=lambda _: Answer.empty(),
    )


@router.delete("/{member_id}/profiles/{profile_id}", status_code=204)
async def unfollow(member_id: MemberId, profile_id: Annotated[str, Path(max_length=64)], command: Command) -> Response:
    """Ends the notices about one profile. Without any other profile your registration is deleted."""
    return await command.run(
        lambda uow: stop_following(uow, caller=command.caller, member_id=member_id, profile_id=profile_id),
        answer=lambda _: Answer.empty(),
    )
