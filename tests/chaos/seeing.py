"""When an act was seen, and when all was whole again."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.services import ServiceProcess
from deploy.local.system import System
from tests.support.waiting import eventually

SEEN_SECONDS, WHOLE_SECONDS = 30.0, 90.0
"""A relay tries a topic that was away again after 30 s."""


@dataclass(frozen=True)
class Act:
    """One act and its times in seconds; None where it was not seen, or not whole, in time."""

    name: str
    seen: float | None
    whole: float | None
    kills: int = 0
    """Processes that got SIGKILL in it."""

    @property
    def is_in_time(self) -> bool:
        return self.seen is not None and self.whole is not None


async def took(holds: Callable[[], Any], began: float, seconds: float) -> float | None:
    """When it held, in seconds; None where it did not in time."""
    try:
        await eventually(holds, "an act", seconds)
    except AssertionError:
        return None
    return round(time.monotonic() - began, 1)


def answers(service: ServiceProcess) -> bool:
    """Whether the process is there and its loops do not hang."""
    try:
        with urllib.request.urlopen(f"{service.url}/livez", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def all_say_ok(services: Sequence[ServiceProcess]) -> bool:
    """Whether no replica has anything to tell at `/readyz`."""
    return all(_says_ok(service) for service in services)


def _says_ok(service: ServiceProcess) -> bool:
    try:
        with urllib.request.urlopen(f"{service.url}/readyz", timeout=2) as answer:
            return bool(json.loads(answer.read())["status"] == "ok")
    except OSError:
        return False


def replicas_of(system: System) -> list[ServiceProcess]:
    return [service for replicas in system.services.values() for service in replicas]


class Lines:
    """What replicas say in their logs from now on."""

    def __init__(self, services: Sequence[ServiceProcess]) -> None:
        self._since = [(service.log, service.log.stat().st_size) for service in services]

    def tell_of(self, what: str) -> bool:
        """Whether one of them has said that a topic is another one now, or that a part is degraded."""
        lines = (line for log, since in self._since for line in _lines(log, since))
        return any(what in line and ("another_log" in line or '"degraded"' in line) for line in lines)


def _lines(log: Path, since: int) -> list[str]:
    with log.open("rb") as text:
        text.seek(since)
        return text.read().decode("utf-8", "replace").splitlines()
