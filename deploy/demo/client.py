"""HTTP client that repeats a request until a service answers. The effect of a repeated request happens once."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx2

PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 0.25
PAGE_SIZE = 100


class GaveUp(Exception):
    """A service gave no final answer within PATIENCE_SECONDS."""


class Refused(Exception):
    """A service refused a request that the forum needs. The message has the status and the problem text."""


@dataclass
class Caller:
    """One person who calls one service. Requests go to its replicas in turn."""

    urls: Sequence[str]
    token: str
    http: httpx2.AsyncClient
    took: list[float]
    """Seconds of each answered request; a list that all callers of this service share."""
    repeats: list[str] = field(default_factory=list)
    """Method and cause of each request that was repeated."""

    def __post_init__(self) -> None:
        self._next = cycle(self.urls)

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        """GET; parameters that are None are left out. Raises GaveUp, as all methods do."""
        return await self._ask("GET", path, params={k: v for k, v in params.items() if v is not None})

    async def put(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """PUT of a JSON body. Headers are keyword arguments with underscores: `If_Match=...`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask("PUT", path, json=body, headers=named)

    async def post(self, path: str, body: Any = None) -> httpx2.Response:
        """POST with a new Idempotency-Key, so that a repetition has no second effect."""
        # One key for all tries of this request: the service answers a repetition with the stored answer.
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return await self._ask("POST", path, json=body, headers=key)

    async def post_file(self, path: str, text: str, media_type: str) -> dict[str, Any]:
        """POST of a file, with a new Idempotency-Key. Raises Refused, GaveUp."""
        headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": media_type}
        return expect_body(await self._ask("POST", path, headers=headers, content=text.encode()), 200)

    async def all_pages(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """The items of all pages of a list. Raises Refused, GaveUp."""
        items: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = expect_body(await self.get(path, **params, limit=PAGE_SIZE, cursor=cursor), 200)
            items += page["items"]
            cursor = page.get("next")
            if cursor is None:
                return items

    async def _ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx2.Response:
        end, failure = time.monotonic() + PATIENCE_SECONDS, "nothing"
        head = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if more.get("json", ...) is None:
            del more["json"]
        while time.monotonic() < end:
            asked_at = time.monotonic()
            try:
                answer = await self.http.request(method, next(self._next) + path, headers=head, **more)
            except httpx2.TransportError as error:
                failure = type(error).__name__
            else:
                self.took.append(time.monotonic() - asked_at)
                # Retry-After: too many requests, or a 404 because an event has not reached this service yet.
                if answer.status_code != 503 and "Retry-After" not in answer.headers:
                    return answer
                failure = str(answer.status_code)
            # A lost connection says nothing about the effect: the request may have been carried out.
            self.repeats.append(f"{method} {failure}")
            await asyncio.sleep(PAUSE_SECONDS)
        raise GaveUp(f"{method} of {path.split('?')[0]}: no answer for {PATIENCE_SECONDS:.0f} s, last: {failure}")


def expect_body(answer: httpx2.Response, *statuses: int) -> dict[str, Any]:
    """The JSON body of an answer whose status is one of `statuses`. Raises Refused for any other status."""
    if answer.status_code not in statuses:
        raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body
