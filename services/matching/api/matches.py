"""Matches over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from services.chassis.database import Database
from services.chassis.errors import NotFound
from services.chassis.http import Acting, CallerDep, DatabaseDep, IfMatchDep, StrictRoute, after, cursor_after
from services.chassis.tokens import Caller

from .. import store
from ..bodies import DeclineIn, MatchOut, MatchPage, PartnerIn, match_answered, match_shown
from ..domain.match import Match
from ..usecases import answering, asking
from ..usecases.parties import NOT_YET, readable_row

router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["matches"])
Id = Annotated[str, Path(max_length=64)]
ProfileQuery = Annotated[str, Query(max_length=64, description="One of your own profiles.")]
Cursor = Annotated[str | None, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/matches", response_model=MatchPage, response_model_exclude_none=True)
async def list_matches(
    profile_id: ProfileQuery,
    caller: CallerDep,
    database: DatabaseDep,
    state: Literal["proposed", "accepted", "agreed", "declined", "expired", "withdrawn"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> MatchPage:
    """Whom a profile of yours was proposed to, and why."""
    await readable_row(database, caller, profile_id)
    scope = ("matches", caller.org, profile_id, state or "")
    found = await store.find_matches(
        database, profile_id=profile_id, state=state, after=after(cursor, *scope), limit=limit + 1
    )
    page = found[:limit]
    rows = await store.rows(database, sorted({party for match in page for party in match.parties}))
    return MatchPage(
        items=[match_shown(match, rows) for match in page],
        next=cursor_after(page[-1].id, *scope) if len(found) > limit else None,
    )


@router.post("/matches", status_code=201, response_model=MatchOut)
async def ask_for_partner(body: PartnerIn, acting: Acting) -> Response:
    """Asks for a partner whom you know; they must accept. An open match of the two is given as it is, 200."""
    return await acting.run(
        asking.ask_for_partner,
        answer=lambda asked: match_answered(asked.match, 201 if asked.is_new else 200),
        reads=[store.PROFILES.ref(body.profile_id), store.PROFILES.ref(body.partner_id)],
        caller=acting.caller,
        profile_id=body.profile_id,
        partner_id=body.partner_id,
        scorer=acting.app.state.scorer,
        settings=acting.app.state.settings,
    )


@router.get("/matches/{match_id}", response_model=MatchOut, response_model_exclude_none=True)
async def read_match(match_id: Id, caller: CallerDep, database: DatabaseDep, response: Response) -> MatchOut:
    match = await readable_match(database, caller, match_id)
    response.headers["ETag"] = f'"{match.revision}"'
    return match_shown(match, await store.rows(database, match.parties))


async def readable_match(database: Database, caller: Caller, match_id: str) -> Match:
    match = await database.one(store.MATCHES, match_id)
    if match is None:
        raise NotFound("There is no such match, or it is not yours.", retry_after=NOT_YET)
    rows = await store.rows(database, match.parties)
    if not any(caller.may_read(row.owner) for row in rows.values()):
        raise NotFound("There is no such match, or it is not yours.")
    return match


@router.post("/matches/{match_id}/accept", response_model=MatchOut)
async def accept(match_id: Id, acting: Acting, if_match: IfMatchDep) -> Response:
    """You represent your side from now on; when both have accepted, you may meet."""
    return await acting.run(
        answering.accept_match,
        answer=match_answered,
        reads=[store.MATCHES.ref(match_id)],
        caller=acting.caller,
        match_id=match_id,
        if_match=if_match,
    )


@router.post("/matches/{match_id}/decline", response_model=MatchOut)
async def decline(
    match_id: Id,
    acting: Acting,
    if_match: IfMatchDep,
    body: DeclineIn | None = None,
) -> Response:
    """The reason is yours alone; the pair is not proposed again for six months."""
    return await acting.run(
        answering.decline_match,
        answer=match_answered,
        reads=[store.MATCHES.ref(match_id)],
        caller=acting.caller,
        match_id=match_id,
        reason=(body or DeclineIn()).reason,
        if_match=if_match,
    )
