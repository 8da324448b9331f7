"""How fast mails go to one domain: a steady pace, and a rest after its servers have said that it was too fast."""

from __future__ import annotations

from dataclasses import dataclass, field

BURST = 10
"""Mails to one domain that may leave at once after a quiet time."""
MAX_REST_SECONDS = 1800.0
MAX_DOMAINS = 10_000


@dataclass
class _Domain:
    next_at: float = 0.0
    rests_until: float = 0.0
    rest_seconds: float = 0.0


@dataclass
class DomainPace:
    """Of one replica, in its memory: each replica learns by itself. Instants are seconds of any clock that never goes
    back."""

    seconds: float
    """Between two mails to one domain, on average."""
    first_rest_seconds: float = 30.0
    _domains: dict[str, _Domain] = field(default_factory=dict)

    def take(self, domain: str, now: float) -> float:
        """0 if a mail may leave now, which then counts; or else in how many seconds to ask again."""
        known = self._domains.get(domain)
        if known is None:
            self._make_room(now)
            known = self._domains[domain] = _Domain()
        if known.rests_until > now:
            return known.rests_until - now
        early = known.next_at - now - (BURST - 1) * self.seconds
        if early > 0:
            return early
        known.next_at = max(known.next_at, now) + self.seconds
        return 0.0

    def slow_down(self, domain: str, now: float) -> None:
        """The domain has had too much: it rests, twice as long as the last time."""
        known = self._domains.setdefault(domain, _Domain())
        known.rest_seconds = min(MAX_REST_SECONDS, known.rest_seconds * 2 or self.first_rest_seconds)
        known.rests_until = now + known.rest_seconds

    def accepted(self, domain: str) -> None:
        """The domain takes mail: its next rest is a short one again."""
        if (known := self._domains.get(domain)) is not None:
            known.rest_seconds = 0.0

    def _make_room(self, now: float) -> None:
        if len(self._domains) >= MAX_DOMAINS:
            self._domains = {name: d for name, d in self._domains.items() if max(d.next_at, d.rests_until) > now}
