"""Confirming an address by the link in a mail, without signing in.

GET and HEAD change nothing, because some mail programs open every link of a mail to check it."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from services.chassis.http import CauseDep, CommandsDep, DatabaseDep
from services.chassis.model import NotFound

from ..dependencies import DependenciesDep
from ..domain.confirmations import confirmation_of_token
from ..domain.sentences import CONFIRM_ASK, CONFIRM_BUTTON, CONFIRM_DONE, CONFIRM_STALE
from ..usecases import confirm_address
from .pages import form, page, paragraphs

router = APIRouter(prefix="/confirm", tags=["confirming addresses"])
GONE = 410


def _named(token: str, link_key: bytes) -> tuple[str, str]:
    named = confirmation_of_token(token, link_key)
    if named is None:
        raise NotFound("This link is not one of ours, or it was changed; take it from the mail as it is.")
    return named


@router.head("/{token}", response_class=HTMLResponse, include_in_schema=False)
@router.get("/{token}", response_class=HTMLResponse)
async def show(token: str, dependencies: DependenciesDep, database: DatabaseDep) -> HTMLResponse:
    """A page with a button to confirm the address that the mail went to. Changes nothing."""
    recipient_id, confirmation_id = _named(token, dependencies.link_key)
    if not await confirm_address.is_waiting(database, recipient_id, confirmation_id):
        return page(paragraphs(CONFIRM_STALE), status=GONE)
    return page(paragraphs(CONFIRM_ASK) + form(CONFIRM_BUTTON))


@router.post("/{token}", response_class=HTMLResponse)
async def confirm(token: str, dependencies: DependenciesDep, commands: CommandsDep, cause: CauseDep) -> HTMLResponse:
    """Confirms the address. The link is good once, for 24 hours; then it is answered 410. The body is ignored."""
    recipient_id, confirmation_id = _named(token, dependencies.link_key)
    act = partial(confirm_address.confirm, recipient_id=recipient_id, confirmation_id=confirmation_id)
    if await commands.run(act, cause=cause):
        return page(paragraphs(CONFIRM_DONE))
    return page(paragraphs(CONFIRM_STALE), status=GONE)
