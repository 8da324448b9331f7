"""Health that means progress: a loop that works, or waits for work or for a server, is alive; one that hangs is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .logs import logger

log = logger(__name__)
HANGS_AFTER_SECONDS = 90.0
WATCH_SECONDS = 5.0


@dataclass(slots=True)
class Heartbeat:
    """One loop's sign of life. Between two calls of `beat` the loop works, for `limit_seconds` at most; inside
    `waiting` it may wait without limit."""

    name: str
    limit_seconds: float = HANGS_AFTER_SECONDS
    last: float = field(default_factory=time.monotonic)
    _waits: int = 0

    def beat(self) -> None:
        """Says that the loop has made progress."""
        self.last = time.monotonic()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Marks a wait for work, which may take any time."""
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            self.beat()

    def age(self) -> float:
        """Seconds since it has last made progress; 0 while it waits for work."""
        return 0.0 if self._waits else max(0.0, time.monotonic() - self.last)

    def hangs(self, now: float) -> bool:
        """Whether the loop has made no progress for too long. `now` is of the monotonic clock."""
        return not self._waits and now - self.last > self.limit_seconds


@dataclass(slots=True)
class Health:
    """What `/livez` and `/readyz` ask. Both answer with names only: of loops that hang, of checks that fail.

    `dependencies` are servers without which the service still answers, for a while: one that is away does not make it
    unready, but `/readyz` says `degraded`."""

    heartbeats: list[Heartbeat] = field(default_factory=list)
    checks: dict[str, Callable[[], bool]] = field(default_factory=dict)
    dependencies: dict[str, Callable[[], bool]] = field(default_factory=dict)

    def heartbeat(self, name: str, limit_seconds: float = HANGS_AFTER_SECONDS) -> Heartbeat:
        """A new heartbeat that is watched from now on."""
        heartbeat = Heartbeat(name, limit_seconds)
        self.heartbeats.append(heartbeat)
        return heartbeat

    def beat(self) -> None:
        """Beats for every loop: they have not been started yet, so none of them can hang."""
        for heartbeat in self.heartbeats:
            heartbeat.beat()

    def hanging(self) -> list[str]:
        """Names of the loops that hang."""
        now = time.monotonic()
        return [heartbeat.name for heartbeat in self.heartbeats if heartbeat.hangs(now)]

    def unready(self) -> list[str]:
        """Names of the checks that fail."""
        return [name for name, holds in self.checks.items() if not holds()]

    def degraded(self) -> list[str]:
        """Names of the dependencies that are away."""
        return [name for name, is_there in self.dependencies.items() if not is_there()]

    async def watch(self, abort: Callable[[], None]) -> None:
        """Calls `abort` and returns when a loop hangs at two looks in succession; runs until cancelled otherwise.

        Two looks: after the whole process stood still (SIGSTOP, a suspended machine), all loops seem to hang at the
        first one and have until the second to go on."""
        before, hanging = set[str](), set(self.hanging())
        while not before & hanging:
            await asyncio.sleep(WATCH_SECONDS)
            before, hanging = hanging, set(self.hanging())
        log.error("hangs", loops=sorted(before & hanging))
        abort()
