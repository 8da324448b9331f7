"""Limits the requests of each organisation: a token bucket each, with no background task and bounded memory."""

from __future__ import annotations

MAX_BUCKETS = 10_000


class TokenBuckets:
    """A bucket holds `burst` tokens and gains `per_second`; one call takes one. Each replica counts for itself.

    A bucket is stored as the instant at which it will be full again, so a full one needs no memory."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._interval, self._depth = 1 / per_second, burst / per_second
        self._full_at: dict[str, float] = {}

    def take(self, key: str, *, now: float) -> float:
        """Takes a token and returns 0, or returns the seconds until there is one. `now` is of the monotonic clock."""
        full_at = max(now, self._full_at.get(key, now)) + self._interval
        late = full_at - now - self._depth
        if late > 1e-9:  # not 0: sums of intervals are not exact
            return late
        if len(self._full_at) >= MAX_BUCKETS:
            self._forget_full(now)
        self._full_at[key] = full_at
        return 0.0

    def give_back(self, key: str) -> None:
        """Puts a token back that was taken for nothing."""
        if key in self._full_at:
            self._full_at[key] -= self._interval

    def _forget_full(self, now: float) -> None:
        """Keys are organisations of valid tokens. If too many are active even so, all buckets start full again."""
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        if len(self._full_at) >= MAX_BUCKETS:
            self._full_at.clear()
