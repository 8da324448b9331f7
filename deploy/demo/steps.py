"""How the steps of the forum are run: in rounds, a number of acts at the same time, shown on the stage."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .show import Stage, Step
from .tail import Tail

MAX_CONCURRENT = 16
"""Delegations that act at the same time."""
QUIET_SECONDS, SETTLE_SECONDS = 1.5, 60.0
"""Without a new event for this long, the topics count as quiet; the longest wait for events that are under way."""


class StepMissing(Exception):
    """An essential step of the forum did not happen at all; the message names it."""


@dataclass
class Steps:
    """The steps of one forum."""

    stage: Stage
    tail: Tail
    on_act: Callable[[], None]
    """Called after each act."""

    async def each(self, name: str, turns: Sequence[Callable[[], Awaitable[int]]], *, again: bool = False) -> int:
        """A step in which each delegation acts once. `again`: in rounds, until no one has anything left to do. Returns
        how often somebody acted."""
        step, acts = self.stage.begin(name), 0
        while done := sum(await self.all(step, (turn() for turn in turns))):
            acts += done
            if not again:
                break
        return acts

    async def all(self, step: Step, acts: Iterable[Awaitable[Any]]) -> list[Any]:
        """Runs the acts, at most MAX_CONCURRENT at the same time, as one round of the step. Returns their results."""
        slots = asyncio.Semaphore(MAX_CONCURRENT)
        waiting = list(acts)
        step.done, step.total, step.round = 0, len(waiting), step.round + 1

        async def one(act: Awaitable[Any]) -> Any:
            async with slots:
                result = await act
            step.done += 1
            self.on_act()
            return result

        return await asyncio.gather(*(one(act) for act in waiting))

    async def wait_until_quiet(self) -> None:
        """Waits until matches were proposed and no new event has come for QUIET_SECONDS; longer where Kafka was away
        meanwhile. Raises StepMissing."""
        began = time.monotonic()
        while not (self.tail.is_quiet(QUIET_SECONDS) and self.tail.count("magpie.match.proposed")):
            if time.monotonic() > max(began, self.tail.recovered_at) + SETTLE_SECONDS:
                is_there = self.tail.count("magpie.match.proposed")
                what = "The topics were never quiet" if is_there else "Nothing was proposed"
                raise StepMissing(f"{what} within {SETTLE_SECONDS:.0f} s.")
            self.on_act()
            await asyncio.sleep(0.1)

    async def must_be_seen(self, counted: dict[str, int], *steps: str) -> None:
        """Waits until the topics say of each of these that it has happened: Kafka may be away. Raises StepMissing."""
        end = time.monotonic() + SETTLE_SECONDS
        while not all(counted[step] for step in steps) and time.monotonic() < end:
            await asyncio.sleep(0.1)
            self.on_act()
        must_have_happened(counted, *steps)


def must_have_happened(counted: dict[str, int], *steps: str) -> None:
    """Raises StepMissing for the first of these that did not happen."""
    for step in steps:
        if not counted[step]:
            raise StepMissing(f"The forum ended without anybody {step}.")
