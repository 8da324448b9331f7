"""Children that never outlive us: each in a session of its own, ended by the kernel when this process is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)
# The kernel ends a child when the *thread* that started it ends: one that lives as long as we do starts them all.
_starter = ThreadPoolExecutor(1, thread_name_prefix="children")


class DidNotStart(Exception):
    """With the end of its log."""


def _with_us() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A process of ours with whatever it starts: a signal goes to all of them. `log` takes its output, appended."""

    def __init__(self, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
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
                start_new_session=True,
                preexec_fn=_with_us,
            ).result()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Raises DidNotStart when it ends, or is not ready in time."""
        end = time.monotonic() + seconds
        while not ready():
            if not self.is_running:
                raise DidNotStart(f"{self.name} ended with code {self.exit_code} before it was ready.\n{self.tail()}")
            if time.monotonic() > end:
                raise DidNotStart(f"{self.name} was not ready within {seconds:.0f} s.\n{self.tail()}")
            time.sleep(0.05)

    def tail(self, lines: int = 12) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, seconds: float = 10.0) -> None:
        """SIGTERM, and SIGKILL when that is not enough."""
        if not self.is_running:
            return
        self.resume()
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        self._process.wait()

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:  # else its id may be another's by now
            os.killpg(self.pid, number)
