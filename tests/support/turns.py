"""How long the event loop was held: how late others had their turn."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

import pytest

from services.chassis.ops import Slices
from services.chassis.ops.garbage import collect_garbage_less_often

HELD_SECONDS = 0.05
"""So long no one else may have to wait for the event loop."""


class NoTurns(Slices):
    """Without its guard: the loop does not turn within a row of small steps."""

    async def turn(self) -> None:
        pass


@contextmanager
def garbage_as_in_a_service() -> Iterator[None]:
    """All that the tests have loaded is not looked through meanwhile."""
    before = gc.get_threshold()
    collect_garbage_less_often()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@dataclass
class Held:
    """The longest time between two turns of the loop in seconds: by the clock, and of the CPU of its thread, which
    leaves out what other processes took on a busy machine."""

    clock: float = 0.0
    cpu: float = 0.0


async def longest_hold(*, until: Callable[[], bool]) -> Held:
    """Watches the loop in which it runs."""
    longest, before, cpu_before = Held(), time.perf_counter(), time.thread_time()
    while not until():
        await asyncio.sleep(0.001)
        now, cpu = time.perf_counter(), time.thread_time()
        longest = Held(max(longest.clock, now - before), max(longest.cpu, cpu - cpu_before))
        before, cpu_before = now, cpu
    return longest


async def part_held(
    work: Callable[[], Awaitable[object]], monkeypatch: pytest.MonkeyPatch, *users: ModuleType
) -> float:
    """Of the time for which `work` holds the loop when these users of slices give no turns, the part for which it does
    with them. By how much each is held depends on the machine, so the two are compared."""
    held = dict[type[Slices], float]()
    for turns in (NoTurns, Slices):
        for user in users:
            monkeypatch.setattr(user, "Slices", turns)
        ended = asyncio.Event()
        with garbage_as_in_a_service():
            watched = asyncio.ensure_future(longest_hold(until=ended.is_set))
            try:
                await work()
            finally:
                ended.set()
            longest = await watched
        print(f"{turns.__name__}: held {1000 * longest.clock:.0f} ms, {1000 * longest.cpu:.0f} of CPU")
        held[turns] = longest.cpu
    return held[Slices] / held[NoTurns]
