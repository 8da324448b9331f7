"""A disk without room for servers: said before they start, as they would end in the middle of a write."""

from __future__ import annotations

import shutil
from pathlib import Path

from .processes import DidNotStart

MIN_FREE_BYTES = 400 * 1024 * 1024
"""mongod makes its first files, and Kafka its first segments, in less than this."""
NO_SPACE = ("No space left on device", "ENOSPC", "OutOfDiskSpace")


def must_have_space(directory: Path) -> None:
    """Raises DidNotStart where the disk of the directory is all but full."""
    directory.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(directory).free
    if free < MIN_FREE_BYTES:
        raise DidNotStart(
            f"The disk of {directory} has {free >> 20} MB left, and Kafka and mongod need {MIN_FREE_BYTES >> 20} MB to "
            "start. Free some space, or give another --dir."
        )


def with_advice(error: DidNotStart, directory: Path) -> DidNotStart:
    """The error of a server that ended at its start; with what to do, where its log says that the disk is full."""
    if not any(sign in str(error) for sign in NO_SPACE):
        return error
    return DidNotStart(f"The disk of {directory} is full. Free some space, or give another --dir.\n{error}")
