"""An address of the web as a browser reads it: `https://t%2Eme:443/./kim` leads to `t.me/kim`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pydantic import TypeAdapter, ValidationError
from pydantic_core import Url

from .plain import plain

_url = TypeAdapter(Url)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an address leads. Its letters are decoded; `host` has no `www.`, `path` begins with a slash."""

    host: str
    path: str
    rest: str
    """Query and fragment, with the signs before them."""

    @property
    def tail(self) -> str:
        """All behind the host."""
        return f"{self.path}{self.rest}"


def address_of(typed: str) -> Address:
    """The address that was typed, with its scheme or without. What no browser could open is read as it stands."""
    try:
        url = _url.validate_python(typed if "://" in typed else f"https://{typed}")
    except ValidationError:
        return _as_it_stands(typed)
    host = (url.unicode_host() or "").rstrip(".").removeprefix("www.")
    rest = (f"?{url.query}" if url.query else "") + (f"#{url.fragment}" if url.fragment else "")
    return Address(host, _resolved(_decoded(url.path or "/")), _decoded(rest))


def _as_it_stands(typed: str) -> Address:
    _, found, behind = typed.partition("://")
    try:
        parts = urlsplit(f"https://{behind if found else typed}")
    except ValueError:
        return Address("", f"/{_decoded(typed)}", "")
    host = _decoded(parts.netloc.rpartition("@")[2]).partition(":")[0].lower().removeprefix("www.")
    rest = (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return Address(host, _resolved(_decoded(parts.path)), _decoded(rest))


def _decoded(text: str) -> str:
    """As a reader sees it. Percent-encoding is undone at most twice: once by its writer, once more by who wants to hide
    something."""
    for _ in range(2):
        text = unquote(text)
    return plain(text).text


def _resolved(path: str) -> str:
    """The path without empty segments and without those that lead nowhere or back. Servers open the same page."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return f"/{'/'.join(kept)}" + ("/" if kept and path.endswith("/") else "")
