"""`run.json`: what runs here, so that outside tools and tests can find, stop and kill any part."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psutil

Run = dict[str, Any]


class RunFile:
    """Written whole or not at all; one left behind by a process that is gone counts as none."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "run.json"

    def write(self, run: Run) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft")
        me = psutil.Process()
        draft.write_text(
            json.dumps({**run, "supervisor": {"pid": me.pid, "started": me.create_time()}}, indent=2) + "\n"
        )
        os.replace(draft, self.path)

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)

    def running(self) -> Run | None:
        """What runs by another process of ours; None when nothing does."""
        try:
            run: Run = json.loads(self.path.read_text())
            supervisor = run["supervisor"]
            alive = abs(psutil.Process(supervisor["pid"]).create_time() - supervisor["started"]) < 1
        except (OSError, ValueError, KeyError, psutil.Error):
            return None
        return run if alive else None
