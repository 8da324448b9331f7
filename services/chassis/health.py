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
    """One loop's sign of life. Between `beat`s a loop works; inside `waiting` it may take for ever."""

    name: str
    limit_seconds: float = HANGS_AFTER_SECONDS
    last: float = field(default_factory=time.monotonic)
    _waits: int = 0

    def beat(self) -> None:
        self.last = time.monotonic()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        self._waits += 1
        try:
            yield
        finally:
            self._waits -= 1
            self.beat()

    def hangs(self, now: float) -> bool:
        return not self._waits and now - self.last > self.limit_seconds


@dataclass(slots=True)
class Health:
    """What `/livez` and `/readyz` ask. Checks are named; a failing name is all that is shown."""

    hearts: list[Heartbeat] = field(default_factory=list)
    checks: dict[str, Callable[[], bool]] = field(default_factory=dict)

    def heartbeat(self, name: str, limit_seconds: float = HANGS_AFTER_SECONDS) -> Heartbeat:
        heart = Heartbeat(name, limit_seconds)
        self.hearts.append(heart)
        return heart

    def beat(self) -> None:
        for heart in self.hearts:
            heart.beat()

    def hanging(self) -> list[str]:
        now = time.monotonic()
        return [heart.name for heart in self.hearts if heart.hangs(now)]

    def unready(self) -> list[str]:
        return [name for name, holds in self.checks.items() if not holds()]

    async def watch(self, give_up: Callable[[], None]) -> None:
        """Runs until cancelled, or until a loop has hung for two looks: a process that stood still, and all its loops
        with it, has the time between them to go on."""
        before, hanging = set[str](), set(self.hanging())
        while not before & hanging:
            await asyncio.sleep(WATCH_SECONDS)
            before, hanging = hanging, set(self.hanging())
        log.error("hangs", loops=sorted(before & hanging))
        give_up()
