"""The HTTP server: a connection has so long to say what it wants, and a stop ends streams before it waits for them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_SECONDS = 5
GIVE_UP_SECONDS = 20
MOST_HEAD_BYTES = 64 * 1024
ANSWER_SECONDS = 1.0
"""The gate judges a body by the same deadline and answers 408; this closes whom nobody has answered."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn waits for ever for the end of a head or of a body. This closes a connection that says nothing, and one
    whose head or body does not end in time: each has `read_seconds` from its beginning. A head that never ends is
    refused by its size. A request that comes in one piece costs no timer."""

    read_seconds = 30.0
    _deadline: asyncio.TimerHandle | None = None
    _in_head = False
    _in_request = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._disarm()
                self.send_400_response("The head of the request is too large.")
                return
        if not self._in_request:
            self._disarm()
        elif self._deadline is None:
            self._arm()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = self._in_request = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._in_head = False
        self._disarm()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._in_request = False

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(self.read_seconds + ANSWER_SECONDS, self._close)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


class Server(uvicorn.Server):
    """Says that it stops before it waits for open connections: a stream would keep it until its grace is over."""

    def __init__(self, config: uvicorn.Config, take_leave: Callable[[], None]) -> None:
        super().__init__(config)
        self._take_leave = take_leave
        self.has_given_up = False

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        self._take_leave()
        await super().shutdown(sockets)

    def give_up(self) -> None:
        """Stops as if told to. Where even that hangs the process is killed, which loses nothing."""
        self.has_given_up = self.should_exit = True
        asyncio.get_running_loop().call_later(GIVE_UP_SECONDS, os._exit, 1)


def server(app: Any, *, host: str, port: int, read_seconds: float, take_leave: Callable[[], None]) -> Server:
    """Not started yet. `take_leave` is called when it is told to stop, and may be called again."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=type("Bounded", (BoundedProtocol,), {"read_seconds": read_seconds}),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return Server(config, take_leave)
