"""How the durable path grows with the size of its batches, with partitions and with replicas."""

from __future__ import annotations

from typing import Any

from deploy.local.system import Servers

from .durable import BATCH, once
from .world import PARTITIONS

MANY = 20_000
SHAPES: tuple[dict[str, int], ...] = (
    {"batch": 100},
    {"batch": 500},
    {"batch": BATCH},
    {"partitions": 1},
    {"partitions": 12},
    {"replicas": 2},
)


async def measure(servers: Servers) -> dict[str, Any]:
    """Messages a second of each shape; what a shape does not name is as in the durable part."""
    rates: dict[str, int] = {}
    for shape in SHAPES:
        figures = await once(servers, "magpie", many=MANY, **shape)
        full = {"batch": BATCH, "partitions": PARTITIONS, "replicas": 1, **shape}
        name = ", ".join(f"{what} {number}" for what, number in full.items())
        rates[name] = round(figures.rate)
        parts = " / ".join(f"{ms:.3f}" for ms in figures.cpu_ms)
        print(f"  {name:40} {figures.rate:8.0f}/s   CPU ms a message {parts}", flush=True)
    return {"growth_per_second": rates}
