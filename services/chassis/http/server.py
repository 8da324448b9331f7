"""The HTTP server: requests must arrive within a deadline, and a shutdown ends open streams first."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, Literal

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ..ops import logs
from ..ops.settings import ChassisSettings
from ..ops.traces import OFF, active, trace_id, trace_of
from .exchange import RequestLog
from .problems import problem

GRACE_SECONDS = 5
ABORT_SECONDS = 20
MAX_HEAD_BYTES = 64 * 1024
ANSWER_SECONDS = 1.0
"""The middleware has the same deadline for a body and answers 408; this much later the connection is closed."""


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn waits without limit for the end of a head or a body, and for a client that does not read its answer. This
    closes a connection that sends nothing, one whose head or body is not complete `read_seconds` after its beginning,
    and one that has read nothing for `write_seconds` while an answer waits. A head that never ends is refused by its
    size. A request that arrives in one piece costs no timer, and neither does an answer that is read at once."""

    read_seconds = 30.0
    write_seconds = 30.0
    _refused = RequestLog()
    _stalled: asyncio.TimerHandle | None = None
    _deadline: asyncio.TimerHandle | None = None
    _in_head = False
    _in_request = False
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts the deadline of the first head."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops the deadlines."""
        self._disarm()
        self._unstall()
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

    def send_400_response(self, msg: str) -> None:
        """What was no request is answered as any other refusal: a problem document that names its trace, and a line."""
        traceparent = trace_of(None)
        with active(OFF, traceparent):
            answer = problem(400, "not-http", "Bad request", f"{msg} The connection is closed.")
        headers = [*answer.raw_headers, (b"x-trace-id", trace_id(traceparent).encode()), (b"connection", b"close")]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + head + b"\r\n" + bytes(answer.body))
        self.transport.close()
        line: dict[str, object] = {"method": "(other)", "route": "(none)", "status": 400}
        self._refused.say({"method": "(other)"}, line | {"trace": trace_id(traceparent)}, 400)

    def pause_writing(self) -> None:
        """The client reads more slowly than we write: it has a while to go on."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.write_seconds, self._abort)

    def resume_writing(self) -> None:
        """The client has read what waited."""
        self._unstall()
        super().resume_writing()

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

    def _unstall(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _abort(self) -> None:
        """Throws away what waits: `close` would wait for a client that does not read."""
        self._stalled = None
        self.transport.abort()

    def _close(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


class Server(uvicorn.Server):
    """Calls `begin_shutdown` before it waits for open connections: an open stream would otherwise use up its grace.
    `beside` is a second server in the same loop (that of the operators), which starts and stops with this one."""

    def __init__(
        self, config: uvicorn.Config, begin_shutdown: Callable[[], None], beside: uvicorn.Server | None = None
    ) -> None:
        super().__init__(config)
        self._begin_shutdown, self._beside = begin_shutdown, beside
        self.has_aborted = False

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """As uvicorn's; exits with 3 where a port is taken. What no one awaits is logged as JSON, too."""
        asyncio.get_running_loop().set_exception_handler(logs.loop_error)
        await super().startup(sockets)
        if self._beside is not None:
            self._beside.config.load()
            self._beside.lifespan = self._beside.config.lifespan_class(self._beside.config)
            await self._beside.startup()

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """As uvicorn's, after `begin_shutdown`."""
        self._begin_shutdown()
        await super().shutdown(sockets)
        if self._beside is not None:
            await self._beside.shutdown()

    def abort(self) -> None:
        """Stops as after SIGTERM. If even that hangs, the process is killed after ABORT_SECONDS: that loses nothing."""
        self.has_aborted = self.should_exit = True
        asyncio.get_running_loop().call_later(ABORT_SECONDS, os._exit, 1)


def server(
    app: Any,
    settings: ChassisSettings,
    port: int,
    *,
    begin_shutdown: Callable[[], None],
    operations: Any = None,
    operations_port: int = 0,
) -> Server:
    """A server that is not started yet. `begin_shutdown` is called when it is told to stop, perhaps more than once.
    `operations` is an app for a port of its own."""
    beside = None
    if operations is not None:
        host = settings.operations_host or settings.http_host
        beside = uvicorn.Server(_config(operations, settings, host=host, port=operations_port, lifespan="off"))
    config = _config(app, settings, host=settings.http_host, port=port, lifespan="on")
    return Server(config, begin_shutdown, beside)


def _config(
    app: Any, settings: ChassisSettings, *, host: str, port: int, lifespan: Literal["on", "off"]
) -> uvicorn.Config:
    deadlines = {"read_seconds": settings.read_timeout_seconds, "write_seconds": settings.write_timeout_seconds}
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan=lifespan,
        loop="uvloop",
        http=type("Bounded", (BoundedProtocol,), deadlines),
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        # Longer than pools and proxies keep an idle connection: the side that closes first causes no failed request.
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
