"""The queue of commands: who is taken together, and in which order after trouble."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.chassis.commands import Commands
from services.chassis.errors import Unavailable
from services.chassis.events import Cause
from services.chassis.health import Heartbeat
from services.chassis.settle import Decision
from services.chassis.uow import UnitOfWork
from tests.support.waiting import eventually


class Settling:
    """Stands in for MongoDB's side: each batch is noted, and done when the test says how it ends."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.ends: asyncio.Queue[str] = asyncio.Queue()

    async def settle(self, waiting: deque[Decision], guard: Any) -> None:
        if not waiting:  # told to stop
            return
        self.batches.append([decision.cause.id for decision in waiting])
        if await self.ends.get() == "after one":
            waiting.popleft().committed()
            raise Unavailable
        while waiting:
            waiting.popleft().committed()

    async def reaches(self, n: int) -> None:
        await eventually(lambda: len(self.batches) == n, f"batch {n} is on its way")


def command(lane: Commands, name: str) -> asyncio.Future[None]:
    return asyncio.ensure_future(lane.run(nothing, cause=Cause(name)))


async def nothing(uow: UnitOfWork) -> None: ...


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Commands, Settling]]:
    settling = Settling()
    lane = Commands(settling, heartbeat=Heartbeat("commands"))  # type: ignore[arg-type]
    serving = asyncio.ensure_future(lane.serve())
    try:
        yield lane, settling
        lane.stop()
        await serving
    finally:
        serving.cancel()


async def test_who_comes_while_a_batch_is_on_its_way_goes_together_in_the_next() -> None:
    async with served() as (lane, settling):
        first = command(lane, "a")
        await settling.reaches(1)
        others = [command(lane, name) for name in "bcd"]
        settling.ends.put_nowait("done")
        await settling.reaches(2)
        settling.ends.put_nowait("done")
        await asyncio.gather(first, *others)
        assert settling.batches == [["a"], ["b", "c", "d"]]


async def test_what_an_outage_left_undecided_goes_before_who_came_meanwhile() -> None:
    async with served() as (lane, settling):
        first = [command(lane, name) for name in "abc"]
        await settling.reaches(1)
        later = command(lane, "d")
        settling.ends.put_nowait("after one")
        await settling.reaches(2)
        settling.ends.put_nowait("done")
        await asyncio.gather(*first, later)
        assert settling.batches == [["a", "b", "c"], ["b", "c", "d"]]
