"""Pages for browsers: a cookie signs in, and forms of other sites are refused. It holds a token, or the secret of a
visit that a link of the service has begun."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from ..model.caller import Caller
from ..model.refusals import Forbidden, Refused
from .authenticator import Authenticator
from .problems import invalid, refusal
from .requests import StrictRoute

COOKIE = "magpie_token"
VISIT = "visit."
"""Begins a cookie that is no token."""
MAX_SESSION_SECONDS = 12 * 3600
MAX_FORM_BYTES, MAX_FIELDS = 16 * 1024, 50
SAFE = frozenset({"GET", "HEAD"})
Show = Callable[[Request, int, str], Response]
"""A page that says why a request was refused: the request, the status, the detail."""
FindVisitor = Callable[[str, str, str], Awaitable[Caller]]
"""Who comes with the secret of a visit, by the method and path that are asked for. Raises Refused for what is not open
to it: a visit opens nothing else."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a service. All below `prefix` need the cookie, but for those in `open`."""

    prefix: str
    refused: Show
    open: frozenset[str] = field(default_factory=frozenset)
    visitor: FindVisitor | None = None

    def guard(self, path: str) -> bool:
        """Whether this path is a page that needs the cookie."""
        return path.startswith(self.prefix) and path not in self.open


async def page_caller(pages: Pages, authenticator: Authenticator, scope: Mapping[str, Any]) -> Caller:
    """Who asks for a page, by the cookie of the browser. Raises Forbidden for a form of another site, Unauthenticated,
    and what the pages refuse to a visit."""
    method, headers = scope["method"], dict(scope["headers"])
    if method not in SAFE:
        must_be_same_origin(headers)
    pairs = (part.strip().partition("=") for part in headers.get(b"cookie", b"").decode("latin-1").split(";"))
    token = next((value for name, _, value in pairs if name == COOKIE), "")
    if pages.visitor is not None and token.startswith(VISIT):
        return await pages.visitor(method, scope["path"], token.removeprefix(VISIT))
    return await authenticator.caller(f"Bearer {token}")


def must_be_same_origin(headers: Mapping[bytes, bytes]) -> None:
    """Raises Forbidden unless the form was sent from a page of ours. Browsers write Origin themselves, at every POST;
    one that writes none is refused."""
    origin = urlsplit(headers.get(b"origin", b"").decode("latin-1"))
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if not host or origin.netloc.lower() != host:
        raise Forbidden("This form was not sent from a page of this site; open the page again and repeat it there.")


def must_be_of_this_site(headers: Mapping[bytes, bytes]) -> None:
    """The same for a page with `Referrer-Policy: no-referrer`, at which browsers write `Origin: null`: there
    Sec-Fetch-Site tells, which they write themselves, too. Raises Forbidden."""
    is_ours = headers.get(b"sec-fetch-site", b"") == b"same-origin"
    if not (is_ours and headers.get(b"origin", b"") == b"null"):
        must_be_same_origin(headers)


def visiting(response: Response, secret: str, *, seconds: int, is_https: bool) -> None:
    """Gives the browser a cookie with the secret of a visit."""
    flags = _flags({b"origin": b"https:" if is_https else b""})
    response.headers.append("Set-Cookie", f"{COOKIE}={VISIT}{secret}; Max-Age={seconds}{flags}")


async def signed_in(request: Request, response: Response, token: str) -> Caller:
    """Gives the browser a cookie with this token. It ends with the token, after twelve hours at the latest. Raises
    Unauthenticated, and Forbidden for a form of another site."""
    headers = dict(request.scope["headers"])
    must_be_same_origin(headers)
    authenticator: Authenticator = request.state.api.authenticator
    caller = await authenticator.caller(f"Bearer {token}")
    seconds = int(min(caller.expires_at - time.time(), MAX_SESSION_SECONDS))
    # Without a path it is of the folder of the page, also below the name that a gateway has for us.
    response.headers.append("Set-Cookie", f"{COOKIE}={token}; Max-Age={max(seconds, 0)}{_flags(headers)}")
    return caller


def signed_out(request: Request, response: Response) -> None:
    """Takes the cookie back."""
    response.headers.append("Set-Cookie", f"{COOKIE}=; Max-Age=0{_flags(dict(request.scope['headers']))}")


def _flags(headers: Mapping[bytes, bytes]) -> str:
    is_https = headers.get(b"origin", b"").startswith(b"https:")
    return f"; HttpOnly; SameSite=Strict{'; Secure' if is_https else ''}"


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each once; empty for what is no form. Raises Refused (too-large)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise Refused("too-large", f"A form has at most {MAX_FORM_BYTES} bytes; shorten it.")
    try:
        fields = parse_qs(body.decode(), max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


class PageRoute(StrictRoute):
    """A route whose refusals are pages, too."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """The handler of a strict route; what it refuses is shown by the service's own page."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                answer: Response = await handle(request)
                return answer
            except Refused as error:
                return _page(request, refusal(error), error.detail)
            except RequestValidationError as error:
                return _page(request, invalid(error), "")

        return shown


def _page(request: Request, problem: Response, detail: str) -> Response:
    pages: Pages = request.state.api.pages
    return pages.refused(request, problem.status_code, detail)
