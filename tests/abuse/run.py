"""A run: the system starts, a watcher asks it throughout, and the attacks come one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.local.services import PORTS, free_base
from deploy.local.system import System
from tests.support.profiles import chinese, korean
from tests.support.waiting import eventually

from .attack import Attack, Seen
from .connections import WRITE_SECONDS
from .table import ATTACKS
from .verdict import Limits, Observation, judge, line
from .world import Watch, World, growth

ATTACK_SECONDS = 120
"""An attack that takes longer has found something, or hangs; a line must come in any case."""
WATCHED = 2 * len(PORTS)
NONE: dict[str, Any] = {"ms": 0.0, "port": 0}


@dataclass(frozen=True)
class Options:
    """How much of everything."""

    short: bool
    seconds: float
    clients: int
    only: frozenset[str] = frozenset()
    """Names of attacks; empty for all."""

    @property
    def attacks(self) -> list[Attack]:
        return [attack for attack in ATTACKS if not self.only or attack.name in self.only]

    @property
    def limits(self) -> Limits:
        # The short form runs among other tests, on a machine that is loaded by them: a second there, 250 ms alone.
        return Limits(livez_ms=1000 if self.short else 250)


async def run(directory: Path, options: Options, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Returns each observation with the reasons for which it is red."""
    system = System(
        directory,
        replicas=dict.fromkeys(PORTS, 2),
        base_port=free_base(),
        fresh=True,
        env={"MAGPIE_WRITE_TIMEOUT_SECONDS": str(WRITE_SECONDS)},
    )
    await asyncio.to_thread(system.start)
    watch = Watch.of(system)
    try:
        world = World(system, options.short, options.seconds, options.clients, options.limits.livez_ms)
        async with world.stack:
            await _settled(world, watch)
            return [await _line(world, watch, attack, options.limits, say) for attack in options.attacks]
    finally:
        watch.stop()
        await asyncio.to_thread(system.stop)


async def _settled(world: World, watch: Watch) -> None:
    """The watcher has asked everybody, and matching has loaded its model: neither is an attack."""
    ids = [await world.published("first-kr", korean()), await world.published("first-cn", chinese())]

    async def ready() -> bool:
        asked = {one.get("port") for one in watch.between(0, time.time())} - {None}
        waiting = await world.found("matching", "jobs", {"kind": {"$in": ["embed", "propose"]}})
        return len(asked) == WATCHED and not waiting and bool(await world.found("matching", "matches", {}))

    await eventually(ready, f"matching proposes {ids} to each other", 60)


async def _line(
    world: World, watch: Watch, attack: Attack, limits: Limits, say: Callable[[str], None]
) -> dict[str, Any]:
    """One attack, observed and judged; whatever goes wrong in it makes it red."""
    errors, began = await world.errors(), time.time()
    world.ready()
    try:
        async with asyncio.timeout(ATTACK_SECONDS + 2 * world.seconds):
            seen = await attack.run(world)
    except Exception as error:
        seen = Seen("not to its end", [f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"])
    ended = time.time()
    # A question that is on its way counts too: it may be the one that waits.
    await eventually(lambda: _all_asked_since(watch, ended), "the watcher goes on", 30)
    observation = _observed(world, watch, attack, seen, began, await world.errors() - errors)
    reasons = judge(observation, limits)
    say(line(observation, reasons))
    return {**asdict(observation), "red": reasons}


def _all_asked_since(watch: Watch, since: float) -> bool:
    return len({one.get("port") for one in watch.between(since, time.time())} - {None}) >= WATCHED


def _observed(world: World, watch: Watch, attack: Attack, seen: Seen, began: float, errors: int) -> Observation:
    found = watch.between(began, time.time())
    asked = [one for one in found if "port" in one]
    longest = max(asked, key=lambda one: float(one["ms"]), default=NONE)
    names = {s.port: f"{s.name}-{s.replica}" for replicas in world.system.services.values() for s in replicas}
    return Observation(
        name=attack.name,
        sent=attack.sent,
        seen=seen.text,
        complaints=tuple(seen.complaints),
        asked=len(asked),
        refused=sum(one["status"] != 200 for one in asked),
        longest_ms=longest["ms"],
        longest_at=names.get(longest["port"], "none"),
        growth_mib=growth(found, world.ready_at),
        errors=errors,
        memory_counts=attack.memory_counts,
        watcher_late_ms=max((one["late_ms"] for one in found if "late_ms" in one), default=0.0),
    )
