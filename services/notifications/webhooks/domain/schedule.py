"""When a delivery is tried again: pauses that double, with jitter, for three days; and what a receiver asks for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MAX_PAUSE_SECONDS = 8 * 3600.0
MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
JITTER = 0.2
MAX_DIGITS = 9
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

    def is_over(self, first_at: dt.datetime, next_at: dt.datetime) -> bool:
        """Whether the next attempt would be later than is waited for."""
        return next_at - first_at > dt.timedelta(days=self.days)


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After asks for, as a number or as a date (RFC 9110, 10.2.3): at most a day. None where there
    is none, or none that can be read."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:MAX_DIGITS]), MAX_RETRY_AFTER_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    seconds = (at if at.tzinfo else at.replace(tzinfo=dt.UTC)) - now
    return min(max(seconds.total_seconds(), 0.0), MAX_RETRY_AFTER_SECONDS)
