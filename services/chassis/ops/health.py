"""Health that means progress: a loop that works, or waits for work or for a server, is alive; one that hangs is not."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from . import metrics
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


@dataclass(frozen=True, slots=True)
class Condition:
    """One part that is degraded. `command` is what an operator does about it; None where it mends itself."""

    part: str
    detail: str
    command: str | None
    unready: bool
    since: float = field(default_factory=time.time, compare=False)
    """In Unix time."""

    def shown(self) -> dict[str, Any]:
        """As `/readyz` shows it."""
        since = dt.datetime.fromtimestamp(self.since, dt.UTC).isoformat(timespec="seconds")
        return {"part": self.part, "detail": self.detail, "command": self.command, "since": since}


class Conditions:
    """Which parts of this process are degraded, and since when: one a process, `database.conditions`.

    A part that finds that it does not do its work says so, and says when it does again:

        database.conditions.degraded("mirror of profiles", "its change stream has ended; it is loaded again")
        database.conditions.degraded("records of magpie.matches.v1", "120 are lost", command="python -m ...")
        database.conditions.mended("mirror of profiles")

    It may say either as often as it looks: each change, of the detail too, is one line in the log (`degraded`,
    `mended`). `/readyz` shows every condition in its body, and answers 503 while one is `unready`: say that where
    answers would be wrong. The metric is `magpie_degraded{part}`, so names of parts are few: of loops, collections and
    topics, never of documents or partitions; numbers and places stand in the detail, without personal data. Name a part
    at the start with `mended`, so that its series exists at 0."""

    def __init__(self) -> None:
        self._found: dict[str, Condition] = {}

    def degraded(self, part: str, detail: str, *, command: str | None = None, unready: bool = False) -> None:
        """Says that a part does not do its work, why, and what an operator does if it does not mend itself."""
        before, now = self._found.get(part), Condition(part, detail, command, unready)
        if before == now:
            return
        self._found[part] = now if before is None else Condition(part, detail, command, unready, before.since)
        metrics.degraded.labels(part).set(1)
        log.error("degraded", part=part, detail=detail, command=command, unready=unready)

    def mended(self, part: str) -> None:
        """Says that a part does its work; nothing happens where it always did."""
        metrics.degraded.labels(part).set(0)
        if before := self._found.pop(part, None):
            log.info("mended", part=part, seconds=round(time.time() - before.since, 1))

    def all(self) -> list[Condition]:
        """What is degraded now, the oldest first."""
        return list(self._found.values())


@dataclass(slots=True)
class Health:
    """What `/livez` and `/readyz` ask. The first answers with the names of loops that hang, the second with the names
    of checks that fail and with what is degraded.

    `dependencies` are servers without which the service still answers, for a while: one that is away does not make it
    unready, but `/readyz` says `degraded`."""

    heartbeats: list[Heartbeat] = field(default_factory=list)
    checks: dict[str, Callable[[], bool]] = field(default_factory=dict)
    dependencies: dict[str, Callable[[], bool]] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=Conditions)

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
        """Names of the checks that fail, and of parts without which answers would be wrong."""
        failing = [name for name, holds in self.checks.items() if not holds()]
        return failing + [found.part for found in self.conditions.all() if found.unready]

    def degraded(self) -> list[dict[str, Any]]:
        """The dependencies that are away, and the parts that are degraded."""
        away = [name for name, is_there in self.dependencies.items() if not is_there()]
        found = [{"part": name, "detail": "it does not answer", "command": None, "since": None} for name in away]
        return found + [condition.shown() for condition in self.conditions.all()]

    def verdict(self, *, details: bool = True) -> dict[str, Any]:
        """The body of `/readyz`: `status` is `ok`, `degraded` (work goes on) or `unready`. Without `details`, as on the
        port of the API, which anyone may ask, it has names only."""
        waits_for, degraded = self.unready(), self.degraded()
        if not details:
            degraded = [{"part": found["part"]} for found in degraded]
        status = "unready" if waits_for else "degraded" if degraded else "ok"
        return {"status": status, "waits_for": waits_for, "degraded": degraded}

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
