"""The HTTP server: requests must arrive within a deadline, and a shutdown ends open streams first."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE_SECONDS = 5
ABORT_SECONDS = 20
MAX_HEAD_BYTES = 64 * 1024
ANSWER_SECONDS = 1.0
"""The middleware has the same deadline for a body and answers 408; this much later the connection is closed."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn waits without limit for the end of a head or a body. This closes a connection that sends nothing, and one
    whose head or body is not complete `read_seconds` after its beginning. A head that never ends is refused by its
    size. A request that arrives in one piece costs no timer."""

    read_seconds = 30.0
    _deadline: asyncio.TimerHandle | None = None
    _in_head = False
    _in_request = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the deadline of the first head."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the deadline."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Closes a connection whose head is too large. A timer runs only while a request is incomplete."""
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._disarm()
                self.send_400_response("The head of the request is too large.")
                return
        if not self._in_request:
            self._disarm()
        elif self._deadline is None:
            self._arm()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = self._in_request = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """The head is complete; a body gets a deadline of its own."""
        super().on_headers_complete()
        self._in_head = False
        self._disarm()

    def on_message_complete(self) -> None:
        """The body is complete."""
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
    """Calls `begin_shutdown` before it waits for open connections: an open stream would otherwise use up its grace."""

    def __init__(self, config: uvicorn.Config, begin_shutdown: Callable[[], None]) -> None:
        super().__init__(config)
        self._begin_shutdown = begin_shutdown
        self.has_aborted = False

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """As uvicorn's, after `begin_shutdown`."""
        self._begin_shutdown()
        await super().shutdown(sockets)

    def abort(self) -> None:
        """Stops as after SIGTERM. If even that hangs, the process is killed after ABORT_SECONDS: that loses nothing."""
        self.has_aborted = self.should_exit = True
        asyncio.get_running_loop().call_later(ABORT_SECONDS, os._exit, 1)


def server(app: Any, *, host: str, port: int, read_seconds: float, begin_shutdown: Callable[[], None]) -> Server:
    """A server that is not started yet. `begin_shutdown` is called when it is told to stop, perhaps more than once."""
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
    return Server(config, begin_shutdown)
