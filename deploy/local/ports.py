"""TCP ports on the loopback interface."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


class PortTaken(Exception):
    """Another process listens on the port. The message names the port and the option that chooses another one."""


def free_port() -> int:
    """A port on which no process listens now. Another process may still take it before the caller does."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


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
