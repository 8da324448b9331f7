"""`run.json`: what runs here. Tools and tests read it to find, stop or kill any part."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psutil

Run = dict[str, Any]
"""The content of `run.json`: addresses and process ids of the supervisor, the servers and the services."""


class RunFile:
    """The file `run.json` of a directory. Readers never see half of it; a file whose writer is gone is ignored."""

    def __init__(self, directory: Path) -> None:
        """Does not touch the file yet."""
        self.path = directory / "run.json"

    def write(self, run: Run) -> None:
        """Writes or replaces the file, with this process as its supervisor."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft")
        me = psutil.Process()
        draft.write_text(
            json.dumps({**run, "supervisor": {"pid": me.pid, "started": me.create_time()}}, indent=2) + "\n"
        )
        os.replace(draft, self.path)  # atomic: a reader sees the old file or the new one

    def remove(self) -> None:
        """Deletes the file, if it exists."""
        self.path.unlink(missing_ok=True)

    def running(self) -> Run | None:
        """The content of the file if the process that wrote it still runs, else None."""
        try:
            run: Run = json.loads(self.path.read_text())
            supervisor = run["supervisor"]
            writer = psutil.Process(supervisor["pid"])
            # The start time too: after a reboot another process may have the same id. One that was killed, and whose
            # parent does not collect it, keeps its id as a zombie.
            alive = abs(writer.create_time() - supervisor["started"]) < 1 and writer.status() != psutil.STATUS_ZOMBIE
        except (OSError, ValueError, KeyError, psutil.Error):
            return None
        return run if alive else None
