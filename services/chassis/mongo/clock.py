"""One clock for all replicas: mongod's, extrapolated between two looks by this machine's monotonic clock."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorClient

    from ..model.documents import Doc

LOOK_SECONDS, STALE_SECONDS = 5.0, 12.0


class Clock:
    """Wall clocks of replicas may be minutes apart; deadlines and `at` must not be. Accurate to the round trip to
    mongod."""

    def __init__(self, ahead: Path | None = None) -> None:
        """`ahead`: a file with the seconds that a demonstration is ahead of mongod."""
        self._offset_us: int | None = None
        self._ahead, self._ahead_us = ahead, 0
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
        self.ahead_seconds = (wall_us() - self._server_us()) / 1_000_000
        self.looked_at = time.monotonic()

    @property
    def is_fresh(self) -> bool:
        """Whether mongod has answered lately: it doubles as the sign that MongoDB is there."""
        return self._offset_us is not None and time.monotonic() - self.looked_at < STALE_SECONDS

    def now_us(self) -> int:
        """Microseconds since the epoch. Before the first look at mongod it is this machine's own wall clock."""
        return self._server_us() + self.ahead_us()

    def ahead_us(self) -> int:
        """Microseconds by which a demonstration is ahead of mongod; 0 anywhere else. The file is read each time: all
        replicas move on at the same moment. It never goes back."""
        if self._ahead is not None:
            with contextlib.suppress(OSError, ValueError):  # not there yet
                self._ahead_us = max(self._ahead_us, int(float(self._ahead.read_text()) * 1_000_000))
        return self._ahead_us

    def server_now(self) -> str | Doc:
        """The present instant as update pipelines and queries of mongod have it."""
        ahead = self.ahead_us()
        if not ahead:
            return "$$NOW"
        return {"$dateAdd": {"startDate": "$$NOW", "unit": "millisecond", "amount": ahead // 1000}}

    def _server_us(self) -> int:
        if self._offset_us is None:
            return wall_us()
        return time.monotonic_ns() // 1000 + self._offset_us


def wall_us() -> int:
    """This machine's own wall clock, in microseconds since the epoch."""
    return time.time_ns() // 1000


def instant(microseconds: int) -> dt.datetime:
    """An aware UTC datetime, cut to milliseconds: BSON stores no more, and what is stored must equal what is sent."""
    return dt.datetime.fromtimestamp(microseconds // 1000 / 1000, dt.UTC)
