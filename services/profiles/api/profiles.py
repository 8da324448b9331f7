"""Profiles over HTTP."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute, bounded
from services.chassis.model import Caller, Invalid, etag
from services.chassis.ops import logger

from .. import store, usecases
from ..dependencies import Command
from ..domain.public_warnings import warnings
from .answers import ProfileOut, ProfilePage, WrittenProfileOut, profile_answer, profile_out
from .bodies import ProfileIn
from .parameters import ProfileId, SearchQuery

log = logger(__name__)
router = APIRouter(prefix="/v1/profiles", tags=["profiles"], route_class=StrictRoute)


@router.post("", status_code=201, response_model=WrittenProfileOut)
async def create(body: ProfileIn, command: Command) -> Response:
    """Creates a draft of your organisation's profile; no one else sees it until it is published."""
    _must_be_own_organisation(command.caller, body.owner)
    content = body.content()
    answer = await command.run(
        lambda uow: usecases.create_profile(
            uow, caller=command.caller, content=content, limits=command.deps.settings.limits()
        ),
        answer=partial(profile_answer, now=command.now, status=201, warnings=warnings(content)),
        again=partial(_again, now=command.now),
    )
    _note_confirmation(body, command.caller, answer.headers["location"].rpartition("/")[2])
    return answer


async def _again(uow: UnitOfWork, profile_id: str, *, now: dt.datetime) -> Answer | None:
    """The answer to a repeated Idempotency-Key: the profile as it is by now."""
    profile = await uow.get(store.PROFILES, profile_id)
    return None if profile is None else profile_answer(profile, now=now, warnings=warnings(profile))


def _note_confirmation(body: ProfileIn, caller: Caller, profile_id: str) -> None:
    """Says who has confirmed that something that looks like a person's is public."""
    if body.confirm_public:
        log.info("public_text_confirmed", profile=profile_id, org=caller.org, member=caller.sub)


def _must_be_own_organisation(caller: Caller, owner: str | None) -> None:
    if owner is not None and owner != caller.org:
        raise Invalid("The owner is the organisation of your token; leave the field out.", pointer="/owner")
    # This checks the role: a token of an organiser or a reader names an organisation too.
    caller.must_own(caller.org, "organisation")


@router.get("", response_model=ProfilePage, response_model_exclude_none=True)
async def search(
    query: Annotated[SearchQuery, Query()], caller: CallerDep, database: DatabaseDep, pages: PagesDep
) -> ProfilePage:
    """Summaries of public profiles, or with owner=me of your own in every state; read one by its id for the whole.
    Every word of `q` occurs in one of the texts or names. Kind and topic are of one offer or need that is not over."""
    search_filter = query.search_filter(caller, database.now())
    if search_filter.matches_nothing:
        return ProfilePage(items=[])
    scope = query.scope(caller)
    after = pages.start(query.cursor, *scope)
    page = await usecases.search_profiles(database, search_filter, after=after, limit=query.limit)
    items = bounded(page.profiles)
    last = items[-1].profile_id if len(items) < len(page.profiles) else page.last
    return ProfilePage(items=items, next=pages.token(last, *scope) if last else None)


@router.get("/{profile_id}", response_model=ProfileOut, response_model_exclude_none=True)
async def read(profile_id: ProfileId, caller: CallerDep, database: DatabaseDep, response: Response) -> ProfileOut:
    """Your own profile in every state, another's if it is public."""
    profile = await usecases.read_profile(database, caller=caller, profile_id=profile_id)
    response.headers["ETag"] = etag(profile.revision)
    return profile_out(profile, to_owner=caller.may_read(profile.owner), now=database.now())


@router.put("/{profile_id}", response_model=WrittenProfileOut)
async def replace(profile_id: ProfileId, body: ProfileIn, command: Command, if_match: IfMatchDep) -> Response:
    """Replaces the content. Needs If-Match with the ETag of the revision that was read."""
    if body.owner is not None and body.owner != command.caller.org:
        raise Invalid("The owner does not change; leave the field out.", pointer="/owner")
    content = body.content()
    answer = await command.run(
        lambda uow: usecases.replace_profile(
            uow, caller=command.caller, profile_id=profile_id, content=content, if_match=if_match
        ),
        answer=partial(profile_answer, now=command.now, warnings=warnings(content)),
        reads=[store.PROFILES.ref(profile_id)],
        again=partial(_again, now=command.now),
    )
    _note_confirmation(body, command.caller, profile_id)
    return answer


@router.post("/{profile_id}/publish", response_model=ProfileOut)
async def publish(profile_id: ProfileId, command: Command, if_match: IfMatchDep) -> Response:
    """Makes the profile public. A repetition changes nothing."""
    return await command.run(
        lambda uow: usecases.publish_profile(uow, caller=command.caller, profile_id=profile_id, if_match=if_match),
        answer=partial(profile_answer, now=command.now),
        reads=[store.PROFILES.ref(profile_id)],
        again=partial(_again, now=command.now),
    )


@router.post("/{profile_id}/withdraw", response_model=ProfileOut)
async def withdraw(profile_id: ProfileId, command: Command, if_match: IfMatchDep) -> Response:
    """Takes the profile out of sight; it can be published again. A repetition changes nothing."""
    return await command.run(
        lambda uow: usecases.withdraw_profile(uow, caller=command.caller, profile_id=profile_id, if_match=if_match),
        answer=partial(profile_answer, now=command.now),
        reads=[store.PROFILES.ref(profile_id)],
        again=partial(_again, now=command.now),
    )


@router.delete("/{profile_id}", status_code=204)
async def erase(profile_id: ProfileId, command: Command, if_match: IfMatchDep) -> Response:
    """Erases the profile for good, here and in every service that has read its events."""
    return await command.run(
        lambda uow: usecases.erase_profile(uow, caller=command.caller, profile_id=profile_id, if_match=if_match),
        answer=lambda _: Answer.empty(),
    )
