"""`python -m deploy.local`: what a developer sees, and what is left when it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil

from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
LOCAL = [sys.executable, "-m", "deploy.local"]


def local(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*LOCAL, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_run_gives_a_command_its_servers_and_hands_on_its_exit_code(tmp_path: Path) -> None:
    """And leaves the command its own double dash."""
    found = "os.environ['MAGPIE_KAFKA_BOOTSTRAP'], os.environ['MAGPIE_MONGO_URI'], sys.argv[1:]"
    command = [sys.executable, "-c", f"import os, sys; print({found}); sys.exit(7)", "a", "--", "b"]
    done = local("run", "--dir", str(tmp_path), "--only-servers", "--", *command)
    assert done.returncode == 7, done.stderr
    kafka, mongo, arguments = done.stdout.strip().split(" ", 2)
    assert kafka.startswith("127.0.0.1:") and mongo.startswith("mongodb://127.0.0.1:")
    assert arguments == "['a', '--', 'b']"
    assert not (tmp_path / "run.json").exists()


async def test_up_describes_itself_refuses_a_second_and_leaves_nothing(tmp_path: Path) -> None:
    up = subprocess.Popen([*LOCAL, "up", "--dir", str(tmp_path), "--only-servers"], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        await eventually((tmp_path / "run.json").exists, "run.json", 60)
        run = json.loads((tmp_path / "run.json").read_text())
        pids = [run["kafka"]["pid"], run["mongo"]["pid"]]
        assert all(psutil.pid_exists(pid) for pid in pids) and run["services"] == {}
        second = local("up", "--dir", str(tmp_path), "--only-servers")
        assert second.returncode == 1 and run["kafka"]["bootstrap"] in second.stderr
    finally:
        up.send_signal(signal.SIGTERM)
        assert up.wait(30) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert not (tmp_path / "run.json").exists()


async def test_children_end_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    up = subprocess.Popen([*LOCAL, "up", "--dir", str(tmp_path), "--only-servers"], cwd=ROOT, stdout=subprocess.DEVNULL)
    await eventually((tmp_path / "run.json").exists, "run.json", 60)
    run = json.loads((tmp_path / "run.json").read_text())
    up.kill()
    up.wait()

    def gone() -> bool:
        return not any(psutil.pid_exists(run[name]["pid"]) for name in ("kafka", "mongo"))

    await eventually(gone, "no orphans", 20)


def test_a_taken_port_is_a_clear_error(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = local("up", "--dir", str(tmp_path), "--only-servers", "--kafka-port", str(port))
    assert done.returncode == 1
    assert str(port) in done.stderr and "--kafka-port" in done.stderr and "Traceback" not in done.stderr
