"""The throughput of the durable path by batch size, partitions and replicas."""

from __future__ import annotations

from typing import Any

from deploy.local.system import Servers

from .durable import BATCH, measure_once
from .world import PARTITIONS

EVENT_COUNT = 20_000
SHAPES: tuple[dict[str, int], ...] = (
    {"batch": 100},
    {"batch": 500},
    {"batch": BATCH},
    {"partitions": 1},
    {"partitions": 12},
    {"replicas": 2},
)
"""Each shape changes one number; the others are those of the durable part."""


async def measure(servers: Servers) -> dict[str, Any]:
    """Messages per second of each shape."""
    rates: dict[str, int] = {}
    for shape in SHAPES:
        figures = await measure_once(servers, "magpie", count=EVENT_COUNT, **shape)
        full = {"batch": BATCH, "partitions": PARTITIONS, "replicas": 1, **shape}
        name = ", ".join(f"{what} {number}" for what, number in full.items())
        rates[name] = round(figures.rate)
        parts = " / ".join(f"{ms:.3f}" for ms in figures.cpu_ms)
        print(f"  {name:40} {figures.rate:8.0f}/s   CPU ms a message {parts}", flush=True)
    return {"growth_per_second": rates}
