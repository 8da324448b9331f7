"""CPU and memory of the services without traffic."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from deploy.local.services import free_base
from deploy.local.system import Servers, System

from .processes import cpu_seconds, family, rss_mb

SETTLE_SECONDS, SECONDS = 10.0, 20.0
PREFIX = "benchidle"


async def measure(servers: Servers, directory: Path) -> dict[str, Any]:
    """Percent of a core and megabytes of each service.

    The figures to compare are the worst of the three services other than matching, which keeps what it has
    learnt in memory."""
    env = {"MAGPIE_TOPIC_PREFIX": PREFIX, "MAGPIE_DATABASE_PREFIX": f"{PREFIX}_"}
    with System.on_servers(servers, directory, base_port=free_base(), env=env) as system:
        await asyncio.sleep(SETTLE_SECONDS)  # after their start the services catch up with topics and caches
        pids = {name: family(replicas[0].pid) for name, replicas in system.services.items()}
        before = {name: cpu_seconds(of) for name, of in pids.items()}
        await asyncio.sleep(SECONDS)
        cpu = {name: round((cpu_seconds(of) - before[name]) / SECONDS * 100, 2) for name, of in pids.items()}
        rss = {name: round(sum(map(rss_mb, of))) for name, of in pids.items()}
    for name in pids:
        print(f"  {name:14} {cpu[name]:5.2f} % of a core, {rss[name]} MB", flush=True)
    return {
        "idle_cpu_percent": max(percent for name, percent in cpu.items() if name != "matching"),
        "idle_cpu_percent_by_service": cpu,
        "idle_rss_mb": max(mb for name, mb in rss.items() if name != "matching"),
        "idle_rss_mb_by_service": rss,
    }
