"""The proxy's faults are what they say: a fault that does nothing would make every test behind it green."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.support.proxy import Proxy, proxied

HOST = "127.0.0.1"
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1024):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def echoing() -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo, HOST, 0)
    async with server, proxied(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


async def line(proxy: Proxy) -> Line:
    return await asyncio.open_connection(HOST, proxy.port)


async def said(to: Line, text: bytes) -> bytes:
    """What comes back within a moment; nothing at the end of the connection."""
    reader, writer = to
    writer.write(text)
    async with asyncio.timeout(0.5):
        return await reader.read(1024)


async def test_what_is_healthy_passes_both_ways_and_ends() -> None:
    async with echoing() as proxy:
        reader, writer = to = await line(proxy)
        assert await said(to, b"hello") == b"hello"
        writer.close()
        assert await reader.read() == b"" and proxy.cuts == 0


async def test_latency_delays_both_ways() -> None:
    async with echoing() as proxy:
        proxy.latency_seconds = 0.1
        began = time.monotonic()
        assert await said(await line(proxy), b"hello") == b"hello"
        assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize("reset", [True, False])
async def test_an_answer_is_cut_after_so_many_bytes(reset: bool) -> None:
    async with echoing() as proxy:
        proxy.cut_after_back, proxy.reset = 3, reset
        to = await line(proxy)
        try:
            assert await said(to, b"hello") == b"hel"
            rest = await said(to, b"")
        except ConnectionResetError:
            rest = b"reset"
        assert rest == (b"reset" if reset else b"") and proxy.cuts == 1
        proxy.heal()
        assert await said(await line(proxy), b"hello") == b"hello"


async def test_a_request_is_cut_after_so_many_bytes() -> None:
    async with echoing() as proxy:
        proxy.cut_after_forth, proxy.reset = 3, False
        assert await said(await line(proxy), b"hello") in (b"hel", b"")
        assert proxy.cuts == 1


async def test_half_open_swallows_and_tells_nobody() -> None:
    async with echoing() as proxy:
        to = await line(proxy)
        assert await said(to, b"one") == b"one"
        proxy.half_open()
        with pytest.raises(TimeoutError):
            await said(to, b"two")
        assert proxy.swallowed == 3 and proxy.connections == 1
        proxy.heal()
        with pytest.raises(ConnectionResetError):
            await said(to, b"three")
        assert await said(await line(proxy), b"four") == b"four"


async def test_a_forgotten_connection_stays_half_open_and_a_new_one_is_served() -> None:
    async with echoing() as proxy:
        old = await line(proxy)
        assert await said(old, b"one") == b"one"
        proxy.forget()
        assert await said(await line(proxy), b"two") == b"two"
        with pytest.raises(TimeoutError):
            await said(old, b"three")


async def test_refused_until_healed() -> None:
    async with echoing() as proxy:
        to = await line(proxy)
        assert await said(to, b"one") == b"one"
        proxy.refuse()
        for other in (to, await line(proxy)):
            with pytest.raises(ConnectionError):
                assert await said(other, b"two") == b"two", "closed"
                raise ConnectionResetError
        proxy.heal()
        assert await said(await line(proxy), b"three") == b"three"
