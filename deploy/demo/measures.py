"""How long things take for the users of the platform."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Measures:
    """Durations in seconds, and instants of `time.monotonic()`, measured by the people of the forum."""

    http: dict[str, list[float]] = field(default_factory=dict)
    """By service: seconds from a request to its answer."""
    published_at: dict[str, float] = field(default_factory=dict)
    """By profile: when its publication was acknowledged."""
    notice_seconds: list[float] = field(default_factory=list)
    """Seconds from the answer to a confirmation until the notice is in the inboxes of both sides; a sample."""

    def table(self, proposed_at: Mapping[str, float]) -> list[tuple[str, int, int, int]]:
        """Rows of (name, number of values, p50, p95), in milliseconds. A measure without values has no row.

        `proposed_at`: by profile, when its first match was on the topic."""
        measured = {
            "published → first match on the topic": latencies(self.published_at, proposed_at),
            "confirmed → notice in both inboxes": self.notice_seconds,
            **{f"HTTP {name}": took for name, took in self.http.items()},
        }
        return [
            (what, len(took), round(1000 * percentile(took, 0.5)), round(1000 * percentile(took, 0.95)))
            for what, took in measured.items()
            if took
        ]


def latencies(published: Mapping[str, float], proposed: Mapping[str, float]) -> list[float]:
    """Seconds from the publication of each profile to its first match on the topic.

    A profile whose first match is older than the acknowledgement of its publication is left out."""
    return [proposed[id] - at for id, at in published.items() if id in proposed and proposed[id] > at]


def percentile(values: Sequence[float], share: float) -> float:
    """The percentile by nearest rank: the smallest value that at least this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
