"""The queue of commands: who is taken together, and in which order after trouble."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from services.chassis.commit.commands import Commands
from services.chassis.commit.decision import Decision
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.events import Cause
from services.chassis.model.failures import Unavailable
from services.chassis.ops.health import Heartbeat
from tests.support.waiting import eventually


class FakeCommitter:
    """Stands in for MongoDB's side: each batch is noted, and done when the test says how it ends."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.ends: asyncio.Queue[str] = asyncio.Queue()

    async def commit(self, waiting: deque[Decision], guard: Any) -> None:
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
async def served() -> AsyncIterator[tuple[Commands, FakeCommitter]]:
    committer = FakeCommitter()
    lane = Commands(committer, heartbeat=Heartbeat("commands"))  # type: ignore[arg-type]
    serving = asyncio.ensure_future(lane.serve())
    try:
        yield lane, committer
        lane.stop()
        await serving
    finally:
        serving.cancel()


async def test_who_comes_while_a_batch_is_on_its_way_goes_together_in_the_next() -> None:
    async with served() as (lane, committer):
        first = command(lane, "a")
        await committer.reaches(1)
        others = [command(lane, name) for name in "bcd"]
        committer.ends.put_nowait("done")
        await committer.reaches(2)
        committer.ends.put_nowait("done")
        await asyncio.gather(first, *others)
        assert committer.batches == [["a"], ["b", "c", "d"]]


async def test_what_an_outage_left_undecided_goes_before_who_came_meanwhile() -> None:
    async with served() as (lane, committer):
        first = [command(lane, name) for name in "abc"]
        await committer.reaches(1)
        later = command(lane, "d")
        committer.ends.put_nowait("after one")
        await committer.reaches(2)
        committer.ends.put_nowait("done")
        await asyncio.gather(*first, later)
        assert committer.batches == [["a", "b", "c"], ["b", "c", "d"]]
