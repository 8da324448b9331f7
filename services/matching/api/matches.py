"""Matches over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Response

from schemas.matches import EvidenceEntry
from services.chassis.http import CallerDep, DatabaseDep, IfMatchDep, PagesDep, StrictRoute, bounded
from services.chassis.model import etag
from services.chassis.mongo import Database

from .. import store
from ..dependencies import Command, DependenciesDep
from ..domain.advice_sentences import first_language
from ..domain.match import Match
from ..usecases.access import readable_match, readable_row
from ..usecases.answer_match import accept_match, decline_match
from ..usecases.match_nodes import nodes_of
from ..usecases.request_partner import PartnerRequest, request_partner
from .bodies import DeclineIn, MatchOut, MatchPage, NodeOut, PartnerIn, match_answer, match_out, nodes_out
from .parameters import Cursor, Id, LangQuery, Limit, ProfileQuery

MAX_SHARED = 8
"""What is told of what two statements both name."""
PROFILES_AT_ONCE = 10
router = APIRouter(prefix="/v1", route_class=StrictRoute, tags=["matches"])


@router.get("/matches", response_model=MatchPage, response_model_exclude_none=True)
async def list_matches(
    profile_id: ProfileQuery,
    caller: CallerDep,
    database: DatabaseDep,
    pages: PagesDep,
    state: Literal["proposed", "accepted", "agreed", "declined", "expired", "withdrawn"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> MatchPage:
    """The matches of one of your profiles, with the reasons."""
    await readable_row(database, caller, profile_id)
    scope = ("matches", caller.org, profile_id, state or "")
    found = await store.find_matches(
        database, profile_id=profile_id, state=state, after=pages.start(cursor, *scope), limit=limit + 1
    )
    items = await _with_texts(database, found[:limit])
    return MatchPage(
        items=items,
        next=pages.token(items[-1].match_id, *scope) if len(found) > len(items) else None,
    )


async def _with_texts(database: Database, matches: Sequence[Match]) -> list[MatchOut]:
    """As many matches as a page may hold, with the texts of their evidence."""
    shown: list[MatchOut] = []
    # A few at a time, because a page may be full long before all of their profiles would be read.
    for first in range(0, len(matches), PROFILES_AT_ONCE):
        some = matches[first : first + PROFILES_AT_ONCE]
        rows = await store.rows(database, sorted({party for match in some for party in match.parties}))
        shown += [match_out(match, rows) for match in some]
        page = bounded(shown)
        if len(page) < len(shown):
            return page
    return shown


@router.post("/matches", status_code=201, response_model=MatchOut)
async def ask_for_partner(body: PartnerIn, command: Command) -> Response:
    """Requests a partner whom you know; they must accept. If the two have an open match, that is the answer (200)."""
    request = PartnerRequest(body.profile_id, body.partner_id)
    return await command.run(
        lambda uow: request_partner(
            uow,
            caller=command.caller,
            request=request,
            scorer=command.deps.scorer,
            settings=command.deps.settings,
        ),
        answer=lambda result: match_answer(result.match, 201 if result.is_new else 200),
        reads=[store.PROFILES.ref(body.profile_id), store.PROFILES.ref(body.partner_id)],
    )


@router.get("/matches/{match_id}", response_model=MatchOut, response_model_exclude_none=True)
async def read_match(
    match_id: Id,
    caller: CallerDep,
    database: DatabaseDep,
    dependencies: DependenciesDep,
    response: Response,
    lang: LangQuery = None,
) -> MatchOut:
    """One match of your profiles: which statements met, what they are about, and what speaks against it."""
    match = await readable_match(database, caller, match_id)
    response.headers["ETag"] = etag(match.revision)
    rows = await store.rows(database, match.parties)
    nodes, taxonomy = await nodes_of(database, match), dependencies.scorer.taxonomy
    language = lang or first_language(own for row in rows.values() if caller.owns(row.owner) for own in row.languages)

    def about(entry: EvidenceEntry) -> list[NodeOut]:
        return nodes_out(nodes.get((entry.id, entry.start or 0), {}), taxonomy, language)

    def shared(a: str, b: str) -> list[str]:
        concepts = dependencies.concepts
        told = dependencies.scorer.rarity.rarest(concepts.both_name(a, b), MAX_SHARED)
        return [concepts.label(one, language) for one in told]

    return await asyncio.to_thread(match_out, match, rows, about, shared)


@router.post("/matches/{match_id}/accept", response_model=MatchOut)
async def accept(match_id: Id, command: Command, if_match: IfMatchDep) -> Response:
    """You represent your side from now on. When both sides have accepted, they may meet."""
    return await command.run(
        lambda uow: accept_match(uow, caller=command.caller, match_id=match_id, if_match=if_match),
        answer=match_answer,
        reads=[store.MATCHES.ref(match_id)],
    )


@router.post("/matches/{match_id}/decline", response_model=MatchOut)
async def decline(match_id: Id, command: Command, if_match: IfMatchDep, body: DeclineIn | None = None) -> Response:
    """The reason stays private. The pair is not proposed again for six months."""
    reason = (body or DeclineIn()).reason
    return await command.run(
        lambda uow: decline_match(uow, caller=command.caller, match_id=match_id, reason=reason, if_match=if_match),
        answer=match_answer,
        reads=[store.MATCHES.ref(match_id)],
    )
