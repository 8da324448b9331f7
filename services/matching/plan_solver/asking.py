"""Asks the process of the solver, and takes what it has reached when it ends, however it ends."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from pydantic import ValidationError

from ..domain.scheduling.problem import Problem, Spot
from ..limited_process import bare_environment
from .messages import Answer, Wish

NOT_INSTALLED = (
    "OR-tools is not installed: plans are placed greedily and repaired, which stands, but nothing proves or improves "
    "them. Install requirements-solver.lock to have that."
)
LEAST_SECONDS = 0.05
ANSWER_SHARE, ANSWER_SECONDS = 0.05, 0.3
"""Of the seconds, what is left for the way back of the answer: a share, and at least so much."""


@dataclass(frozen=True)
class SolverLimits:
    """What the process may use: deterministic time, seconds from the call to its return, memory in MB, and workers.
    With more than one worker the same seed may give other answers."""

    work: float = 8.0
    seconds: float = 30.0
    memory_mb: int = 1024
    workers: int = 1


@dataclass(frozen=True)
class Solved:
    """The best schedule, the most meetings that any could have (None: not proved), and whether the process came to its
    end; if not, what it had reached counts, or else what it was given."""

    spots: list[Spot | None]
    bound: int | None
    is_whole: bool


def is_installed() -> bool:
    """Whether there is an OR-tools to ask. It is not imported here: that is for its own process."""
    return find_spec("ortools") is not None


def solve(problem: Problem, spots: Sequence[Spot | None], *, enough: int, seed: int, limits: SolverLimits) -> Solved:
    """Proves or improves a schedule. Waits for the process: call it in a thread."""
    end = time.monotonic() + max(limits.seconds, LEAST_SECONDS)
    wish = Wish(
        problem=problem,
        spots=list(spots),
        enough=enough,
        seed=seed,
        work=limits.work,
        # The clock of the machine, which the process shares: its start and its model are part of the time.
        end=end - max(ANSWER_SECONDS, limits.seconds * ANSWER_SHARE),
        workers=limits.workers,
    )
    written, is_whole = _run(wish.model_dump_json().encode(), limits, end)
    found = Solved(list(spots), None, is_whole=False)
    for line in written.splitlines():
        try:
            answer = Answer.model_validate_json(line)
        except ValidationError:  # cut off, because the process was ended while it wrote
            break
        found = Solved(answer.spots, answer.bound, is_whole)
    return found


def _run(wish: bytes, limits: SolverLimits, end: float) -> tuple[bytes, bool]:
    """What the process has written, and whether it ended by itself. At the end of the time it is killed."""
    cpu_seconds = math.ceil(max(limits.seconds, 1) * limits.workers)
    command = [sys.executable, "-m", "services.matching.plan_solver", str(limits.memory_mb), str(cpu_seconds)]
    try:
        done = subprocess.run(
            command,
            input=wish,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=bare_environment(),
            timeout=max(LEAST_SECONDS, end - time.monotonic()),
        )
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", False
    return done.stdout, done.returncode == 0
