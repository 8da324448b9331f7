"""Plans are made beside the service: it does not work itself, and it knows when the work has no answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest

from bench.schedule_worlds import faults, hybrid
from services.matching.domain.forum_plans.inputs import ASKED, Asked, Names
from services.matching.domain.scheduling.draft import Draft
from services.matching.domain.scheduling.plan import finish, take
from services.matching.limited_process import run_limited
from services.matching.plan_maker import PlanLimits, PlanningFailed, asking, place, prove
from services.matching.plan_maker.messages import Order
from services.matching.plan_maker.steps import first_schedule
from services.matching.plan_solver import SPOTS, SolverLimits, solve
from tests.support.turns import longest_hold

PROBLEM = hybrid(200, 600, slots=12, tables=40, available=0.8, seed=3)
NAMES = Names(
    starts=[dt.datetime(2027, 3, 4, tzinfo=dt.UTC) + dt.timedelta(minutes=slot.start) for slot in PROBLEM.slots],
    places=[table.id for table in PROBLEM.tables],
    halls=[str(n) for n in range(len(PROBLEM.walking))],
    interpreters=[one.id for one in PROBLEM.interpreters],
    matches=[wish.id for wish in PROBLEM.wishes],
    sides=[{} for _ in PROBLEM.wishes],
)
ASKED_FOR = ASKED.dump_json(Asked(PROBLEM, NAMES))
SECONDS = 1.5


async def in_a_thread(module: str, sent: bytes, *arguments: str, wall_seconds: float) -> bytes:
    head, problem, _ = sent.split(b"\n")
    order, asked = Order.model_validate_json(head), ASKED.validate_json(problem)
    return await asyncio.to_thread(lambda: first_schedule(order, asked).model_dump_json().encode())


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_service_does_not_plan_by_itself(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """In a thread it would take the interpreter from everybody who asks."""
    if not guarded:
        monkeypatch.setattr(asking, "run_limited", in_a_thread)
    answered: list[object] = []
    held = asyncio.ensure_future(longest_hold(until=lambda: bool(answered)))
    cpu = time.process_time()
    found = await place(ASKED_FOR, seed=1, limits=PlanLimits(SECONDS, 0, 1024))
    own = time.process_time() - cpu
    answered.append(found)
    print(f"CPU of its own {own:.2f} s; the loop was late by {1000 * (await held).clock:.0f} ms at most")
    draft = Draft(PROBLEM)
    take(draft, found.spots)
    assert list(faults(PROBLEM, finish(draft))) == [] and found.count > 500
    assert (own < SECONDS / 2) is guarded


async def test_both_steps_end_in_time_or_say_what_to_do() -> None:
    placed = await place(ASKED_FOR, seed=1, limits=PlanLimits(0.2, 0, 1024))
    assert placed.count > 500, "what is reached by then counts"
    with pytest.raises(PlanningFailed, match="MAGPIE_MATCHING_PLAN_MEMORY_MB"):
        await prove(ASKED_FOR, SPOTS.dump_json(placed.spots), seed=1, limits=PlanLimits(1, 0, 30))


async def test_without_or_tools_a_plan_stands_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an environment from which the package is gone, for the process that plans and for the one that it would
    start."""
    monkeypatch.setattr(sys, "executable", str(python_without(tmp_path / "without", "ortools")))
    assert await run_limited("json.tool", b"{}", wall_seconds=10) == b"{}\n", "this Python works"
    assert subprocess.run([sys.executable, "-c", "import ortools"], stderr=subprocess.DEVNULL).returncode == 1
    limits = PlanLimits(SECONDS, 20, 1024)
    placed = await place(ASKED_FOR, seed=1, limits=limits)
    proved = await prove(ASKED_FOR, SPOTS.dump_json(placed.spots), seed=1, limits=limits)
    assert proved.report.solver == "not_installed" and len(proved.meetings) >= placed.count > 500
    assert proved.report.by_step["solver"] == proved.report.by_step["repair"] <= proved.report.bound


def python_without(directory: Path, package: str) -> Path:
    """A Python with all packages of this one but one."""
    venv.create(directory, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib"))
    there = Path(sysconfig.get_path("purelib", vars={"base": str(directory), "platbase": str(directory)}))
    for one in packages.iterdir():
        if not one.name.startswith(package) and not (there / one.name).exists():
            (there / one.name).symlink_to(one)
    return directory / "bin" / "python"


def test_the_solver_keeps_to_its_seconds_with_its_start_and_its_answer() -> None:
    began = time.monotonic()
    found = solve(PROBLEM, [None] * 600, enough=601, seed=1, limits=SolverLimits(1e6, 2.0, 1024, os.cpu_count() or 1))
    assert time.monotonic() - began < 10, "it is killed at the end, and what it has written counts"
    assert len(found.spots) == 600
