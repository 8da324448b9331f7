"""How long things take, seen from the outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass
class Measures:
    """Seconds, as the people of the forum lived through them."""

    http: dict[str, list[float]] = field(default_factory=dict)
    """By service, from a request until its answer."""
    published_at: dict[str, float] = field(default_factory=dict)
    """By profile, when its publication was acknowledged."""
    told: list[float] = field(default_factory=list)
    """From the answer to a confirmation until both representatives read of it in their inboxes; a sample."""

    def table(self, proposed_at: Mapping[str, float]) -> list[tuple[str, int, int, int]]:
        """Rows of (what, how many, p50, p95), in milliseconds; what was not measured has no row."""
        measured = {
            "published → first match on the topic": latencies(self.published_at, proposed_at),
            "confirmed → notice in both inboxes": self.told,
            **{f"HTTP {name}": took for name, took in self.http.items()},
        }
        return [
            (what, len(took), round(1000 * share_of(took, 0.5)), round(1000 * share_of(took, 0.95)))
            for what, took in measured.items()
            if took
        ]


def latencies(published: Mapping[str, float], proposed: Mapping[str, float]) -> list[float]:
    """Seconds from a profile's publication until a match of it stood on the topic; first ones only, and only those
    that came after it (a partner may have published later)."""
    return [proposed[id] - at for id, at in published.items() if id in proposed and proposed[id] > at]


def share_of(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of them do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]
