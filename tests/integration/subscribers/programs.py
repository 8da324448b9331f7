"""The example subscribers as processes that can be killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.contract.node import modules
from tests.support.waiting import eventually

EXAMPLES = Path(__file__).parents[3] / "examples" / "subscribers"


@dataclass
class Program:
    """One subscriber with its store. Its log survives it."""

    command: list[str]
    folder: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "log"
        self.log.touch()

    def start(self, **env: str) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "follow"],
                env=self.env | env,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                preexec_fn=_hears_ctrl_c,
            )

    def kill(self) -> None:
        """kill -9."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def interrupt(self) -> int:
        """Ctrl-C. Returns the exit code."""
        assert self.process
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def shown(self) -> list[dict[str, Any]]:
        done = subprocess.run([*self.command, "show"], env=self.env, cwd=self.folder, capture_output=True, check=True)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def said(self, event: str) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        return [line for line in map(_parsed, lines) if line.get("event") == event]

    async def says(self, event: str, *, more: int = 1) -> dict[str, Any]:
        """The last line of this event, once there are so many more than now."""
        before = len(self.said(event))

        def found() -> list[dict[str, Any]]:
            assert self.process is None or self.process.poll() is None, f"it ended:\n{self.log.read_text()[-3000:]}"
            lines = self.said(event)
            return lines if len(lines) >= before + more else []

        lines: list[dict[str, Any]] = await eventually(found, f"{more} more lines of {event}")
        return lines[-1]


def _hears_ctrl_c() -> None:
    """A shell starts what runs in its background with Ctrl-C ignored, and these tests may run there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def environment(bootstrap: str, topic: str, folder: Path, **more: str) -> dict[str, str]:
    ours = {
        "KAFKA_BOOTSTRAP": bootstrap,
        "TOPIC": topic,
        "STORE": str(folder / "store"),
        "LOOK_EVERY_SECONDS": "0.5",
        "SESSION_TIMEOUT_MS": "1500",
        "GROUP": f"{topic}.directory",
    }
    return dict(os.environ) | ours | more


def python(folder: Path) -> list[str]:
    """A copy of the example, so that a test can change it."""
    shutil.copytree(EXAMPLES / "python", folder / "python")
    return [sys.executable, str(folder / "python" / "directory.py")]


def javascript(folder: Path) -> list[str]:
    """The example with its packages, which are installed once."""
    shutil.copytree(EXAMPLES / "javascript", folder / "javascript", ignore=shutil.ignore_patterns("node_modules"))
    (folder / "javascript" / "node_modules").symlink_to(modules(EXAMPLES / "javascript"))
    return ["node", str(folder / "javascript" / "directory.mjs")]


def java(folder: Path) -> list[str]:
    """The example as Maven has built it."""
    shutil.copytree(EXAMPLES / "java", folder / "java", ignore=shutil.ignore_patterns("target"))
    subprocess.run(["mvn", "-q", "-B", "package"], cwd=folder / "java", check=True, timeout=170)
    target = folder / "java" / "target"
    return [
        "java",
        "-Xmx128m",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        f"{target / 'classes'}:{target / 'lib'}/*",
        "Directory",
    ]
