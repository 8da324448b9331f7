"""One clock for all replicas: mongod's, extrapolated between two looks by this machine's monotonic clock."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorClient

    from ..model.documents import Doc

LOOK_SECONDS, STALE_SECONDS = 5.0, 12.0


class Clock:
    """Wall clocks of replicas may be minutes apart; deadlines and `at` must not be. Accurate to the round trip to
    mongod."""

    def __init__(self) -> None:
        self._offset_us: int | None = None
        self.looked_at = 0.0
        self.ahead_seconds = 0.0
        """How far this machine's wall clock was ahead of mongod's at the last look."""

    async def refresh(self, client: AsyncIOMotorClient[Doc]) -> None:
        """Asks mongod for its time. Raises what the driver raises when it does not answer."""
        before = time.monotonic_ns() // 1000
        hello = await client.admin.command("hello")
        after = time.monotonic_ns() // 1000
        server: dt.datetime = hello["localTime"]
        self._offset_us = int(server.timestamp() * 1000) * 1000 - (before + after) // 2
        self.ahead_seconds = (wall_us() - self.now_us()) / 1_000_000
        self.looked_at = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        """Whether mongod has answered lately: it doubles as the sign that MongoDB is there."""
        return self._offset_us is not None and time.monotonic() - self.looked_at < STALE_SECONDS

    def now_us(self) -> int:
        """Microseconds since the epoch. Before the first look at mongod it is this machine's own wall clock."""
        if self._offset_us is None:
            return wall_us()
        return time.monotonic_ns() // 1000 + self._offset_us


def wall_us() -> int:
    """This machine's own wall clock, in microseconds since the epoch."""
    return time.time_ns() // 1000


def instant(microseconds: int) -> dt.datetime:
    """An aware UTC datetime, cut to milliseconds: BSON stores no more, and what is stored must equal what is sent."""
    return dt.datetime.fromtimestamp(microseconds // 1000 / 1000, dt.UTC)
