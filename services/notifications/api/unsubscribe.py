"""Unsubscribing by the link in a mail, without signing in (RFC 8058).

GET and HEAD change nothing, because some mail programs open every link of a mail to check it."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from services.chassis.http import CauseDep, CommandsDep
from services.chassis.model import NotFound

from ..dependencies import DependenciesDep
from ..domain.sentences import FOOTER, UNSUBSCRIBE_BUTTON, UNSUBSCRIBE_DONE
from ..domain.unsubscribe_tokens import recipient_of_token
from ..usecases import recipients
from .pages import form, page, paragraphs

router = APIRouter(prefix="/unsubscribe", tags=["unsubscribing"])


def _recipient_id(token: str, link_key: bytes) -> str:
    recipient_id = recipient_of_token(token, link_key)
    if recipient_id is None:
        raise NotFound("This link is not one of ours, or it was changed; take it from the mail as it is.")
    return recipient_id


@router.head("/{token}", response_class=HTMLResponse, include_in_schema=False)
@router.get("/{token}", response_class=HTMLResponse)
async def show(token: str, dependencies: DependenciesDep) -> HTMLResponse:
    """A page with a button to unsubscribe. Changes nothing."""
    _recipient_id(token, dependencies.link_key)
    return page(paragraphs(FOOTER) + form(UNSUBSCRIBE_BUTTON))


@router.post("/{token}", response_class=HTMLResponse)
async def unsubscribe(
    token: str, dependencies: DependenciesDep, commands: CommandsDep, cause: CauseDep
) -> HTMLResponse:
    """Ends the mails about proposals; those about meetings continue. May be repeated. The body is ignored."""
    recipient_id = _recipient_id(token, dependencies.link_key)
    await commands.run(partial(recipients.unsubscribe, recipient_id=recipient_id), cause=cause)
    return page(paragraphs(UNSUBSCRIBE_DONE))
