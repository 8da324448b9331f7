"""Where the servers of a test run keep their data: in memory, where the machine has room for that. A commit waits for
the disk (`j: true`), which is most of its time. What is about disks and power has directories of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY, NAME = Path("/dev/shm"), "magpie-tests-"
ROOM_BYTES = 4 * 2**30
"""That much must be free: servers of a whole run have used a quarter of it."""


@contextmanager
def in_memory(otherwise: Path) -> Iterator[Path]:
    """A directory that is gone afterwards; `otherwise` where there is no room. What a run has left that was killed is
    removed first."""
    if not MEMORY.is_dir():
        yield otherwise
        return
    for left in MEMORY.glob(f"{NAME}*"):
        if not Path("/proc", left.name.removeprefix(NAME)).exists():
            shutil.rmtree(left, ignore_errors=True)
    if shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        yield otherwise
        return
    found = MEMORY / f"{NAME}{os.getpid()}"
    found.mkdir()
    try:
        yield found
    finally:
        shutil.rmtree(found, ignore_errors=True)
