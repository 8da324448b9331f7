"""Event in -> effect in MongoDB -> event out on Kafka, at saturation: each variant in turn, several times."""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import free_port
from deploy.local.processes import Child
from deploy.local.system import Servers

from .peers.environment import peer_python
from .processes import cpu_seconds
from .world import PARTITIONS, create_topics, fill, wait_for_records

BATCH = 1000
EVENT_COUNTS = {"naive": 2500, "at_least_once": 2000, "workers4": 3000, "quix": 40_000, "magpie": 40_000}
"""Events by variant: each takes some seconds, so that its start does not count much. `quix` keeps its effects in
RocksDB with a changelog topic, exactly once; the others keep them in MongoDB."""


@dataclass(frozen=True)
class Figures:
    """Messages per second, and CPU milliseconds per message of the service, Kafka and mongod."""

    rate: float
    cpu_ms: tuple[float, float, float]

    @property
    def cpu_total_ms(self) -> float:
        """CPU milliseconds per message of all processes together."""
        return sum(self.cpu_ms)


async def measure_once(
    servers: Servers,
    variant: str,
    *,
    count: int = 0,
    batch: int = BATCH,
    partitions: int = PARTITIONS,
    replicas: int = 1,
) -> Figures:
    """One run of `count` events (0: as in EVENT_COUNTS) through `replicas` processes of a variant.

    The topic is filled before the service starts. The clock runs from the first to the last event out, as a reader of
    committed records sees them: so the start of the process does not count."""
    prefix, count = f"b{uuid.uuid4().hex[:6]}", count or EVENT_COUNTS[variant]
    effects = f"{prefix}.effects.v1"
    await create_topics(
        servers.bootstrap, [f"{prefix}.orders.v1", effects, f"{prefix}.dlq.bench"], partitions=partitions
    )
    await fill(servers.bootstrap, f"{prefix}.orders.v1", count)
    children = [start_variant(servers, variant, prefix, batch=batch) for _ in range(replicas)]
    try:
        # The clock starts when the first event is out: imports and joining the group are not part of the rate.
        await wait_for_records(servers.bootstrap, effects, 1, partitions=partitions)
        pids = ([child.pid for child in children], [servers.kafka.pid], [servers.mongo.pid])
        before, began = [cpu_seconds(part) for part in pids], time.monotonic()
        await wait_for_records(servers.bootstrap, effects, count, partitions=partitions)
        took = time.monotonic() - began
        used = [(cpu_seconds(part) - b) / count * 1000 for part, b in zip(pids, before, strict=True)]
        return Figures(count / took, (used[0], used[1], used[2]))
    finally:
        for child in children:
            child.stop()


def start_variant(
    servers: Servers, variant: str, prefix: str, *, batch: int = BATCH, module: str = "order_service", port: int = 0
) -> Child:
    """Starts one process of a variant. `prefix` separates its topics and database. Port 0: any free port."""
    env = {
        "MAGPIE_KAFKA_BOOTSTRAP": servers.bootstrap,
        "MAGPIE_MONGO_URI": servers.uri,
        "MAGPIE_HTTP_PORT": str(port or free_port()),
        "MAGPIE_STATE_DIR": str(servers.kafka.directory.parent),
        "MAGPIE_BATCH_RECORDS": str(batch),
        "MAGPIE_RELAY_BATCH": str(batch),
    }
    directory = servers.kafka.directory.parent
    log = directory / "logs" / f"bench-{variant}.log"
    if variant == "quix":
        state = str(directory / f"quix-{uuid.uuid4().hex[:6]}")
        script = str(Path(__file__).parent / "peers" / "quix_service.py")
        command = [str(peer_python()), script, servers.bootstrap, prefix, state, str(batch)]
    else:
        command = [sys.executable, "-m", f"bench.{module}", variant, prefix]
    return Child(variant, command, log=log, env=env)


async def compare(servers: Servers, *, repeats: int) -> dict[str, Figures]:
    """Medians by variant. The variants take turns, so that other load on the machine affects all of them."""
    found: dict[str, list[Figures]] = {variant: [] for variant in EVENT_COUNTS}
    for repeat in range(repeats):
        for variant in EVENT_COUNTS:
            figures = await measure_once(servers, variant)
            found[variant].append(figures)
            parts = " / ".join(f"{ms:.3f}" for ms in figures.cpu_ms)
            print(f"  {repeat + 1}. {variant:14} {figures.rate:8.0f}/s   CPU ms a message {parts}", flush=True)
    return {
        variant: Figures(
            statistics.median(f.rate for f in runs),
            tuple(statistics.median(part) for part in zip(*(f.cpu_ms for f in runs), strict=True)),
        )
        for variant, runs in found.items()
    }
