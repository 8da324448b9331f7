"""The glossary over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.chassis.http import CallerDep, IfMatchDep, StrictRoute

from .. import store
from ..dependencies import Command, DependenciesDep
from ..domain.glossary import Term
from ..usecases.glossary import save_term
from .bodies import GlossaryOut, TermIn, term_answer

router = APIRouter(prefix="/v1", tags=["translation"], route_class=StrictRoute)


@router.get("/glossary", response_model=GlossaryOut)
async def glossary(
    caller: CallerDep, deps: DependenciesDep, topic: Annotated[str | None, Query(max_length=64)] = None
) -> GlossaryOut:
    """The forum's terms in Korean, Chinese and English."""
    current = await deps.glossary.current()
    return GlossaryOut(items=[term for term in current.terms if topic is None or term.topic == topic])


@router.put("/glossary", response_model=Term, responses={201: {"model": Term}})
async def put_term(body: TermIn, command: Command, if_match: IfMatchDep) -> Response:
    """For organisers: adds a term, or replaces the one with its id, also a shipped one. Texts that come later are
    translated with it."""
    term, shipped = body.term(), command.deps.glossary.shipped
    return await command.run(
        lambda uow: save_term(uow, caller=command.caller, term=term, shipped=shipped, if_match=if_match),
        answer=term_answer,
        reads=[store.VERSIONS.ref(store.VERSION_ID), store.TERMS.ref(body.id)],
    )
