"""Pages behind the links of mails: a few words in all three languages, because the link does not say who reads."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from fastapi.responses import HTMLResponse

LANGUAGES = ("ko", "zh", "en")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    # The address of the page is the permission to act, so it must reach no other site.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(body: str, *, status: int = 200) -> HTMLResponse:
    """A page with this HTML."""
    text = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Magpie</title></head><body>{body}</body></html>'
    return HTMLResponse(text, status, headers=HEADERS)


def paragraphs(texts: Mapping[str, str]) -> str:
    """A text in each language."""
    return "".join(f'<p lang="{lang}">{escape(texts[lang])}</p>' for lang in LANGUAGES)


def form(button: Mapping[str, str]) -> str:
    """A button that posts to the address of the page."""
    words = " / ".join(button[lang] for lang in LANGUAGES)
    return f'<form method="post"><button type="submit">{escape(words)}</button></form>'
