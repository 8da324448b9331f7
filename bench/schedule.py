"""`make bench-schedule`: how many of the agreed pairs the scheduler places, side by side with the greedy step alone and
with CP-SAT alone, against the bound that is proved, and their cost as forums grow. Each in a process of its own."""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from services.matching.domain.scheduling.bounds import upper_bound
from services.matching.domain.scheduling.draft import Draft
from services.matching.domain.scheduling.greedy import place_greedily
from services.matching.domain.scheduling.plan import Plan, finish
from services.matching.domain.scheduling.problem import Problem
from services.matching.domain.scheduling.schedule import Effort, make_schedule
from services.matching.plan_solver import SolverLimits, solve

from .processes import machine
from .schedule_plot import draw
from .schedule_worlds import faults, hybrid, plain

RESULTS = Path(__file__).parent / "results" / "schedule.json"
SEED = 1
MEMORY_MB = 1024
SIZES: dict[str, tuple[Callable[..., Problem], float]] = {
    "150/500": (partial(plain, 150, 500, slots=12, tables=50, available=0.8), 5.0),
    "250/1000": (partial(plain, 250, 1000, slots=12, tables=100, available=0.8), 10.0),
    "500/2000": (partial(plain, 500, 2000, slots=12, tables=200, available=0.8), 30.0),
    "1000/4000": (partial(plain, 1000, 4000, slots=12, tables=400, available=0.8), 60.0),
    "hybrid 250/600": (partial(hybrid, 250, 600, slots=12, tables=50, available=0.8), 30.0),
}
"""People and pairs, and the seconds that a plan of them may take."""
WAYS = ("greedy", "ours", "solver")
SETTLING = 0.15
"""Of the seconds, what comes after the solver: gaps, tables, the report."""


def planned(way: str, problem: Problem, seconds: float) -> tuple[Plan, int | None]:
    """A plan made in one of the ways, and the bound that it has proved."""
    begun = time.monotonic()
    draft = Draft(problem)
    if way == "greedy":
        place_greedily(draft)
        return finish(draft), None
    if way == "solver":
        # With nothing to begin from: our limits of seconds and memory, all cores, no limit of deterministic time.
        limits = SolverLimits(1e6, seconds * (1 - SETTLING), MEMORY_MB, workers=os.cpu_count() or 1)
        found = solve(problem, draft.spots, enough=len(problem.wishes) + 1, seed=SEED, limits=limits)
        draft.restore(found.spots)
        return finish(draft), found.bound

    def ask(of: Problem, spots: Any, enough: int) -> Any:
        left = seconds * (1 - SETTLING) - (time.monotonic() - begun)
        return solve(of, spots, enough=enough, seed=SEED, limits=SolverLimits(1e6, left, MEMORY_MB))

    effort = Effort(
        is_over=lambda: time.monotonic() - begun > seconds / 2,
        is_late=lambda: time.monotonic() - begun > seconds * (1 - SETTLING / 2),
        explain=False,
    )
    made = make_schedule(problem, seed=SEED, effort=effort, solve=ask)
    return made.plan, made.report.bound.meetings


def measured(name: str, way: str) -> dict[str, Any]:
    """One plan, checked."""
    build, seconds = SIZES[name]
    problem: Problem = build(seed=SEED)
    begun = time.monotonic()
    plan, bound = planned(way, problem, seconds)
    taken = time.monotonic() - begun
    wrong = list(faults(problem, plan))
    assert not wrong, wrong[:3]
    used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    found = plan.quality
    return {
        "scheduled": found.meetings,
        "seconds": round(taken, 2),
        "resident_mb": round(used / 1024),
        "bound": min(bound or len(problem.wishes), upper_bound(problem).meetings),
        "musts": found.musts,
        "targets_missed": -found.short,
        "score": found.score,
        "gaps": -found.gaps,
    }


def figures(names: list[str], run: Callable[[str, str], dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All ways side by side, with the lowest bound that any of them has proved."""
    for name in names:
        by_way = {way: run(name, way) for way in WAYS}
        bound = min(found.pop("bound") for found in by_way.values())
        for found in by_way.values():
            found["of_bound"] = round(found["scheduled"] / bound, 4)
        yield name, {"bound": bound, "limit_seconds": SIZES[name][1], **by_way}


def alone(name: str, way: str) -> dict[str, Any]:
    """Measured in a process of its own, so that one does not use the memory of another."""
    command = [sys.executable, "-m", "bench.schedule", "--one", name, way]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measures, prints the figures and writes them with their plot."""
    parser = argparse.ArgumentParser(prog="python -m bench.schedule", description=__doc__)
    parser.add_argument("sizes", nargs="*", default=list(SIZES), help=f"of {', '.join(SIZES)}")
    parser.add_argument("--one", nargs=2, metavar=("SIZE", "WAY"), help="only one plan (used by itself)")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measured(*args.one)))
        return
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results = {**known, "machine": machine(), "load_average_before": round(os.getloadavg()[0], 1)}
    for name, found in figures(args.sizes, alone):
        print(name, json.dumps(found, indent=2), flush=True)
        results[name] = found
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    draw(results)


if __name__ == "__main__":
    main()
