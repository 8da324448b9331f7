"""A real HTTP server on loopback that receives webhooks, and answers as a test wants."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.completions import Reply, Send, endless, serving_on

OK = Reply(status=204)


@dataclass(frozen=True)
class Received:
    """A request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def place(self) -> tuple[str, int]:
        """Key and sequence."""
        return self.event["partitionkey"], int(self.event["sequence"])


@dataclass
class Receiver:
    """Keeps what it gets. `answer` may be replaced at any time."""

    url: str
    answer: Callable[[Received], Reply] = lambda received: OK
    received: list[Received] = field(default_factory=list)

    @property
    def places(self) -> list[tuple[str, int]]:
        return [received.place for received in self.received]

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        received = Received(scope["path"], headers, body)
        self.received.append(received)
        reply = self.answer(received)
        if reply.hangs:
            await receive()
            return
        fields = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": fields})
        if reply.endless:
            await endless(receive, send)
            return
        await send({"type": "http.response.body", "body": reply.body})


@asynccontextmanager
async def receiver(**options: Any) -> AsyncIterator[Receiver]:
    """Receives inside. `options` are uvicorn's, certificates for example."""
    listening = socket.create_server(("127.0.0.1", 0))
    scheme = "https" if "ssl_certfile" in options else "http"
    app = Receiver(f"{scheme}://127.0.0.1:{listening.getsockname()[1]}/hook")
    async with serving_on(listening, app, **options):
        yield app
