"""The whole line in both languages, as `make demo` runs it, while its parts are killed under it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from deploy.demo.content import organisations
from deploy.local.processes import START_SECONDS
from deploy.local.services import PORTS, free_base
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[2]
SERVICES = tuple(PORTS)


async def demo(directory: Path, *options: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "deploy.demo", "--once", "--dir", str(directory), "--base-port", str(free_base())]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, *options, cwd=ROOT, stdout=pipe, stderr=pipe)


def running(directory: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((directory / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return found


async def is_up(process: asyncio.subprocess.Process, directory: Path) -> None:
    async def up() -> bool:
        if process.returncode is not None:
            _, err = await process.communicate()
            pytest.fail(f"the demo ended before it was up: {err.decode()[-3000:]}")
        return bool(running(directory))

    await eventually(up, "the system is up", START_SECONDS)


async def result(process: asyncio.subprocess.Process, said: str = "") -> dict[str, Any]:
    """The last line. `said`: what was read of its errors before."""
    out, err = await process.communicate()
    assert process.returncode == 0, (said + err.decode())[-3000:]
    line: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
    return line


FIRMS = 30


@pytest.mark.long
@pytest.mark.timeout(500)
@pytest.mark.parametrize("embedder", ["use-e5-1", pytest.param("use-then-e5-1", marks=pytest.mark.slow)])
async def test_the_books_are_right_though_every_service_is_killed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: str
) -> None:
    """kill -9 of one replica of each service in turn, while the forum is busy; each is started again by itself. With
    two encoders matching dies between their stages too."""
    monkeypatch.setenv("MAGPIE_MATCHING_EMBEDDER", embedder)
    process = await demo(tmp_path, "--organisations", str(FIRMS))
    await is_up(process, tmp_path)
    pids = {entry["pid"] for entries in running(tmp_path)["services"].values() for entry in entries}
    assert len(pids) == len(SERVICES)
    for name in SERVICES:
        victim = running(tmp_path)["services"][name][-1]["pid"]
        os.kill(victim, signal.SIGKILL)

        def restarted(name: str = name, victim: int = victim) -> bool:
            there = running(tmp_path).get("services", {}).get(name, [])
            return len(there) == 1 and there[0]["pid"] != victim

        await eventually(restarted, f"{name} runs again")
    line = await result(process)
    funnel = line["funnel"]
    assert list(funnel) == ["registered", "proposed", "accepted", "agreed", "booked", "notified"]
    assert funnel["registered"] == sum(len(o.people) for o in organisations()[:FIRMS])
    assert all(funnel.values()) and line["seconds"] > 0
    assert list(line)[1:-1] == ["scheduled", "published", "checked_in", "outcomes"]
    assert line["scheduled"] >= line["published"] > 0 < line["outcomes"] <= line["checked_in"]
    assert not any(psutil.pid_exists(pid) for pid in pids) and not (tmp_path / "run.json").exists()


BUSY = ("They read what was proposed, and answer", "They register their delegates", "Day 1: they meet")
"""Steps that are in the middle of answers, of the registration and of the days."""
SERVICES_KILLED_AT = {
    "The plan is published": "matching",
    "Everybody is told once": "notifications",
    "Day 1: they meet": "matching",
    "Day 1: the afternoon": "notifications",
    "Day 2: they meet": "matching",
}
"""By step of the demonstration: what is killed when it begins."""


def pid_of(directory: Path, name: str) -> int:
    run = running(directory)
    return int(run[name]["pid"] if name in run else run["services"][name][-1]["pid"])


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "killed_at",
    [SERVICES_KILLED_AT, dict.fromkeys(BUSY, "kafka"), dict.fromkeys(BUSY, "mongo")],
    ids=["services", "kafka", "mongo"],
)
async def test_the_books_are_right_though_parts_are_killed_while_a_plan_is_published_and_on_the_days(
    tmp_path: Path, killed_at: dict[str, str]
) -> None:
    """kill -9 of services, of the broker, of mongod: the supervisor starts them again on the same data."""
    process = await demo(tmp_path, "--organisations", str(FIRMS))
    killed, said = list[str](), list[str]()
    assert process.stderr
    async for line in process.stderr:
        said.append(line.decode())
        for step, name in killed_at.items():
            if step in said[-1]:
                os.kill(pid_of(tmp_path, name), signal.SIGKILL)
                killed.append(name)
    line_of_json = await result(process, "".join(said))
    assert killed == list(killed_at.values()) and line_of_json["checked_in"] and line_of_json["outcomes"]


@pytest.mark.long
@pytest.mark.timeout(500)
async def test_a_forum_that_cannot_happen_fails_and_says_so(tmp_path: Path) -> None:
    """A demo that is stopped in its middle exits non-zero and leaves nothing behind."""
    process = await demo(tmp_path)
    await is_up(process, tmp_path)
    run = running(tmp_path)
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert process.returncode not in (0, None)
    pids = [run["kafka"]["pid"], run["mongo"]["pid"], *(e["pid"] for es in run["services"].values() for e in es)]
    assert not any(psutil.pid_exists(pid) for pid in pids)
