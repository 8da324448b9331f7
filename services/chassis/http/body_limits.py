"""How large a body may be: the same for all routes, and more where a route takes a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.routing import compile_path

MAX_LARGE = 8
"""Larger bodies that a replica holds in memory at the same time, in all."""
MAX_LARGE_OF_ORG = 2


@dataclass(frozen=True, slots=True)
class LargeBody:
    """A file that may be larger than other bodies. `path` is the template of its route."""

    method: str
    path: str
    media_type: str
    max_bytes: int


class TooManyLarge(Exception):
    """As many larger bodies are being worked on as may be."""


@dataclass(slots=True)
class BodyPlace:
    """How much one request may send. It keeps its place from its first byte to its answer."""

    max_bytes: int
    limits: BodyLimits | None = None
    org: str = ""

    def leave(self) -> None:
        """Gives the place to others."""
        if self.limits is not None:
            self.limits.leave(self.org)
            self.limits = None


class BodyLimits:
    """Counts the larger bodies: a rate alone would let in more of them than the memory of a process holds."""

    def __init__(self, max_bytes: int, large: Sequence[LargeBody] = ()) -> None:
        self._max_bytes = max_bytes
        self._large = [(body, compile_path(body.path)[0]) for body in large]
        self._held: dict[str, int] = {}

    def take(self, org: str, scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> BodyPlace:
        """The place of a request; `leave` must follow. Raises TooManyLarge."""
        media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
        for body, path in self._large:
            if (scope["method"], media_type) == (body.method, body.media_type) and path.match(scope["path"]):
                self._enter(org)
                return BodyPlace(max(body.max_bytes, self._max_bytes), self, org)
        return BodyPlace(self._max_bytes)

    def leave(self, org: str) -> None:
        """One of an organisation's larger bodies is done with."""
        left = self._held.pop(org) - 1
        if left:
            self._held[org] = left

    def _enter(self, org: str) -> None:
        if self._held.get(org, 0) >= MAX_LARGE_OF_ORG or sum(self._held.values()) >= MAX_LARGE:
            raise TooManyLarge
        self._held[org] = self._held.get(org, 0) + 1
