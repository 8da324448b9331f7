"""Connections that are held: by not reading, by streams, by slowness."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from contextlib import suppress

import psutil

from deploy.local.ports import HOST
from tests.support.profiles import entry, korean
from tests.support.two_sides import a_recipient
from tests.support.waiting import eventually

from .attack import Seen
from .world import World, plain

WRITE_SECONDS = 3
"""MAGPIE_WRITE_TIMEOUT_SECONDS of the run: the default of 30 would only make it longer."""
REQUESTS = 200
"""Of each connection: their answers are more than the kernel takes in place of a reader, so some wait in it."""
ESTABLISHED = 1
"""The first byte of TCP_INFO; any other state means that the other side has closed or aborted."""
STREAMS, MOST_STREAMS = 50, 5


def is_open(line: socket.socket) -> bool:
    """Asked of the kernel, because reading would be just what this client does not do."""
    return line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED


async def answers_unread(world: World) -> Seen:
    big, many = await _big_profiles(world)
    world.ready()
    seen, service, loop = Seen(), world.system.services["profiles"][0], asyncio.get_running_loop()
    lines, sending = [], []
    for n in range(12):
        heads = [world.head(path, f"mute-firm-{n}") for path in ("/v1/profiles?limit=100", f"/v1/profiles/{big}")]
        lines.append(plain(service.port, receive_buffer=4096))
        text = "".join(head + "\r\n" for head in heads) * (REQUESTS // 2)
        sending.append(asyncio.ensure_future(loop.sock_sendall(lines[-1], text.encode())))
    began = time.monotonic()
    closed = await closing(service.pid, lines, 5 * WRITE_SECONDS + 10)
    seen.expect(closed == len(lines), f"only {closed} of {len(lines)} connections were closed")
    seen.text = f"{many} profiles; {closed} of {len(lines)} closed after {time.monotonic() - began:.1f} s"
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)
    for line in lines:
        line.close()
    return seen


async def _big_profiles(world: World) -> tuple[str, int]:
    """One of them with as much text as three lists; a list shows only the beginnings of three texts of each."""
    long = [entry("technology", f"{n} " + "가나다라마바사 " * 240) for n in range(10)]
    big, many = await world.published("big-firm", korean(offers=long)), world.many(100, 12)
    short = [entry("technology", f"{n} " + "가나다라마바사 " * 20) for n in range(3)]
    for n in range(many - 1):
        await world.published(f"large-firm-{n % 10}", korean(offers=short))
    with suppress(AssertionError):  # on a slow machine some are encoded later, which only makes memory look worse
        await eventually(lambda: _embedded(world, many), "the profiles are in matching", world.many(60, 5))
    return big, many


async def _embedded(world: World, many: int) -> bool:
    """Encoding texts takes memory too, and is not what is measured here."""
    waiting = await world.found("matching", "jobs", {"kind": {"$in": ["embed", "propose"]}})
    return len(await world.found("matching", "profiles", {"state": "published"})) >= many and not waiting


async def closing(pid: int, lines: list[socket.socket], seconds: float) -> int:
    """How many of them the service has closed, at the latest by then.

    Asked of the service's own process: a close cannot be told to a client whose window is full."""
    mine = {line.getsockname()[1] for line in lines}

    def held() -> int:
        found = psutil.Process(pid).net_connections(kind="tcp4")
        return sum(one.raddr.port in mine for one in found if one.raddr)

    with suppress(AssertionError):
        await eventually(lambda: not held(), "all are closed", seconds)
    return len(lines) - held()


async def streams(world: World) -> Seen:
    id = await world.published("stream-firm")
    member = await world.client("notifications", "stream-firm", sub="kim-1")

    async def is_in() -> bool:
        answer = await member.put("/v1/recipients/kim-1", json=a_recipient(id))
        return answer.status_code in (200, 201)

    await eventually(is_in, "the member is registered")
    world.ready()
    text = world.head("/v1/recipients/kim-1/inbox/stream", "stream-firm", sub="kim-1") + "\r\n"
    ports = [port for port in world.ports("notifications") for _ in range(STREAMS // 2)]
    lines = [await asyncio.open_connection(HOST, port) for port in ports]
    try:
        found = Counter(zip(ports, await asyncio.gather(*(_status(*line, text) for line in lines)), strict=True))
        began = time.monotonic()
        other = await (await world.client("notifications", "other-firm", sub="lee-1")).get("/v1/recipients/lee-1")
        took = (time.monotonic() - began) * 1000
    finally:
        for _, writer in lines:
            writer.close()
    return _judged_streams(found, ports, other.status_code, took)


def _judged_streams(found: Counter[tuple[int, int]], ports: list[int], other: int, took: float) -> Seen:
    opened = [found[port, 200] for port in sorted(set(ports))]
    refused = sum(n for (_, status), n in found.items() if status == 429)
    seen = Seen(f"open {opened} of {STREAMS // 2} a replica, 429 {refused}; another caller {other} in {took:.0f} ms")
    seen.expect(all(n <= MOST_STREAMS for n in opened), f"a member has {max(opened)} streams at a replica")
    seen.expect(min(opened) > 0, "no stream was opened at all")
    seen.expect(sum(opened) + refused == STREAMS, f"other answers: {dict(found)}")
    seen.expect(other == 404, f"another caller was answered {other}, not 404")
    return seen


async def _status(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: str) -> int:
    writer.write(text.encode())
    async with asyncio.timeout(20):
        return int((await reader.readline()).split()[1])


async def slowness(world: World) -> Seen:
    heads = [world.head("/v1/profiles", f"slow-firm-{n}", method="POST") for n in range(10)]
    texts = [head + rest for head in heads for rest in ("X-Slow: ", "Content-Length: 9000\r\n\r\n")]
    ports = world.ports("profiles")
    lines = [plain(ports[n % 2], texts[n % len(texts)]) for n in range(100)]
    client, seen = await world.client("profiles", "quick-firm"), Seen()
    took, said = list[float](), Counter[int]()
    try:
        for _ in range(30):
            for line in lines:
                with suppress(OSError):
                    line.send(b"x")
            began = time.monotonic()
            said[(await client.get("/v1/profiles")).status_code] += 1
            took.append((time.monotonic() - began) * 1000)
        held = sum(is_open(line) for line in lines)
    finally:
        for line in lines:
            line.close()
    seen.text = f"{held} held open; another caller {dict(said)}, {max(took):.0f} ms at most"
    seen.expect(set(said) == {200}, f"another caller was answered {dict(said)}")
    seen.expect(held > 50, "the attack did not hold its connections")
    return seen
