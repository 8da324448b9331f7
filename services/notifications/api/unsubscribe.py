"""Unsubscribing by the link in a mail, without signing in (RFC 8058).

GET and HEAD change nothing, because some mail programs open every link of a mail to check it."""

from __future__ import annotations

from functools import partial
from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from services.chassis.http import CommandsDep
from services.chassis.model import NotFound

from ..dependencies import DependenciesDep
from ..domain.sentences import FOOTER, UNSUBSCRIBE_BUTTON, UNSUBSCRIBE_DONE
from ..domain.unsubscribe_tokens import recipient_of_token
from ..usecases import recipients

router = APIRouter(prefix="/unsubscribe", tags=["unsubscribing"])
LANGUAGES = ("ko", "zh", "en")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


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
    buttons = " / ".join(UNSUBSCRIBE_BUTTON[lang] for lang in LANGUAGES)
    form = f'<form method="post"><button type="submit">{escape(buttons)}</button></form>'
    return _page(_paragraphs(FOOTER) + form)


@router.post("/{token}", response_class=HTMLResponse)
async def unsubscribe(token: str, dependencies: DependenciesDep, commands: CommandsDep) -> HTMLResponse:
    """Ends the mails about proposals; those about meetings continue. May be repeated. The body is ignored."""
    recipient_id = _recipient_id(token, dependencies.link_key)
    await commands.run(partial(recipients.unsubscribe, recipient_id=recipient_id))
    return _page(_paragraphs(UNSUBSCRIBE_DONE))


def _paragraphs(texts: dict[str, str]) -> str:
    return "".join(f'<p lang="{lang}">{escape(texts[lang])}</p>' for lang in LANGUAGES)


def _page(body: str) -> HTMLResponse:
    page = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Magpie</title></head><body>{body}</body></html>'
    return HTMLResponse(page, headers=HEADERS)
