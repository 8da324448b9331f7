"""The greedy and the slow of `load`, in a process of their own with low priority: what is measured is the service, not
how busy its measuring client is.

`python -m tests.abuse.crowd` reads its orders as JSON and prints what it was answered."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from deploy.local.ports import HOST

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
STARTS_WITHIN = 1.0
"""All of them at one moment would be another attack: a full queue of connections."""


async def pause(seconds: float) -> None:
    """A pace, which is what these clients are made of; no test waits for anything by it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().create_future()


async def answer(reader: asyncio.StreamReader) -> int:
    """The status of one answer, read to its end. Raises ConnectionError where it was cut."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        for one in head.lower().split(b"\r\n"):
            if one.startswith(b"content-length:"):
                await reader.readexactly(int(one.split(b":")[1]))
        return int(head.split(None, 2)[1])
    except asyncio.IncompleteReadError:
        raise ConnectionError("the answer was cut") from None


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        yield reader, writer
    finally:
        writer.close()


@dataclass
class Crowd:
    """What the clients do until the end, and what came of it."""

    ports: list[int]
    ends_at: float
    said: Counter[str] = field(default_factory=Counter)

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends_at

    async def greedy(self, n: int, many: int, request: str) -> None:
        """As fast as it is answered, whatever the answer asks for."""
        await pause(STARTS_WITHIN * n / many)
        while not self.is_over:
            try:
                async with connected(self.ports[n % len(self.ports)]) as (reader, writer):
                    while not self.is_over:
                        writer.write(request.encode())
                        self.said[str(await answer(reader))] += 1
            except OSError:
                self.said["cut"] += 1
                await pause(0.1)

    async def slow(self, n: int, many: int, head: str) -> None:
        """A byte a second of a head that never ends; when it is closed, again."""
        await pause(STARTS_WITHIN * n / many)
        while not self.is_over:
            try:
                async with connected(self.ports[n % len(self.ports)]) as (reader, writer):
                    writer.write(head.encode())
                    while not self.is_over and not reader.at_eof():
                        writer.write(b"x")
                        with suppress(TimeoutError):
                            async with asyncio.timeout(1):
                                await reader.read(1024)
            except OSError:
                """Closed, as it should be."""
            self.said["slow closed"] += 1


async def main() -> None:
    orders = json.load(sys.stdin)
    crowd = Crowd(orders["ports"], time.monotonic() + orders["seconds"])
    many, slow = orders["clients"], orders["slow"]
    await asyncio.gather(
        *(crowd.greedy(n, many, orders["greedy"]) for n in range(many)),
        *(crowd.slow(n, many, slow[n % len(slow)]) for n in range(many)),
    )
    print(json.dumps(crowd.said))


if __name__ == "__main__":
    os.nice(10)
    asyncio.run(main())
