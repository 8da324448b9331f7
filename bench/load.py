"""A cheap HTTP client: raw HTTP/1.1 on open connections, so that the figures show the service and not the client."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """Status, headers with names in lower case, and body of an HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Connection:
    """One client with one connection, for one request at a time."""

    def __init__(self, url: str, token: str) -> None:
        """`url` is the base URL of the service. The connection is opened by the first request."""
        self._host, self._port = urlsplit(url).hostname or "", urlsplit(url).port or 80
        self._head = f"Host: {self._host}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Sends a request with a JSON body. Headers are keyword arguments with underscores: `If_Match=...`."""
        if self._streams and self._streams[0].at_eof():
            self.close()  # the server closes a connection that was idle for some seconds; on a slow machine they pass
        reader, writer = self._streams = self._streams or await asyncio.open_connection(self._host, self._port)
        payload = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path} HTTP/1.1\r\n{self._head}{more}Content-Length: {len(payload)}\r\n\r\n"
        writer.write(head.encode() + payload)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        found = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
        content = await reader.readexactly(int(found.get("content-length", 0)))
        return Answer(int(lines[0].split()[1]), found, content)

    def close(self) -> None:
        """Closes the connection. The next request opens it again."""
        streams, self._streams = self._streams, None
        if streams:
            streams[1].close()


@dataclass(frozen=True)
class Load:
    """Requests per second of all clients, and percentiles of their latency."""

    per_second: float
    p50_ms: float
    p95_ms: float


async def run_load(clients: list[Callable[[], Awaitable[None]]], *, warm: float, seconds: float) -> Load:
    """Every client repeats its request without a pause. Requests of the first `warm` seconds do not count."""
    begin, end = time.monotonic() + warm, time.monotonic() + warm + seconds
    took: list[float] = []

    async def repeat(act: Callable[[], Awaitable[None]]) -> None:
        while (before := time.monotonic()) < end:
            await act()
            if before >= begin:
                took.append(time.monotonic() - before)

    await asyncio.gather(*(repeat(act) for act in clients))
    return Load(len(took) / seconds, percentile_ms(took, 50), percentile_ms(took, 95))


def percentile_ms(values: list[float], percent: int) -> float:
    """A percentile of values in seconds, in milliseconds; NaN if there are none."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] * 1000, 1) if ordered else float("nan")
