"""Speaks to a service like a patient person: what was not answered is asked again, and has its effect once."""

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
PAGE = 100


class GaveUp(Exception):
    """A service did not answer for as long as anybody would wait."""


class Refused(Exception):
    """The platform said no where the forum counted on a yes."""


@dataclass
class Caller:
    """One person at one service; any replica will do."""

    urls: Sequence[str]
    token: str
    http: httpx2.AsyncClient
    took: list[float]
    """Seconds of each answered request; shared by all who speak to this service."""
    repeats: list[str] = field(default_factory=list)
    """What had to be asked again, and why."""

    def __post_init__(self) -> None:
        self._next = cycle(self.urls)

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self._ask("GET", path, params={k: v for k, v in params.items() if v is not None})

    async def put(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """`If_Match` and the like."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self._ask("PUT", path, json=body, headers=named)

    async def post(self, path: str, body: Any = None) -> httpx2.Response:
        """With an Idempotency-Key of its own: asking again does nothing twice."""
        key = {"Idempotency-Key": str(uuid.uuid4())}
        return await self._ask("POST", path, json=body, headers=key)

    async def all_pages(self, path: str, **params: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = expected(await self.get(path, **params, limit=PAGE, cursor=cursor), 200)
            items += page["items"]
            cursor = page.get("next")
            if cursor is None:
                return items

    async def _ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx2.Response:
        end, said = time.monotonic() + PATIENCE_SECONDS, "nothing"
        head = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        if more.get("json", ...) is None:
            del more["json"]
        while time.monotonic() < end:
            asked_at = time.monotonic()
            try:
                answer = await self.http.request(method, next(self._next) + path, headers=head, **more)
            except httpx2.TransportError as error:
                said = type(error).__name__
            else:
                self.took.append(time.monotonic() - asked_at)
                if answer.status_code != 503 and "Retry-After" not in answer.headers:
                    return answer
                said = str(answer.status_code)
            self.repeats.append(f"{method} {said}")
            await asyncio.sleep(PAUSE_SECONDS)
        raise GaveUp(f"{method} of {path.split('?')[0]}: no answer for {PATIENCE_SECONDS:.0f} s, last: {said}")


def expected(answer: httpx2.Response, *statuses: int) -> dict[str, Any]:
    """The body of an answer that the forum counts on. Raises Refused."""
    if answer.status_code not in statuses:
        raise Refused(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body
