"""HTTP in -> use case."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from services.chassis.errors import Invalid, NotFound
from services.chassis.http import (
    Acting,
    Answer,
    CallerDep,
    DatabaseDep,
    IfMatchDep,
    StrictRoute,
    after,
    cursor_after,
)
from services.chassis.tokens import Caller

from . import store, usecases
from .bodies import Kind, MemberOut, ProfileIn, ProfileOut, ProfilePage, answered, member_answered, shown
from .domain.members import MemberRecord, member_key
from .domain.searching import wanted

router = APIRouter(prefix="/v1/profiles", tags=["profiles"], route_class=StrictRoute)
ProfileId = Annotated[str, Path(max_length=64)]
MemberId = Annotated[str, Path(max_length=64)]


@router.post("", status_code=201, response_model=ProfileOut)
async def create(body: ProfileIn, acting: Acting) -> Response:
    """A draft of an organisation's profile; nobody else sees it until it is published."""
    _must_be_participant(acting.caller, body.owner)
    return await acting.run(
        usecases.create_profile,
        answer=partial(answered, now=acting.now, status=201),
        caller=acting.caller,
        statement=body.statement(),
        most=acting.app.state.settings.max_per_owner,
    )


def _must_be_participant(caller: Caller, owner: str | None) -> None:
    if owner is not None and owner != caller.org:
        raise Invalid("The owner is the organisation of your token; leave the field out.", pointer="/owner")
    caller.must_own(caller.org, "organisation")


@router.get("", response_model=ProfilePage, response_model_exclude_none=True)
async def search(
    caller: CallerDep,
    database: DatabaseDep,
    country: Literal["KR", "CN"] | None = None,
    kind: Kind | None = None,
    topic: Annotated[str | None, Query(max_length=64)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Words or names, in any language.")] = None,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> ProfilePage:
    """Public profiles. Every word of `q` stands in one of the texts or names."""
    scope = ("profiles", caller.org, country or "", kind or "", topic or "", q or "")
    terms = wanted(q) if q else None
    if terms == []:
        return ProfilePage(items=[])
    sought = store.Sought(country=country, kind=kind, topic=topic, terms=terms)
    found, last = await usecases.search(database, sought, q=q, after=after(cursor, *scope), limit=limit)
    return ProfilePage(
        items=[shown(p, to_owner=caller.may_read(p.owner), now=database.now()) for p in found],
        next=cursor_after(last, *scope) if last else None,
    )


@router.get("/{profile_id}", response_model=ProfileOut, response_model_exclude_none=True)
async def read(profile_id: ProfileId, caller: CallerDep, database: DatabaseDep, response: Response) -> ProfileOut:
    """One's own in every state; another's when it is public."""
    profile = await database.one(store.PROFILES, profile_id)
    if profile is None or not (profile.is_public or caller.may_read(profile.owner)):
        raise NotFound("There is no such profile, or it is not public.")
    response.headers["ETag"] = f'"{profile.revision}"'
    return shown(profile, to_owner=caller.may_read(profile.owner), now=database.now())


@router.put("/{profile_id}", response_model=ProfileOut)
async def replace(profile_id: ProfileId, body: ProfileIn, acting: Acting, if_match: IfMatchDep) -> Response:
    """Needs If-Match with the ETag of the revision that was read."""
    if body.owner is not None and body.owner != acting.caller.org:
        raise Invalid("The owner does not change; leave the field out.", pointer="/owner")
    return await acting.run(
        usecases.replace_profile,
        answer=partial(answered, now=acting.now),
        reads=[store.PROFILES.ref(profile_id)],
        caller=acting.caller,
        profile_id=profile_id,
        statement=body.statement(),
        if_match=if_match,
    )


@router.post("/{profile_id}/publish", response_model=ProfileOut)
async def publish(profile_id: ProfileId, acting: Acting, if_match: IfMatchDep) -> Response:
    return await acting.run(
        usecases.publish_profile,
        answer=partial(answered, now=acting.now),
        reads=[store.PROFILES.ref(profile_id)],
        caller=acting.caller,
        profile_id=profile_id,
        if_match=if_match,
    )


@router.post("/{profile_id}/withdraw", response_model=ProfileOut)
async def withdraw(profile_id: ProfileId, acting: Acting, if_match: IfMatchDep) -> Response:
    return await acting.run(
        usecases.withdraw_profile,
        answer=partial(answered, now=acting.now),
        reads=[store.PROFILES.ref(profile_id)],
        caller=acting.caller,
        profile_id=profile_id,
        if_match=if_match,
    )


@router.delete("/{profile_id}", status_code=204)
async def erase(profile_id: ProfileId, acting: Acting, if_match: IfMatchDep) -> Response:
    """For good, here and wherever the profile's events were read."""
    return await acting.run(
        usecases.erase_profile,
        answer=lambda _: Answer.empty(),
        caller=acting.caller,
        profile_id=profile_id,
        if_match=if_match,
    )


@router.put("/{profile_id}/members/{member_id}", response_model=MemberOut)
async def keep_member(
    profile_id: ProfileId,
    member_id: MemberId,
    body: MemberRecord,
    acting: Acting,
    if_match: IfMatchDep,
) -> Response:
    """Your own record: private to you, never on a topic."""
    return await acting.run(
        usecases.keep_member,
        answer=member_answered,
        caller=acting.caller,
        profile_id=profile_id,
        member_id=member_id,
        record=body,
        if_match=if_match,
    )


@router.get("/{profile_id}/members/{member_id}", response_model=MemberOut, response_model_exclude_none=True)
async def read_member(
    profile_id: ProfileId, member_id: MemberId, caller: CallerDep, database: DatabaseDep, response: Response
) -> MemberOut:
    usecases.must_be_self(caller, member_id)
    member = await database.one(store.MEMBERS, member_key(profile_id, member_id))
    profile = await database.one(store.PROFILES, profile_id)
    if member is None or profile is None or not caller.owns(profile.owner):
        raise NotFound("There is no such member, or it is not you.")
    response.headers["ETag"] = f'"{member.revision}"'
    return MemberOut(member_id=member_id, profile_id=profile_id, **member.record.model_dump())


@router.delete("/{profile_id}/members/{member_id}", status_code=204)
async def forget_member(profile_id: ProfileId, member_id: MemberId, acting: Acting) -> Response:
    return await acting.run(
        usecases.forget_member,
        answer=lambda _: Answer.empty(),
        caller=acting.caller,
        profile_id=profile_id,
        member_id=member_id,
    )
