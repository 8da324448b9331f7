"""The two steps of a plan: a first schedule, then the plan that the solver improves or proves, with its report. CPU
work for some seconds up to a minute."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from ..domain.forum_plans.inputs import Asked
from ..domain.forum_plans.outputs import plan_report, planned_meetings
from ..domain.scheduling.bounds import upper_bound
from ..domain.scheduling.plan import make_draft
from ..domain.scheduling.problem import Problem, Spot
from ..domain.scheduling.repair import Limits
from ..domain.scheduling.schedule import Effort, make_schedule
from ..plan_solver import Solved, SolverLimits, is_installed, solve
from .messages import Order, Placed, Proved

STEPS = 200_000
HELP_SHARE = 2 / 3
"""Of the seconds of a step, on top of them: for what would help."""
SETTLING = 0.2
"""Of the seconds of a step, what comes after the solver: half of it for gaps, the rest for tables and the report."""


def first_schedule(order: Order, asked: Asked) -> Placed:
    """Placed greedily, and repaired."""
    limits = Limits(STEPS, lambda: time.monotonic() > order.end)
    draft = make_draft(asked.problem, seed=order.seed, limits=limits, enough=upper_bound(asked.problem).meetings)
    return Placed(spots=draft.spots)


def whole_plan(order: Order, asked: Asked, start: Sequence[Spot | None]) -> Proved:
    """The plan from the first schedule."""
    settling = order.seconds * SETTLING

    def ask(problem: Problem, spots: Sequence[Spot | None], enough: int) -> Solved:
        limits = SolverLimits(order.solver_work, order.end - settling - time.monotonic(), order.memory_mb)
        return solve(problem, spots, enough=enough, seed=order.seed, limits=limits)

    # The steps were made before; from there on they would only repeat themselves.
    effort = Effort(
        0,
        is_late=lambda: time.monotonic() > order.end - settling / 2,
        help_is_over=lambda: time.monotonic() > order.end + order.seconds * HELP_SHARE,
        start=start,
    )
    is_there = is_installed()
    solver = ask if order.solver_work and is_there else None
    made = make_schedule(asked.problem, seed=order.seed, effort=effort, solve=solver)
    if order.solver_work and not is_there:
        made = replace(made, solver="not_installed")
    return Proved(meetings=planned_meetings(asked, made), report=plan_report(asked, made))
