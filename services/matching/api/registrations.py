"""Registrations at a forum over HTTP: by the owner of a profile; targets and must-meets by an organiser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.chassis.commit import Answer
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute, bounded
from services.chassis.model import Ref, etag

from .. import store
from ..dependencies import Command, OrganiserCommand, SharedCommand
from ..domain.forums.registration import registration_id
from ..usecases.forums import readable_forum
from ..usecases.open_round import must_be_organiser
from ..usecases.registrations import readable_registration, register, set_wishes, withdraw_registration
from .forum_bodies import (
    RegistrationIn,
    RegistrationOut,
    RegistrationPage,
    WishesIn,
    registration_answer,
    registration_out,
)
from .parameters import Cursor, Id, Limit, ProfileId

router = APIRouter(prefix="/v1/forums/{forum_id}/registrations", route_class=StrictRoute, tags=["forums"])
Profile = Annotated[ProfileId, Path()]


@router.put("/{profile_id}", response_model=RegistrationOut)
async def put_registration(
    forum_id: Id, profile_id: Profile, body: RegistrationIn, command: Command, if_match: IfMatchDep
) -> Response:
    """Registers your profile with all its delegates, or replaces them, while registration is open."""
    return await command.run(
        lambda uow: register(
            uow,
            caller=command.caller,
            forum_id=forum_id,
            profile_id=profile_id,
            delegates=body.stored(),
            if_match=if_match,
        ),
        answer=registration_answer,
        reads=_reads(forum_id, profile_id),
    )


@router.delete("/{profile_id}", status_code=204)
async def delete_registration(
    forum_id: Id, profile_id: Profile, command: SharedCommand, if_match: IfMatchDep
) -> Response:
    """Withdraws a profile from the forum. Meetings that it has booked stay; cancel those."""
    return await command.run(
        lambda uow: withdraw_registration(
            uow, caller=command.caller, forum_id=forum_id, profile_id=profile_id, if_match=if_match
        ),
        answer=lambda _: Answer.empty(),
        reads=_reads(forum_id, profile_id),
    )


@router.put("/{profile_id}/wishes", response_model=RegistrationOut)
async def put_wishes(
    forum_id: Id, profile_id: Profile, body: WishesIn, command: OrganiserCommand, if_match: IfMatchDep
) -> Response:
    """How many meetings a profile shall have, and whom it must meet. One side of a pair is enough."""
    return await command.run(
        lambda uow: set_wishes(
            uow,
            forum_id=forum_id,
            profile_id=profile_id,
            targets=body.targets(),
            must_meets=body.must_meets,
            if_match=if_match,
        ),
        answer=registration_answer,
        reads=_reads(forum_id, profile_id),
    )


@router.get("/{profile_id}", response_model=RegistrationOut)
async def read_registration(
    forum_id: Id, profile_id: Profile, caller: CallerDep, database: DatabaseDep, response: Response
) -> RegistrationOut:
    """The registration of one of your profiles, with its ETag."""
    found = await readable_registration(database, caller, forum_id, profile_id)
    response.headers["ETag"] = etag(found.revision)
    return registration_out(found)


@router.get("", response_model=RegistrationPage, response_model_exclude_none=True)
async def list_registrations(
    forum_id: Id, caller: CallerDep, database: DatabaseDep, pages: PagesDep, cursor: Cursor = None, limit: Limit = 20
) -> RegistrationPage:
    """Who is registered, for organisers."""
    must_be_organiser(caller)
    await readable_forum(database, forum_id)
    scope = ("registrations", caller.org, forum_id)
    start = pages.start(cursor, *scope)
    found = await store.find_registrations(database, forum_id=forum_id, after=start, limit=limit + 1)
    items = bounded([registration_out(one) for one in found[:limit]])
    token = pages.token(items[-1].profile_id, *scope) if len(found) > len(items) else None
    return RegistrationPage(items=items, next=token)


def _reads(forum_id: str, profile_id: str) -> list[Ref]:
    return [
        store.FORUMS.ref(forum_id),
        store.PROFILES.ref(profile_id),
        store.DESKS.ref(profile_id),
        store.REGISTRATIONS.ref(registration_id(forum_id, profile_id)),
        store.ROSTERS.ref(forum_id),
    ]
