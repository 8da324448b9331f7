"""When a delivery is tried again: pauses that double, with jitter, for three days; and what a receiver asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

MAX_PAUSE_SECONDS = 8 * 3600.0
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
JITTER = 0.2
GONE_STATUS = 410


@dataclass(frozen=True)
class Patience:
    """The first pause, and how long a delivery is tried in all."""

    first_seconds: float = 30.0
    days: float = 3.0

    def pause(self, attempts: int, jitter: float) -> float:
        """Seconds until the next attempt, after this number of them. `jitter` is from 0 to 1: those that failed
        together do not come again together."""
        doubled = self.first_seconds * 2.0 ** min(attempts - 1, 40)
        return min(doubled, MAX_PAUSE_SECONDS) * (1 - JITTER + 2 * JITTER * jitter)

    def next_at(self, first_at: dt.datetime, now: dt.datetime, pause_seconds: float) -> dt.datetime | None:
        """When it is tried again after a failure now; None once the days are over. The last attempt is made at their
        end, however long the pause before it would be."""
        end = first_at + dt.timedelta(days=self.days)
        return None if now >= end else min(now + dt.timedelta(seconds=pause_seconds), end)
