"""Unsubscribing by the link of a mail, without signing in (RFC 8058). Programs that look at every link of a mail send
GET and HEAD: these change nothing."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.chassis.commands import Commands
from services.chassis.errors import NotFound
from services.chassis.uow import UnitOfWork

from ..domain.links import recipient_of
from ..domain.sentences import FOOTER, UNSUBSCRIBE, UNSUBSCRIBED
from ..usecases import registering

router = APIRouter(prefix="/unsubscribe", tags=["unsubscribing"])
LANGUAGES = ("ko", "zh", "en")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def _recipient(request: Request, token: str) -> str:
    recipient_id = recipient_of(token, request.app.state.link_key)
    if recipient_id is None:
        raise NotFound("This link is not one of ours, or it was changed; take it from the mail as it is.")
    return recipient_id


@router.head("/{token}", response_class=HTMLResponse, include_in_schema=False)
@router.get("/{token}", response_class=HTMLResponse)
async def show(token: str, request: Request) -> HTMLResponse:
    """How to unsubscribe; does nothing."""
    _recipient(request, token)
    buttons = " / ".join(UNSUBSCRIBE[lang] for lang in LANGUAGES)
    said = _paragraphs(FOOTER)
    return _page(f'{said}<form method="post"><button type="submit">{escape(buttons)}</button></form>')


@router.post("/{token}", response_class=HTMLResponse)
async def unsubscribe(token: str, request: Request) -> HTMLResponse:
    """No more mails about proposals; those about meetings still come. Twice is fine. The body is not looked at."""
    recipient_id = _recipient(request, token)
    commands: Commands = request.app.state.commands

    async def decide(uow: UnitOfWork) -> None:
        await registering.unsubscribe(uow, recipient_id=recipient_id)

    await commands.run(decide)
    return _page(_paragraphs(UNSUBSCRIBED))


def _paragraphs(said: dict[str, str]) -> str:
    return "".join(f'<p lang="{lang}">{escape(said[lang])}</p>' for lang in LANGUAGES)


def _page(body: str) -> HTMLResponse:
    page = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Magpie</title></head><body>{body}</body></html>'
    return HTMLResponse(page, headers=HEADERS)
