"""A rush: 300 profiles published at once until the last is judged, with each encoder; and how long a profile alone
waits."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from deploy.local.services import free_base
from deploy.local.system import Servers, System

from .line import Burst, LineLatency, measure_burst, measure_latency

EMBEDDERS = {"": "use-multilingual-3", "_staged": "use-then-e5-1", "_both": "use-e5-1"}
"""The first encoder, both in two stages (judged by the first), and both; by the end of the names of their figures."""
ALONE_SECONDS = 15


async def measure_one(servers: Servers, directory: Path, embedder: str) -> tuple[LineLatency, Burst]:
    """A profile alone, then the rush, with one encoder."""
    prefix = f"rush-{embedder}"
    env = {
        "MAGPIE_TOPIC_PREFIX": prefix,
        "MAGPIE_DATABASE_PREFIX": f"{prefix}_",
        "MAGPIE_MATCHING_EMBEDDER": embedder,
    }
    replicas = {"profiles": 1, "matching": 1}
    with System.on_servers(servers, directory, replicas=replicas, base_port=free_base(), env=env) as system:
        alone = await measure_latency(system, directory, prefix=prefix, per_second=2, seconds=ALONE_SECONDS)
        return alone, await measure_burst(system, directory, prefix=prefix)


async def measure() -> dict[str, Any]:
    """The figures of all encoders, on servers of their own."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="magpie-bench-") as name:
        directory = Path(name)
        with Servers(directory) as servers:
            for end, embedder in EMBEDDERS.items():
                alone, burst = await measure_one(servers, directory, embedder)
                found |= {
                    f"rush_profiles_per_second{end}": burst.per_second,
                    f"alone_p50_ms{end}": alone.p50_ms,
                    f"alone_p95_ms{end}": alone.p95_ms,
                    f"rush_cpu_ms{end}": burst.cpu_ms,
                    f"rush_work_ms{end}": burst.work_ms,
                }
    return found


def rush() -> dict[str, Any]:
    """Measures all encoders."""
    return asyncio.run(measure())
