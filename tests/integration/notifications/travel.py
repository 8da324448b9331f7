"""Another time of day for a running service: its clock, and the jobs that would be due by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from services.chassis.mongo.clock import Clock
from tests.support.services import Running
from tests.support.waiting import eventually


class Shifted(Clock):
    """mongod's clock and some hours, or days, more."""

    def __init__(self) -> None:
        super().__init__()
        self.shift_us = 0

    def now_us(self) -> int:
        return super().now_us() + self.shift_us


class Travel:
    """Time goes on at its pace from wherever it is set. Jobs run by mongod's own time, so that those which nobody has
    claimed yet are brought forward when the shifted time has come to them."""

    def __init__(self, running: Running) -> None:
        self.database = running.service.database
        self._clock = Shifted()

    async def to(self, instant: str) -> Travel:
        """Sets the service's clock to a time to come: what is due later than in the past would be due at once, as jobs
        run by mongod's own time."""
        assert dt.datetime.fromisoformat(instant) > dt.datetime.now(dt.UTC), f"{instant} is over"
        await self._clock.refresh(self.database.client)
        self._clock.shift_us += int(dt.datetime.fromisoformat(instant).timestamp() * 1e6) - self._clock.now_us()
        self.database.clock = self._clock
        return self

    async def eventually(self, predicate: Callable[[], Any], what: str) -> Any:
        """As `tests.support.waiting.eventually`, with due jobs brought forward meanwhile."""

        async def looked() -> Any:
            await self._bring_forward()
            result = predicate()
            return await result if hasattr(result, "__await__") else result

        return await eventually(looked, what)

    async def idle(self) -> None:
        """Nothing is left to do at this time: every job of mails that remains waits for a later one."""

        async def none_due() -> bool:
            due = {"kind": {"$in": ["mail", "digest", "send"]}, "run_at": {"$lte": self.database.now()}}
            return await self.database.db.jobs.count_documents(due) == 0

        await self.eventually(none_due, "no job of mails due")

    async def _bring_forward(self) -> None:
        unclaimed = {"token": {"$exists": False}, "run_at": {"$lte": self.database.now()}}
        await self.database.db.jobs.update_many(unclaimed, [{"$set": {"run_at": {"$min": ["$run_at", "$$NOW"]}}}])
