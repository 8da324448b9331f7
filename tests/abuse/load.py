"""Greedy, slow and ordinary clients at once: do the ordinary ones notice the others?"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil

from .attack import Seen
from .crowd import STARTS_WITHIN, answer, connected, pause
from .verdict import p95
from .world import World

RATIO = 2.0
RATE_PER_SECOND = 50
"""The default of MAGPIE_RATE_PER_SECOND, for each replica."""
NOTICED_SECONDS = 1.0
"""In the short form only: below it the ratio is shown but not judged. Its tests run side by side with others, which
alone make ten milliseconds into thirty; the full form is for a machine of its own, and judges every ratio."""
SATURATED_PERCENT = 95.0


@dataclass
class Ordinary:
    """Clients of organisations of their own that ask about once a second, and what they waited for it."""

    took: list[float] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)

    async def run(self, world: World, id: str, many: int, seconds: float) -> None:
        ends_at = time.monotonic() + STARTS_WITHIN + seconds
        await asyncio.gather(*(self._client(world, id, n, many, ends_at) for n in range(many)))

    async def _client(self, world: World, id: str, n: int, many: int, ends_at: float) -> None:
        paths = ("/v1/profiles", f"/v1/profiles/{id}")
        requests = [world.head(path, f"plain-firm-{n}") + "\r\n" for path in paths]
        await pause(STARTS_WITHIN * n / many)
        async with connected(world.ports("profiles")[n % 2]) as (reader, writer):
            turn = 0
            while (began := time.monotonic()) < ends_at:
                writer.write(requests[turn % 2].encode())
                self.said[str(await answer(reader))] += 1
                # The first one also verifies a token: that costs the same with and without others.
                if turn:
                    self.took.append(time.monotonic() - began)
                turn += 1
                await pause(max(0.0, 1.0 + 0.1 * (n % 5 - 2) - (time.monotonic() - began)))


async def load(world: World) -> Seen:
    id = await world.published("load-firm")
    world.ready()
    alone, together = Ordinary(), Ordinary()
    psutil.cpu_percent()
    await alone.run(world, id, world.clients, max(4.0, world.seconds / 4))
    busy_before = psutil.cpu_percent()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.abuse.crowd", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        others = asyncio.ensure_future(process.communicate(_orders(world)))
        await together.run(world, id, world.clients, world.seconds)
        busy = psutil.cpu_percent()
        output, _ = await others
    finally:
        if process.returncode is None:
            process.kill()
    return _judged(world, alone, together, Counter(json.loads(output)), _machine(busy_before, busy))


def _orders(world: World) -> bytes:
    orders = {
        "ports": world.ports("profiles"),
        "seconds": world.seconds + STARTS_WITHIN,
        "clients": world.clients,
        "greedy": world.head("/v1/profiles", "greedy-firm") + "\r\n",
        "slow": [world.head("/v1/profiles", f"slow-load-{n}") + "X-Slow: " for n in range(10)],
    }
    return json.dumps(orders).encode()


def _machine(before: float, busy: float) -> str:
    """Whether there was any CPU left; if there was none before, the comparison says little about the service."""
    shown = f"CPU {before:.0f}% alone, {busy:.0f}% with all"
    if before > SATURATED_PERCENT:
        return f"{shown}: the machine was saturated even before"
    return f"{shown}: the machine was saturated" if busy > SATURATED_PERCENT else shown


def _judged(world: World, alone: Ordinary, together: Ordinary, others: Counter[str], machine: str) -> Seen:
    before, after = p95(alone.took), p95(together.took)
    ratio = after / before if before else float("inf")
    seen = Seen(
        f"p95 alone {before * 1000:.1f} ms of {len(alone.took)}, with all {after * 1000:.1f} ms of "
        f"{len(together.took)}, ratio {ratio:.1f}; ordinary {dict(together.said)}, others {dict(others)}; {machine}"
    )
    judged = not world.short or after > NOTICED_SECONDS
    seen.expect(not judged or ratio <= RATIO, f"ordinary callers wait {ratio:.1f} times as long, more than {RATIO:.0f}")
    wrong = {status: n for status, n in (alone.said + together.said).items() if status != "200"}
    seen.expect(not wrong and bool(alone.took), f"ordinary callers were answered {wrong or 'nothing'}")
    # A machine that is too slow for the rate that an organisation may have refuses no one.
    allowed = RATE_PER_SECOND * len(world.ports("profiles")) * world.seconds
    seen.expect(others["429"] > 0 or others["200"] < allowed, "the greedy were never told to wait")
    return seen
