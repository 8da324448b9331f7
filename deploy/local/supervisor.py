"""Restarts services and servers that end, as the restart policy of Docker Compose does."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from .ports import PortTaken
from .processes import DidNotStart
from .system import System

CHECK_SECONDS = 0.2
PAUSE_SECONDS = 1.0
"""Shortest time between two restarts of the same process."""


@contextlib.contextmanager
def supervised(system: System, *, say: Callable[[str], None]) -> Iterator[None]:
    """Inside the `with` block, a service or server that ends is restarted with the same data and port.

    `run.json` is updated; `say` is called with a line of text for each restart, in another thread."""
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
    while not ended.wait(CHECK_SECONDS):
        for name, restart in _ended(system):
            if time.monotonic() < not_before.get(name, 0.0) or ended.is_set():
                continue
            # A process that ends again at once is not restarted in a busy loop.
            not_before[name] = time.monotonic() + PAUSE_SECONDS
            try:
                restart()
                say(f"{name} had ended and was started again")
            except (DidNotStart, PortTaken) as error:
                say(f"{name} has ended and does not start: {error}")
            with contextlib.suppress(AssertionError):  # a server that has never started has no process id
                system.write_run_file()


def _ended(system: System) -> list[tuple[str, Callable[[], None]]]:
    """Name and restart function of each process that has ended and should run.

    Services are launched without waiting for them: they become ready only when their servers are back."""
    servers = [(server.child, server) for server in system.servers.processes]
    ended: list[tuple[str, Callable[[], None]]] = [
        (child.name, server.start)
        for child, server in servers
        if system.owns_servers and child is not None and not child.is_running and server.should_run
    ]
    ended += [
        (service.child.name, service.launch)
        for replicas in system.services.values()
        for service in replicas
        if service.child is not None and not service.child.is_running and service.should_run
    ]
    return ended
