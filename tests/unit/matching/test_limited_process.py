"""Work in a process of its own ends with who has asked for it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.matching.plan_maker import PlanLimits, place, prove
from services.matching.plan_solver import SPOTS
from tests.support.descendants import descendants, is_alive
from tests.support.waiting import eventually
from tests.unit.matching.test_plan_maker import ASKED_FOR

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import signal, sys
from services.matching import limited_process
if sys.argv[1] == "False":
    limited_process.PR_SET_PDEATHSIG = 0
limited_process.limit_this_process(cpu_seconds=60, memory_bytes=1 << 30)
print("limited", flush=True)
signal.pause()
"""
PARENT = """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2]], stdout=subprocess.PIPE)
assert child.stdout.readline() == b"limited\\n"
print(child.pid, flush=True)
signal.pause()
"""


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_step_that_is_cancelled_ends_its_processes(monkeypatch: pytest.MonkeyPatch, guarded: bool) -> None:
    """The one that plans, and the solver that it has started."""
    placed = await place(ASKED_FOR, seed=1, limits=PlanLimits(0.2, 0, 1024))
    killpg = os.killpg
    if not guarded:
        monkeypatch.setattr(os, "killpg", lambda pid, by: os.kill(pid, signal.SIGSTOP))
    step = asyncio.ensure_future(
        prove(ASKED_FOR, SPOTS.dump_json(placed.spots), seed=1, limits=PlanLimits(60, 1e6, 1024))
    )

    async def solving() -> list[int]:
        return descendants(os.getpid(), "services.matching.plan_solver")

    solvers = await eventually(solving, "the solver works")
    both = [*descendants(os.getpid(), "services.matching.plan_maker"), *solvers]
    assert len(both) == 2
    step.cancel()

    async def gone() -> bool:
        return not any(map(is_alive, both))

    if guarded:
        await eventually(gone, "both processes are gone", 5)
    else:
        with pytest.raises(AssertionError):
            await eventually(gone, "both processes are gone", 1)
        killpg(both[0], signal.SIGKILL)
    with pytest.raises(asyncio.CancelledError):
        await step


@pytest.mark.parametrize("guarded", [True, False])
async def test_who_is_killed_leaves_no_process_behind(guarded: bool) -> None:
    command = [sys.executable, "-c", PARENT, CHILD, str(guarded)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(await asyncio.to_thread(parent.stdout.readline))
        parent.kill()

    async def gone() -> bool:
        return not is_alive(child)

    if guarded:
        await eventually(gone, "its process is gone", 5)
    else:
        assert is_alive(child)
        os.kill(child, signal.SIGKILL)
