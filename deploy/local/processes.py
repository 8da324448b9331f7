"""Child processes that never outlive this process: the kernel kills them when it ends, however it ends."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
MAX_FILES = 131_072
START_SECONDS = 150.0
"""A child may take this long to be ready. Usually it is a few, but on a slow and busy machine a Kafka took over 60."""
_libc = ctypes.CDLL(None, use_errno=True)
# PR_SET_PDEATHSIG fires when the *thread* that started the child ends, not the process. So one thread, which lives as
# long as this process, starts all children.
_starter = ThreadPoolExecutor(1, thread_name_prefix="children")


class DidNotStart(Exception):
    """A child ended or was not ready in time. The message contains the last lines of its log."""


def _die_with_parent() -> None:
    """Runs in the child between fork and exec: the kernel will send it SIGKILL when its parent is gone."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Kafka holds a file for each partition, and many tests have topics of their own.
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limit in (max(MAX_FILES, hard), hard):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
            return


class Child:
    """A child process together with the processes that it starts: a signal goes to all of them."""

    def __init__(self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
        """Starts `command`. Its output is appended to the file `log`; `env` is added to this process's environment."""
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as out:
            self._process = _starter.submit(
                subprocess.Popen,
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,  # its own process group: signals reach its children, and Ctrl-C does not
                preexec_fn=_die_with_parent,
            ).result()

    @property
    def pid(self) -> int:
        """Id of the process, which is also the id of its process group."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended yet."""
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while the process runs."""
        return self._process.poll()

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Waits until `ready` returns True. Raises DidNotStart if the process ends, or is not ready in `seconds`."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.is_running:
                raise DidNotStart(f"{self.name} ended with code {self.exit_code} before it was ready.\n{self.tail()}")
            if time.monotonic() > end:
                raise DidNotStart(f"{self.name} was not ready within {seconds:.0f} s.\n{self.tail()}")
            time.sleep(0.05)

    def tail(self, lines: int = 12) -> str:
        """The last lines of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, seconds: float = 10.0) -> None:
        """Sends SIGTERM, and SIGKILL if the process has not ended after `seconds`."""
        if not self.is_running:
            return
        self._signal(signal.SIGCONT)  # a process that a test has paused would not see the SIGTERM
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Sends SIGKILL and waits for the end of the process."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:  # after its end the kernel may give the id to another process
            os.killpg(self.pid, number)
