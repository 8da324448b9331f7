"""The ASGI middleware in front of every `/v1` route, and of pages: token, rate, size and time of the body."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from ..model.caller import Caller
from ..model.refusals import Refused
from ..ops import metrics
from ..ops.settings import ChassisSettings
from ..ops.traces import OFF, Traces
from .authenticator import Authenticator
from .body_limits import BodyLimits, BodyPlace, LargeBody, TooManyLarge
from .browser import Pages, page_caller
from .exchange import Exchange, Message, RequestLog, Scope, Send
from .problems import failed, problem, refusal
from .rate_limit import TokenBuckets
from .read_turns import ReadTurns, TooManyWait, Turn

Receive = Callable[[], Awaitable[Message]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
GUARDED = "/v1/"
DAY_SECONDS = 86_400
REQUESTS_PER_DAY = "requests_day"
"""The name of the quota in the metrics."""
REFUSAL_SECONDS = 1.0
"""A refusal costs about as much as an answer. A client that asks again at once would take the whole CPU by being
refused; so it is told to wait when the wait is over."""
MAX_HELD = 2000
"""Refusals that are held back at a time, in all; beyond them the connection is closed at once."""


class TooLarge(Exception):
    """The body is larger than its limit."""


class Disconnected(Exception):
    """The client hung up before its body was complete. What has arrived must not be taken for the whole."""


class TooMany(Exception):
    """The caller's organisation sends too many requests, at once or in a day; the next one is taken in
    `wait_seconds`."""

    def __init__(self, wait_seconds: float, *, in_a_day: bool = False) -> None:
        super().__init__()
        self.wait_seconds, self.in_a_day = wait_seconds, in_a_day


@dataclass(frozen=True, slots=True)
class ApiOptions:
    """What the middleware works with. `large_bodies`: files that may be larger than other bodies. `pages`: what
    browsers are shown, who sign in by a cookie."""

    settings: ChassisSettings
    authenticator: Authenticator
    large_bodies: Sequence[LargeBody] = ()
    traces: Traces = OFF
    pages: Pages | None = None


class ApiMiddleware:
    """Refuses in this order: 401 (503 while no token can be judged), 429, 413, then what the route says (422, 404,
    428, 412, 409)."""

    def __init__(self, app: App, options: ApiOptions) -> None:
        self._options, settings = options, options.settings
        self._app, self._settings, self._authenticator = app, settings, options.authenticator
        self._traces, self._lines, self._pages = options.traces, RequestLog(), options.pages
        self._bodies = BodyLimits(settings.max_body_bytes, options.large_bodies)
        self._buckets = TokenBuckets(per_second=settings.rate_per_second, burst=settings.rate_burst)
        self._days = TokenBuckets(per_second=settings.requests_per_day / DAY_SECONDS, burst=settings.requests_per_day)
        self._held = 0
        self._turns = ReadTurns(at_once=settings.reads_at_once, max_waiting=settings.rate_burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI call. Every request is counted and has a trace; what the app did not expect becomes 500 or 503."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, send, self._traces, self._lines)
        with exchange.active():
            try:
                await self._pass(scope, receive, exchange.send)
            except Exception as error:
                if exchange.has_begun:
                    raise
                await failed(error, scope)(scope, receive, exchange.send)
            finally:
                exchange.end()

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"]["api"] = self._options
        pages = self._pages_at(scope["path"])
        if pages is None and not scope["path"].startswith(GUARDED):
            await self._app(scope, receive, send)
            return
        headers, place = dict(scope["headers"]), BodyPlace(0)
        try:
            caller = scope.setdefault("state", {})["caller"] = await self._caller(scope, headers, pages)
            self._count(caller.org)
            place = self._bodies.take(caller.org, scope, headers)
            receive = await self._buffered(headers, receive, place.max_bytes)
        except Refused as error:
            await _refused(error, scope, pages)(scope, receive, send)
        except TooMany as error:
            await self._refuse_later(error, scope, receive, send)
        except TooManyLarge:
            await self._refuse_later(TooMany(1.0), scope, receive, send)
        except TooLarge:
            detail = f"A body may have at most {place.max_bytes} bytes here; shorten it."
            answer = problem(413, "too-large", "Too large", detail)
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
        except Disconnected:
            return
        except TimeoutError:
            answer = problem(408, "too-slow", "Too slow", "The body did not arrive in time; send it again.")
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
        else:
            if scope["method"] == "GET":
                await self._read_in_turn(caller.org, scope, receive, send)
            else:
                await self._app(scope, receive, send)
        finally:
            place.leave()

    def _pages_at(self, path: str) -> Pages | None:
        """The pages, if this is one that needs their cookie."""
        return self._pages if self._pages is not None and self._pages.guard(path) else None

    async def _caller(self, scope: Scope, headers: dict[bytes, bytes], pages: Pages | None) -> Caller:
        """Who calls: by the Authorization header, or by the cookie of a page. Raises Refused."""
        if pages is not None:
            return await page_caller(pages, self._authenticator, scope)
        return await self._authenticator.caller(headers.get(b"authorization", b"").decode("latin-1"))

    def _count(self, org: str) -> None:
        """Raises TooMany if the organisation has used up its requests of the moment or of the day."""
        now = time.monotonic()
        if wait_seconds := self._buckets.take(org, now=now):
            raise TooMany(wait_seconds)
        if wait_seconds := self._days.take(org, now=now):
            raise TooMany(wait_seconds, in_a_day=True)

    async def _read_in_turn(self, org: str, scope: Scope, receive: Receive, send: Send) -> None:
        """The turn ends when the answer begins: then the work is done, and a stream may last for an hour."""
        turn = scope["state"]["turn"] = Turn(self._turns, org)
        try:
            await turn.take()
        except TooManyWait:
            await self._refuse_later(TooMany(1.0), scope, receive, send)
            return

        async def leaving(message: Message) -> None:
            turn.leave()
            await send(message)

        try:
            await self._app(scope, receive, leaving)
        finally:
            turn.leave()

    async def _refuse_later(self, error: TooMany, scope: Scope, receive: Receive, send: Send) -> None:
        metrics.http_limited.inc()
        if error.in_a_day:
            metrics.quota_refused.labels(REQUESTS_PER_DAY).inc()
        answer = too_many(error)
        if self._held >= MAX_HELD:
            answer.headers["Connection"] = "close"
        else:
            self._held += 1
            try:
                # Not all at one moment: those who were refused together would come again together.
                await asyncio.sleep(REFUSAL_SECONDS * random.uniform(0.5, 1.5))
            finally:
                self._held -= 1
        await answer(scope, receive, send)

    async def _buffered(self, headers: dict[bytes, bytes], receive: Receive, max_bytes: int) -> Receive:
        """The whole body, read within its limits; raises TooLarge, Disconnected or TimeoutError."""
        # Judged by the header first, so that a body that is too large is not read at all.
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > max_bytes:
            raise TooLarge
        # No body: nothing to wait for, and nothing to copy.
        if (not length or length == b"0") and b"transfer-encoding" not in headers:
            return receive
        async with asyncio.timeout(self._settings.read_timeout_seconds):
            body = await self._read(receive, max_bytes)
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        return replay

    async def _read(self, receive: Receive, max_bytes: int) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > max_bytes:
                raise TooLarge
            if message["type"] == "http.disconnect":
                raise Disconnected
            if not message.get("more_body", False):
                return bytes(body)


def too_many(error: TooMany) -> Response:
    """429, with Retry-After in whole seconds."""
    retry_after = math.ceil(error.wait_seconds)
    detail = f"Your organisation asks too much at once; send it again in {retry_after} s, and then more slowly."
    if error.in_a_day:
        detail = f"Your organisation has used its requests of the day; one more is free every {retry_after} s."
    return problem(429, "too-many-requests", "Too many requests", detail, retry_after=retry_after)


def _refused(error: Refused, scope: Scope, pages: Pages | None) -> Response:
    answer = refusal(error)
    return answer if pages is None else pages.refused(Request(scope), answer.status_code, error.detail)
