"""Event in -> effect in MongoDB -> event out on Kafka: each variant in turn, several times, on the same servers."""

from __future__ import annotations

import statistics
import sys
import time
import uuid
from dataclasses import dataclass

from deploy.local.ports import free_port
from deploy.local.processes import Child
from deploy.local.system import Servers

from .processes import cpu_seconds
from .world import PARTITIONS, arrived, fill, make_topics

BATCH = 1000
MANY = {"naive": 2500, "at_least_once": 2000, "workers4": 3000, "magpie": 40_000}


@dataclass(frozen=True)
class Figures:
    """Messages a second; CPU ms a message of the service, Kafka and mongod."""

    rate: float
    cpu_ms: tuple[float, float, float]

    @property
    def cpu_total_ms(self) -> float:
        return sum(self.cpu_ms)


async def once(
    servers: Servers,
    variant: str,
    *,
    many: int = 0,
    batch: int = BATCH,
    partitions: int = PARTITIONS,
    replicas: int = 1,
) -> Figures:
    """The topic is filled first; the clock runs from the first event out to the last one, as a reader of committed
    records sees them."""
    prefix, many = f"b{uuid.uuid4().hex[:6]}", many or MANY[variant]
    effects = f"{prefix}.effects.v1"
    await make_topics(servers.bootstrap, [f"{prefix}.orders.v1", effects, f"{prefix}.dlq.bench"], partitions=partitions)
    await fill(servers.bootstrap, f"{prefix}.orders.v1", many)
    children = [start(servers, variant, prefix, batch=batch) for _ in range(replicas)]
    try:
        await arrived(servers.bootstrap, effects, 1, partitions=partitions)
        pids = ([child.pid for child in children], [servers.kafka.pid], [servers.mongo.pid])
        before, began = [cpu_seconds(part) for part in pids], time.monotonic()
        await arrived(servers.bootstrap, effects, many, partitions=partitions)
        took = time.monotonic() - began
        used = [(cpu_seconds(part) - b) / many * 1000 for part, b in zip(pids, before, strict=True)]
        return Figures(many / took, (used[0], used[1], used[2]))
    finally:
        for child in children:
            child.stop()


def start(
    servers: Servers, variant: str, prefix: str, *, batch: int = BATCH, module: str = "under_test", port: int = 0
) -> Child:
    env = {
        "MAGPIE_KAFKA_BOOTSTRAP": servers.bootstrap,
        "MAGPIE_MONGO_URI": servers.uri,
        "MAGPIE_HTTP_PORT": str(port or free_port()),
        "MAGPIE_STATE_DIR": str(servers.kafka.directory.parent),
        "MAGPIE_BATCH_RECORDS": str(batch),
        "MAGPIE_RELAY_BATCH": str(batch),
    }
    log = servers.kafka.directory.parent / "logs" / f"bench-{variant}.log"
    return Child(variant, [sys.executable, "-m", f"bench.{module}", variant, prefix], log=log, env=env)


async def compare(servers: Servers, *, repeats: int) -> dict[str, Figures]:
    """Medians of the interleaved repeats, by variant."""
    found: dict[str, list[Figures]] = {variant: [] for variant in MANY}
    for repeat in range(repeats):
        for variant in MANY:
            figures = await once(servers, variant)
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
