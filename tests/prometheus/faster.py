"""The rules in less time, for faults that would have to last for hours: windows and waits are shorter, nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import yaml

from deploy.local.prometheus import RULE_FILES, Prometheus, targets
from deploy.local.services import free_base
from deploy.local.system import System
from tests.support.prometheus import program

WINDOWS, WAITS = 20, 60
"""By how much `[5m]` and `for: 5m` are shorter: 15 s and 5 s."""
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
DURATION = re.compile(r"(\d+)([smhd])")


def rule_files(directory: Path, *, days_later: int = 0) -> list[str]:
    """Copies of the rules. `days_later`: what ages is judged as if it were that many days later."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for path in map(Path, RULE_FILES):
        groups = yaml.safe_load(path.read_text())
        for group in groups["groups"]:
            group["rules"] = [_faster(rule, days_later) for rule in group["rules"]]
        (directory / path.name).write_text(yaml.safe_dump(groups))
        written.append(str(directory / path.name))
    return written


def _faster(rule: dict[str, Any], days_later: int) -> dict[str, Any]:
    expr = re.sub(r"\[(\w+)\]", lambda found: f"[{shorter(found[1], WINDOWS)}]", rule["expr"])
    if days_later:
        expr = expr.replace("time()", f"(time() + {days_later * SECONDS['d']})")
    waits = {"for": shorter(rule["for"], WAITS)} if "for" in rule else {}
    return {**rule, "expr": expr, **waits}


def shorter(duration: str, times: int) -> str:
    """`5m`, 20 times shorter, is `15s`; at least one second."""
    found = DURATION.fullmatch(duration)
    assert found, duration
    return f"{max(1, int(found[1]) * SECONDS[found[2]] // times)}s"


@contextmanager
def watched(system: System, directory: Path, *, days_later: int = 0) -> Iterator[Prometheus]:
    rules = rule_files(directory / "rules", days_later=days_later)
    with Prometheus(directory / "prometheus", targets(system.services), rules) as prometheus:
        prometheus.wait_until_scraped()
        yield prometheus


@asynccontextmanager
async def a_system(
    directory: Path, env: Mapping[str, str] | None = None, prepare: Callable[[System], None] = lambda _: None
) -> AsyncIterator[System]:
    program("prometheus")
    system = System(directory, base_port=free_base(), env=env)
    prepare(system)
    await asyncio.to_thread(system.start)
    try:
        yield system
    finally:
        await asyncio.to_thread(system.stop)
