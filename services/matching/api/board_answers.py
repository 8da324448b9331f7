"""What all pages of the board have in common: where they stand, their headers, and the way back after a form."""

from __future__ import annotations

from typing import cast

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from ..board import Place
from ..domain.schedule import Lang

PREFIX = "/board/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    # Not `no-referrer`: with it browsers send `Origin: null` with a form, and it could not be told from a stranger's.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
SEE_OTHER = 303
FORM: dict[str, object] = {"requestBody": {"content": {"application/x-www-form-urlencoded": {}}}}


def place_of(request: Request, lang: Lang | None, query: str = "") -> Place:
    """Where the page stands. The way up is relative, since a gateway may have a name for us in front."""
    depth = request.scope["path"].removeprefix(PREFIX).count("/")
    caller = getattr(request.state, "caller", None)
    return Place(lang or accepted(request), "../" * depth or "./", caller.roles if caller else frozenset(), query)


def accepted(request: Request) -> Lang:
    """The first language of the browser's that we speak."""
    for part in request.headers.get("accept-language", "").lower().split(","):
        if part.strip()[:2] in ("ko", "zh", "en"):
            return cast(Lang, part.strip()[:2])
    return "en"


def page(text: str, status: int = 200) -> HTMLResponse:
    """A page."""
    return HTMLResponse(text, status, headers=HEADERS)


def to_page(place: Place, address: str, query: str = "") -> RedirectResponse:
    """The way to another page, after a form."""
    return RedirectResponse(f"{place.root}{address}?lang={place.lang}{query}", SEE_OTHER, headers=HEADERS)
