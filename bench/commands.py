"""HTTP commands of 48 clients, on 48 aggregates and on a single one, for both variants of counter_service."""

from __future__ import annotations

import asyncio
import statistics
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from deploy.local.ports import HOST, free_port
from deploy.local.processes import Child
from deploy.local.system import Servers
from services.chassis.tokens import mint

from .durable import start_variant
from .load import Connection, run_load
from .processes import cpu_seconds
from .world import create_topics

CLIENTS = 48
WARM_SECONDS, SECONDS = 0.5, 2.5
VARIANTS = ("naive", "magpie")
NOTE = "x" * 400


@dataclass
class Service:
    """A running variant and its figures, by whether all clients used the same aggregate (`hot`)."""

    child: Child
    connections: list[Connection]
    rates: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    cpu_ms: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})
    p95_ms: dict[bool, list[float]] = field(default_factory=lambda: {False: [], True: []})

    async def measure(self, servers: Servers, *, hot: bool) -> None:
        """One run; its figures are added to those of earlier runs."""
        requests = [_add_request(c, "hot" if hot else f"c{n}") for n, c in enumerate(self.connections)]
        pids = (self.child.pid, servers.kafka.pid, servers.mongo.pid)
        before = cpu_seconds(pids)
        load = await run_load(requests, warm=WARM_SECONDS, seconds=SECONDS)
        count = load.per_second * (WARM_SECONDS + SECONDS)  # the CPU includes the warm-up, so the requests do, too
        self.cpu_ms[hot].append((cpu_seconds(pids) - before) / count * 1000)
        self.rates[hot].append(load.per_second)
        self.p95_ms[hot].append(load.p95_ms)


async def compare(servers: Servers, *, repeats: int) -> dict[str, Any]:
    """Medians for both variants. Both run all the time and are measured in turn, each time for a few seconds: so other
    load on the machine affects both."""
    running: dict[str, Service] = {}
    try:
        for variant in VARIANTS:
            running[variant] = await _start(servers, variant)
        for _ in range(repeats):
            for hot in (False, True):
                for service in running.values():
                    await service.measure(servers, hot=hot)
    finally:
        for service in running.values():
            for connection in service.connections:
                connection.close()
            service.child.stop()
    found: dict[str, Any] = {}
    for hot, name in ((False, "commands"), (True, "hot_commands")):
        rates = {variant: statistics.median(service.rates[hot]) for variant, service in running.items()}
        for variant, service in running.items():
            print(
                f"  {name:12} {variant:8} {rates[variant]:6.0f}/s, "
                f"p95 {statistics.median(service.p95_ms[hot]):.1f} ms, "
                f"CPU ms a command {statistics.median(service.cpu_ms[hot]):.2f}   "
                f"({', '.join(f'{rate:.0f}' for rate in service.rates[hot])})",
                flush=True,
            )
        found[f"{name}_per_second"] = round(rates["magpie"])
        found[f"{name}_over_naive"] = round(rates["magpie"] / rates["naive"], 2)
        found[f"{name}_cpu_ratio"] = round(
            statistics.median(running["magpie"].cpu_ms[hot]) / statistics.median(running["naive"].cpu_ms[hot]), 2
        )
    return found


async def _start(servers: Servers, variant: str) -> Service:
    prefix, port = f"c{uuid.uuid4().hex[:6]}", free_port()
    await create_topics(servers.bootstrap, [f"{prefix}.counters.v1"])
    child = start_variant(servers, variant, prefix, module="counter_service", port=port)
    await _wait_until_ready(child, port)
    state, url = servers.kafka.directory.parent, f"http://{HOST}:{port}"
    tokens = [mint(org=f"bench-{n}", role="participant", state_dir=state) for n in range(CLIENTS)]
    return Service(child, [Connection(url, token) for token in tokens])


async def _wait_until_ready(child: Child, port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            probe = Connection(f"http://{HOST}:{port}", "")
            try:
                if (await probe.ask("GET", "/readyz")).status == 200:
                    return
            except OSError:
                assert child.is_running, child.tail()
            finally:
                probe.close()
            await asyncio.sleep(0.1)


def _add_request(connection: Connection, counter: str) -> Callable[[], Awaitable[None]]:
    async def add() -> None:
        answer = await connection.ask("POST", f"/v1/counters/{counter}", {"amount": 1, "note": NOTE})
        assert answer.status == 200, answer.body

    return add
