"""Kills, pauses and restarts from outside, by a seeded schedule; the supervisor starts again what ends."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongo
from deploy.local.services import ServiceProcess
from deploy.local.system import System
from tests.support.proxy import Proxy

PAUSED_SECONDS = (3.0, 7.0, 11.0)
"""Past the relay's lease (5 s), a job's (8 s) and the consumer's session (6 s)."""
SLOW_SECONDS = 0.15
"""Each piece on a slow line, either way."""
IN_A_ROW, APART_SECONDS = 5, (0.2, 1.0, 2.5)
"""A process needs two seconds to start, and a group some more to share its partitions again."""
COMES_BY_SECONDS = 4.0
"""So long somebody has to come to a window that is armed."""
KILLED_AT = ("committed", "published", "settling")
STOPPED_AT = ("deciding", "publishing", "settling")
AIMED = 0.6
"""Share of the faults that are aimed where one is aimed at."""


Process = ServiceProcess | Kafka | Mongo


def killed(process: Process) -> bool:
    """Whether it was there to be killed: it may be being started again just now."""
    if process.child is None or not process.child.is_running:
        return False
    os.kill(process.pid, signal.SIGKILL)
    return True


@dataclass(frozen=True)
class Aim:
    """A fault in a window of one service, again and again: it opens what a guard closes."""

    service: str
    window: str
    signal: str


@dataclass
class Faults:
    system: System
    chance: random.Random
    lines: dict[str, Proxy]
    """To Kafka and to mongod, of everybody; none where there are three of each."""
    armed: Path
    """Where replicas look which window is armed (`site/sitecustomize.py`)."""
    aim: Aim | None = None
    done: Counter[str] = field(default_factory=Counter)
    windows: Counter[str] = field(default_factory=Counter)
    """Windows in which somebody was killed or stopped."""
    kills: int = 0
    """Processes that got SIGKILL."""

    async def strike(self) -> str:
        """One fault; returns its name, when it is over as far as it lies with us."""
        choices: list[tuple[int, Callable[[], Awaitable[str]]]] = [
            (10, self._kill_service),
            (6, self._kill_two),
            (4, self._kill_all_of_one),
            (5, self._kill_in_a_row),
            (5, self._kill_in_window),
            (2, self._stop_in_window),
            (2, self._pause_service),
            (2, self._restart_service),
            (len(self.system.servers.kafkas), self._kill_kafka),
            (len(self.system.servers.mongos), self._kill_mongod),
            (1, self._pause_server),
            (2 if self.lines else 0, self._bad_line),
        ]
        ((_, chosen),) = self.chance.choices(choices, weights=[weight for weight, _ in choices])
        aimed = self.aim is not None and self.chance.random() < AIMED
        name = await (self._at(self.aim) if aimed and self.aim else chosen())
        self.done[name] += 1
        return name

    async def _kill_service(self) -> str:
        name, replica = self._one()
        self._kill(self.system.services[name][replica])
        return f"kill {name}"

    async def _kill_two(self) -> str:
        """One of each of two services, at the same moment."""
        names = self.chance.sample(sorted(self.system.services), 2)
        for name in names:
            self._kill(self.chance.choice(self.system.services[name]))
        return f"kill {' and '.join(sorted(names))}"

    async def _kill_all_of_one(self) -> str:
        name, _ = self._one()
        for service in self.system.services[name]:
            self._kill(service)
        return f"kill all {name}"

    async def _kill_in_a_row(self) -> str:
        """Each while the line recovers from those before, also one that is only just starting."""
        for _ in range(IN_A_ROW):
            name, replica = self._one()
            self._kill(self.system.services[name][replica])
            await asyncio.sleep(self.chance.choice(APART_SECONDS))
        return f"kill {IN_A_ROW} in a row"

    async def _kill_in_window(self) -> str:
        return await self._at(Aim(self._one()[0], self.chance.choice(KILLED_AT), "SIGKILL"))

    async def _stop_in_window(self) -> str:
        return await self._at(Aim(self._one()[0], self.chance.choice(STOPPED_AT), "SIGSTOP"))

    async def _at(self, aim: Aim) -> str:
        """Whoever comes first to the window is killed there, or stopped for longer than any lease."""
        path = self.armed / f"{aim.service}.{aim.window}"
        path.write_text(aim.signal)
        pid, end = None, time.monotonic() + COMES_BY_SECONDS
        while pid is None and time.monotonic() < end:
            await asyncio.sleep(0.02)
            pid = self._taken(path)
        if pid is None:
            path.unlink(missing_ok=True)
            pid = self._taken(path)
        if pid is None:
            return f"{aim.service} did not come by"
        self.windows[aim.window] += 1
        if aim.signal == "SIGKILL":
            self.kills += 1
            return f"kill {aim.service} {aim.window}"
        try:
            await asyncio.sleep(PAUSED_SECONDS[-1])
        finally:
            self._signal(pid, signal.SIGCONT)
        return f"stop {aim.service} {aim.window}"

    def _taken(self, path: Path) -> int | None:
        """By whom."""
        for found in self.armed.glob(f"{path.name}.*"):
            found.unlink()
            return int(found.suffix.removeprefix("."))
        return None

    async def _pause_service(self) -> str:
        name, replica = self._one()
        await self._pause(self.system.services[name][replica].pid)
        return f"pause {name}"

    async def _restart_service(self) -> str:
        """SIGTERM: it finishes what is in hand, and the supervisor starts it again."""
        name, replica = self._one()
        self._signal(self.system.services[name][replica].pid, signal.SIGTERM)
        return f"restart {name}"

    async def _kill_kafka(self) -> str:
        self._kill(self.chance.choice(self.system.servers.kafkas))
        return "kill kafka"

    async def _kill_mongod(self) -> str:
        self._kill(self.chance.choice(self.system.servers.mongos))
        return "kill mongod"

    async def _pause_server(self) -> str:
        name = self.chance.choice(["kafka", "mongod"])
        kafkas, mongos = self.system.servers.kafkas, self.system.servers.mongos
        pids = [kafka.pid for kafka in kafkas] if name == "kafka" else [mongo.pid for mongo in mongos]
        await self._pause(self.chance.choice(pids))
        return f"pause {name}"

    async def _bad_line(self) -> str:
        """Cut once, or for some seconds slow, refusing, or half open: nothing arrives and nobody is told."""
        to = self.chance.choice(sorted(self.lines))
        line, how = self.lines[to], self.chance.choice(["cut", "slow", "refuse", "half-open"])
        match how:
            case "cut":
                line.drop()
                return f"cut {to}"
            case "slow":
                line.latency_seconds = SLOW_SECONDS
            case "refuse":
                line.refuse()
            case _:
                line.half_open()
        try:
            await asyncio.sleep(self.chance.choice(PAUSED_SECONDS))
        finally:
            line.heal()
        return f"{how} {to}"

    async def _pause(self, pid: int) -> None:
        self._signal(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(self.chance.choice(PAUSED_SECONDS))
        finally:
            self._signal(pid, signal.SIGCONT)

    def _one(self) -> tuple[str, int]:
        name = self.chance.choice(sorted(self.system.services))
        return name, self.chance.randrange(len(self.system.services[name]))

    def _signal(self, pid: int, which: signal.Signals) -> None:
        with suppress(ProcessLookupError):  # it is being started again just now
            os.kill(pid, which)

    def _kill(self, process: Process) -> None:
        self.kills += killed(process)
