"""A network that can fail: a TCP proxy before a real server, which delays, cuts, resets, swallows or refuses."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CHUNK = 65_536
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time to linger: closing throws away what is unsent and answers RST."""


@dataclass(eq=False)
class Connection:
    """One client's way to the server and back."""

    to_client: asyncio.StreamWriter
    to_server: asyncio.StreamWriter
    forth: int = 0
    """Bytes that the server was sent."""
    back: int = 0
    """Bytes that the client was answered."""
    forgotten: bool = False

    def end(self, *, reset: bool) -> None:
        for writer in (self.to_client, self.to_server):
            if not reset:
                writer.close()
                continue
            if (found := writer.get_extra_info("socket")) is not None:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()


@dataclass(eq=False)
class Proxy:
    """What goes through is as the switches say at that moment; they may be changed at any time, and `heal` sets them
    back. It counts, so that a test can say that its fault took place."""

    host: str
    upstream_port: int
    port: int = 0
    latency_seconds: float = 0.0
    """Each piece waits so long, in both directions."""
    cut_after_forth: int | None = None
    """A connection ends once the server was sent so many bytes, before the next ones."""
    cut_after_back: int | None = None
    """A connection ends once the client was answered so many bytes, before the next ones: 0 loses every answer."""
    reset: bool = True
    """A cut is an RST; otherwise a FIN."""
    accepted: int = 0
    cuts: int = 0
    swallowed: int = 0
    """Bytes that vanished while it was half open."""
    _open: set[Connection] = field(default_factory=set)
    _pumps: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _forth_flows: bool = True
    _back_flows: bool = True
    _refuses: bool = False

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def connections(self) -> int:
        return len(self._open)

    # -- faults

    def half_open(self, *, forth: bool = True, back: bool = True) -> None:
        """Nobody is told, and nothing arrives any more in the directions named: what is sent vanishes, as behind a
        firewall that has forgotten the connection. Such a stream has a hole, so `heal` ends it."""
        self._forth_flows, self._back_flows = not forth, not back

    def forget(self) -> None:
        """Every connection is half open from now on, for ever; new ones are served."""
        for connection in self._open:
            connection.forgotten = True

    def refuse(self) -> None:
        """Ends every connection, and each new one at once."""
        self._refuses = True
        self.drop()

    def drop(self) -> None:
        """Ends every connection now; new ones are served."""
        for connection in list(self._open):
            self._cut(connection)

    def heal(self) -> None:
        """A network without faults, for new connections; one that has lost bytes is not given back."""
        if not (self._forth_flows and self._back_flows):
            self.drop()
        self.latency_seconds, self.cut_after_forth, self.cut_after_back = 0.0, None, None
        self._forth_flows = self._back_flows = True
        self._refuses = False

    def _cut(self, connection: Connection) -> None:
        if connection in self._open:
            self._open.discard(connection)
            self.cuts += 1
            connection.end(reset=self.reset)

    # -- traffic

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._pumps):
            task.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        for connection in list(self._open):
            connection.end(reset=True)
        self._open.clear()

    async def _accept(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            if self._refuses:
                raise ConnectionRefusedError
            from_server, to_server = await asyncio.open_connection(self.host, self.upstream_port)
        except OSError:
            to_client.transport.abort()
            return
        connection = Connection(to_client, to_server)
        self._open.add(connection)
        for pump in (self._forth(connection, from_client), self._back(connection, from_server)):
            task = asyncio.ensure_future(pump)
            self._pumps.add(task)
            task.add_done_callback(self._pumps.discard)

    async def _forth(self, connection: Connection, reader: asyncio.StreamReader) -> None:
        while data := await self._next(connection, reader):
            if connection.forgotten or not self._forth_flows:
                self.swallowed += len(data)
                continue
            passing = _room(data, connection.forth, self.cut_after_forth)
            connection.forth += len(passing)
            if not await self._write(connection, connection.to_server, passing) or len(passing) < len(data):
                self._cut(connection)
                return
        self._finish(connection)

    async def _back(self, connection: Connection, reader: asyncio.StreamReader) -> None:
        while data := await self._next(connection, reader):
            if connection.forgotten or not self._back_flows:
                self.swallowed += len(data)
                continue
            passing = _room(data, connection.back, self.cut_after_back)
            connection.back += len(passing)
            if not await self._write(connection, connection.to_client, passing) or len(passing) < len(data):
                self._cut(connection)
                return
        self._finish(connection)

    async def _next(self, connection: Connection, reader: asyncio.StreamReader) -> bytes:
        """What came, after the latency; nothing when the connection is at its end."""
        try:
            data = await reader.read(CHUNK)
            if data and self.latency_seconds:
                await asyncio.sleep(self.latency_seconds)
        except OSError:
            return b""
        return data if connection in self._open else b""

    async def _write(self, connection: Connection, writer: asyncio.StreamWriter, data: bytes) -> bool:
        try:
            if connection in self._open and data:
                writer.write(data)
                await writer.drain()
        except OSError:
            return False
        return connection in self._open

    def _finish(self, connection: Connection) -> None:
        """One side has said goodbye; while half open the other one never hears of it."""
        if connection in self._open and self._forth_flows and self._back_flows:
            self._open.discard(connection)
            connection.end(reset=False)


def _room(data: bytes, passed: int, most: int | None) -> bytes:
    return data if most is None else data[: max(0, most - passed)]


@asynccontextmanager
async def proxied(upstream_port: int, *, host: str = "127.0.0.1") -> AsyncIterator[Proxy]:
    """A proxy before a server of this machine, on a port of its own."""
    proxy = Proxy(host, upstream_port)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
