"""TCP ports on the loopback interface."""

from __future__ import annotations

import fcntl
import socket
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO

HOST = "127.0.0.1"
RESERVED_SECONDS = 180
"""By then what the ports were reserved for listens itself."""
_reserved: list[tuple[float, IO[bytes]]] = []


class PortTaken(Exception):
    """Another process listens on the port. The message names the port and the option that chooses another one."""


def free_port() -> int:
    """A port on which no process listens now. Another process may still take it before the caller does."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def reserve(ports: Iterable[int]) -> bool:
    """Whether these ports were not reserved, and now are: for three minutes, or until this process ends. Only those who
    ask here respect it: tests side by side, whose systems take some seconds until they listen."""
    now, held = time.monotonic(), list[IO[bytes]]()
    while _reserved and _reserved[0][0] < now:
        _reserved.pop(0)[1].close()
    for port in ports:
        held.append((Path(tempfile.gettempdir()) / f"magpie-port-{port}.lock").open("ab"))
        try:
            fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            for file in held:
                file.close()
            return False
    _reserved.extend((now + RESERVED_SECONDS, file) for file in held)
    return True


def must_be_free(port: int, *, what: str, option: str) -> None:
    """Raises PortTaken if another process listens on the port. `what` and `option` are named in the message."""
    with socket.socket() as probe:
        # As the servers do: a port in TIME_WAIT after a restart is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise PortTaken(
                f"Port {port} is taken, and {what} needs it. End what listens there, or give {option}."
            ) from None


def is_listening(port: int) -> bool:
    """Whether a process accepts connections on the port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0
