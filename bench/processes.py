"""CPU time and memory of processes, from Linux' /proc."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU seconds of these processes since their start, user and system together."""
    total = 0
    for pid in pids:
        # The name of the program, in parentheses, may contain spaces: fields are counted after it.
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def family(pid: int) -> list[int]:
    """A process and those that it has started: the encoders of matching have one of their own."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


class OthersWatch:
    """How much of the machine's CPU processes took that are not this process or started by it."""

    def __init__(self) -> None:
        """Watches from now on."""
        self._began, self._busy, self._own = time.monotonic(), _busy_seconds(), _own_seconds()

    def cores(self) -> float:
        """Cores that others kept busy on average since the start: 0.1 is a tenth of one core."""
        others = _busy_seconds() - self._busy - (_own_seconds() - self._own)
        return round(max(0.0, others) / (time.monotonic() - self._began), 2)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system)


def _own_seconds() -> float:
    """Also of children that have ended and of those that run."""
    ended = os.times()
    running = psutil.Process().children(recursive=True)
    return ended.user + ended.system + ended.children_user + ended.children_system + sum(map(_seconds_of, running))


def _seconds_of(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def rss_mb(pid: int) -> float:
    """Resident memory in megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def machine() -> str:
    """Cores, model, memory, Python and kernel of this machine, in one line."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Python {platform.python_version()}, {platform.release()}"
