"""A real server on loopback that speaks OpenAI's chat completions, and misbehaves on demand."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

Send = Callable[[dict[str, Any]], Awaitable[None]]


def said(content: Any, finish_reason: str = "stop") -> bytes:
    """An answer as the API gives it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": finish_reason}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


@dataclass(frozen=True)
class Reply:
    """`hangs`: the headers never come. `endless`: the body never ends."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    endless: bool = False


@dataclass
class Completions:
    """Gives its replies in turn, then answers by `otherwise`; keeps what it was asked and by whom."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    otherwise: Callable[[dict[str, Any]], Reply] = lambda asked: Reply(said("번역"))
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await _body(receive)
        self.asked.append(body)
        self.paths.append(scope["path"])
        self.keys.append(dict(scope["headers"]).get(b"authorization", b"").decode())
        reply = self.replies.pop(0) if self.replies else self.otherwise(body)
        if reply.hangs:
            await receive()  # until the client has had enough
            return
        headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        if reply.endless:
            await endless(receive, send)
            return
        await send({"type": "http.response.body", "body": reply.body})


async def _body(receive: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    read = bytearray()
    while True:
        part = await receive()
        read += part.get("body", b"")
        if not part.get("more_body"):
            return dict(json.loads(read))


async def endless(receive: Callable[[], Awaitable[Any]], send: Send) -> None:
    gone = asyncio.ensure_future(receive())
    while not gone.done():
        await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        await asyncio.wait({gone}, timeout=0.001)


@asynccontextmanager
async def completions() -> AsyncIterator[Completions]:
    listening = socket.create_server(("127.0.0.1", 0))
    app = Completions(f"http://127.0.0.1:{listening.getsockname()[1]}/v1")
    async with serving_on(listening, app):
        yield app


@asynccontextmanager
async def serving_on(listening: socket.socket, app: Any, **options: Any) -> AsyncIterator[None]:
    """An ASGI application in the test's own loop, at a socket that it takes over."""
    quiet: dict[str, Any] = {"log_config": None, "access_log": False, "lifespan": "off", "timeout_graceful_shutdown": 1}
    config = uvicorn.Config(app, **(quiet | options))
    server = uvicorn.Server(config)
    # The test's own signal handlers stay: `_serve` is what `serve` does inside of its own.
    serving = asyncio.ensure_future(server._serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
        listening.close()
