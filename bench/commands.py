"""Commands by HTTP at 48 clients, spread over as many aggregates and all at one, against what people write."""

from __future__ import annotations

import asyncio
import statistics
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from deploy.local.ports import HOST, free_port
from deploy.local.processes import Child
from deploy.local.system import Servers
from services.chassis.tokens import mint

from .durable import start
from .load import Connection, Load, sustained
from .world import arrived, make_topics

CLIENTS = 48
WARM_SECONDS, SECONDS = 1.5, 5.0
VARIANTS = ("naive", "magpie")
NOTE = "x" * 400


async def compare(servers: Servers, *, repeats: int) -> dict[str, dict[bool, float]]:
    """Commands a second by variant and by whether they are all at one aggregate: medians of interleaved repeats."""
    found: dict[tuple[str, bool], list[float]] = {(v, hot): [] for v in VARIANTS for hot in (False, True)}
    for repeat in range(repeats):
        for variant in VARIANTS:
            for hot, load in (await once(servers, variant)).items():
                found[variant, hot].append(load.per_second)
                where = "one aggregate" if hot else "spread"
                print(
                    f"  {repeat + 1}. {variant:8} {where:14} {load.per_second:6.0f}/s, "
                    f"p50 {load.p50_ms} ms, p95 {load.p95_ms} ms",
                    flush=True,
                )
    return {v: {hot: statistics.median(found[v, hot]) for hot in (False, True)} for v in VARIANTS}


async def once(servers: Servers, variant: str) -> dict[bool, Load]:
    prefix, port = f"c{uuid.uuid4().hex[:6]}", free_port()
    await make_topics(servers.bootstrap, [f"{prefix}.counters.v1"])
    child = start(servers, variant, prefix, module="commanded", port=port)
    try:
        await _ready(child, port)
        token = mint(org="bench", role="participant", state_dir=_state(servers))
        connections = [Connection(f"http://{HOST}:{port}", token) for _ in range(CLIENTS)]
        loads = {}
        for hot in (False, True):
            acts = [_adding(c, "hot" if hot else f"c{n}") for n, c in enumerate(connections)]
            loads[hot] = await sustained(acts, warm=WARM_SECONDS, seconds=SECONDS)
        await arrived(servers.bootstrap, f"{prefix}.counters.v1", 1000)
        for connection in connections:
            connection.close()
        return loads
    finally:
        child.stop()


def _state(servers: Servers) -> Path:
    return servers.kafka.directory.parent


async def _ready(child: Child, port: int) -> None:
    probe = Connection(f"http://{HOST}:{port}", "")
    async with asyncio.timeout(30):
        while True:
            try:
                if (await probe.ask("GET", "/readyz")).status == 200:
                    break
            except OSError:
                assert child.is_running, child.tail()
            await asyncio.sleep(0.1)
    probe.close()


def _adding(connection: Connection, counter: str) -> Callable[[], Awaitable[None]]:
    async def add() -> None:
        answer = await connection.ask("POST", f"/v1/counters/{counter}", {"amount": 1, "note": NOTE})
        assert answer.status == 200, answer.body

    return add
