"""`python -m deploy.load`: participants on the system that runs in `--dir`, or on one that is started for it."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..local.run_file import RunFile
from ..local.services import free_base
from ..local.system import System
from .targets import NotLoopback, Targets

PARTICIPANTS = Path(__file__).parent / "participants.py"
ROOT = Path(__file__).parents[2]
MAX_USERS, MAX_SECONDS, MIN_SECONDS = 200, 600, 5
USERS_A_SECOND = 5
ENDS_WITHIN_SECONDS = 60
"""After its time; then locust is killed."""


def _between(low: int, high: int) -> Callable[[str], int]:
    def parsed(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
            raise argparse.ArgumentTypeError(f"a number from {low} to {high}")
        return int(text)

    return parsed


def main() -> int:
    """Returns the exit code: 0, or 1 if a request failed, an address is not loopback, or nothing was asked."""
    parser = argparse.ArgumentParser(prog="python -m deploy.load", description=__doc__)
    parser.add_argument("--users", type=_between(1, MAX_USERS), default=20, help=f"at most {MAX_USERS} (default 20)")
    parser.add_argument(
        "--seconds", type=_between(MIN_SECONDS, MAX_SECONDS), default=60, help=f"at most {MAX_SECONDS} (default 60)"
    )
    parser.add_argument("--dir", type=Path, default=Path(".magpie"), help="of the system (default .magpie)")
    parser.add_argument("--report", type=Path, default=Path(".magpie/load.html"), help="default .magpie/load.html")
    args = parser.parse_args()
    try:
        with _targets(args.dir) as targets:
            return _run(targets, args.users, args.seconds, args.report)
    except NotLoopback as error:
        print(error, file=sys.stderr)
        return 1


@contextmanager
def _targets(directory: Path) -> Iterator[Targets]:
    """Those of the system that runs there, else of one of its own. Raises NotLoopback and what a start may raise."""
    if (run := RunFile(directory).running()) is not None:
        yield Targets({name: found[0]["url"] for name, found in run["services"].items()}, directory.resolve())
        return
    print(f"Nothing runs in {directory}: a system is started for this.", file=sys.stderr)
    with (
        tempfile.TemporaryDirectory(prefix="magpie-load-") as own,
        System(Path(own), base_port=free_base()) as system,
    ):
        yield Targets({name: system.urls(name)[0] for name in system.services}, Path(own))


def _run(targets: Targets, users: int, seconds: int, report: Path) -> int:
    report.parent.mkdir(parents=True, exist_ok=True)
    figures = report.with_suffix("")
    command = [sys.executable, "-m", "locust", "-f", str(PARTICIPANTS), "--headless", "--only-summary"]
    command += ["--users", str(users), "--spawn-rate", str(USERS_A_SECOND), "--run-time", f"{seconds}s"]
    command += ["--stop-timeout", "10", "--html", str(report), "--json-file", str(figures)]
    env = {**os.environ, **targets.environment(), "PYTHONPATH": str(ROOT)}
    try:
        code = subprocess.run(command, env=env, timeout=seconds + ENDS_WITHIN_SECONDS).returncode
    except subprocess.TimeoutExpired:
        print("locust did not end in time and was killed.", file=sys.stderr)
        return 1
    return code or _said(json.loads(figures.with_suffix(".json").read_text()), report)


def _said(rows: list[dict[str, Any]], report: Path) -> int:
    """Prints the sum as one line of JSON."""
    requests, failures = (sum(row[key] for row in rows) for key in ("num_requests", "num_failures"))
    print(json.dumps({"requests": requests, "failures": failures, "report": str(report)}))
    return int(not requests or bool(failures))


if __name__ == "__main__":
    sys.exit(main())
