"""How much one organisation may ask: a token bucket each, without a background task and without growth."""

from __future__ import annotations

MOST_KNOWN = 10_000


class Buckets:
    """A bucket holds `burst` tokens and gains `per_second`; one call takes one. Kept as the moment at which a bucket
    will be full again: a full one needs no memory. A replica counts for itself."""

    def __init__(self, *, per_second: float, burst: int) -> None:
        self._interval, self._depth = 1 / per_second, burst / per_second
        self._full_at: dict[str, float] = {}

    def take(self, key: str, *, now: float) -> float:
        """0 when a token was taken; otherwise the seconds until there is one, and nothing is taken. `now` is on a
        monotonic clock."""
        full_at = max(now, self._full_at.get(key, now)) + self._interval
        late = full_at - now - self._depth
        if late > 1e-9:
            return late
        if len(self._full_at) >= MOST_KNOWN:
            self._forget_full(now)
        self._full_at[key] = full_at
        return 0.0

    def _forget_full(self, now: float) -> None:
        """Keys are orgs of valid tokens; where even so too many are in use at once, everyone starts anew."""
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        if len(self._full_at) >= MOST_KNOWN:
            self._full_at.clear()
