"""Work that a file of others decides the amount of: in a process of its own, which may be killed."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

NICE = 10
PR_SET_PDEATHSIG = 1
_ROOT = Path(__file__).resolve().parents[2]


def limit_this_process(*, cpu_seconds: int, memory_bytes: int) -> None:
    """Sets the limits, which the system enforces: called first in such a process."""
    os.nice(max(0, NICE - os.nice(0)))  # people who wait for other answers come first
    # Linux ends it with the one that has started it, also where that one was killed and could end nothing.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def bare_environment() -> dict[str, str]:
    """All that such a process gets of ours: nothing with secrets in it. It imports nothing from where it is started."""
    return {"PYTHONPATH": str(_ROOT), "PYTHONSAFEPATH": "1", "PATH": os.environ.get("PATH", "")}


async def run_limited(module: str, sent: bytes, *arguments: str, wall_seconds: float) -> bytes:
    """What a module of ours has written, started with `sent` on its standard input; nothing if it did not end by
    itself. It is ended with the processes that it has started."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=bare_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(wall_seconds):
            written, _ = await process.communicate(sent)
            return written
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
