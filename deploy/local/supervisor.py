"""Starts again what ends by itself, as compose's restart policy would."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from .ports import PortTaken
from .processes import DidNotStart
from .system import System

LOOK_SECONDS = 0.2
PAUSE_SECONDS = 1.0


@contextlib.contextmanager
def supervised(system: System, *, say: Callable[[str], None]) -> Iterator[None]:
    """While inside, a service or server that ends is started again on its data and its port, and `run.json` says so."""
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(system, say, ended), daemon=True, name="supervisor")
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()


def _watch(system: System, say: Callable[[str], None], ended: threading.Event) -> None:
    not_before: dict[str, float] = {}
    while not ended.wait(LOOK_SECONDS):
        for name, restart in _gone(system):
            if time.monotonic() < not_before.get(name, 0.0) or ended.is_set():
                continue
            not_before[name] = time.monotonic() + PAUSE_SECONDS
            try:
                restart()
                say(f"{name} had ended and was started again")
            except (DidNotStart, PortTaken) as error:
                say(f"{name} has ended and does not start: {error}")
            with contextlib.suppress(AssertionError):
                system.describe()


def _gone(system: System) -> list[tuple[str, Callable[[], None]]]:
    """What should run and does not, and how it is started. A service need not be ready: its servers may be away."""
    servers = [(server.child, server) for server in (system.servers.mongo, system.servers.kafka)]
    found: list[tuple[str, Callable[[], None]]] = [
        (child.name, server.start)
        for child, server in servers
        if system.owns_servers and child is not None and not child.is_running
    ]
    found += [
        (service.child.name, service.launch)
        for replicas in system.services.values()
        for service in replicas
        if service.child is not None and not service.child.is_running and service.is_wanted
    ]
    return found
