"""From a problem to a plan with its report: greedy, repair, the solver if there is one, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from .bounds import upper_bound
from .draft import Draft
from .helps import Help, what_helps
from .plan import Plan, finish, make_draft, take
from .problem import Problem, Spot
from .repair import Limits
from .report import Report, report
from .value import Quality, is_plain, quality

SolverState = Literal["proved", "open", "failed", "not_needed", "not_asked", "not_installed"]
"""`open`: it came to its limits before it could prove that nothing better is left."""


class Solved(Protocol):
    """What a solver has reached: the best schedule, and the most meetings that any could have, if that is proved."""

    @property
    def spots(self) -> list[Spot | None]:
        """By wish."""

    @property
    def bound(self) -> int | None:
        """Of meetings."""

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end."""


Solve = Callable[[Problem, list[Spot | None], int], Solved]
"""From a schedule, and a bound at which there is nothing to do."""


@dataclass(frozen=True)
class Effort:
    """How long is tried. `steps` of repair decide, so that a seed gives one plan on any machine; the clock stops what
    takes far too long: repair where it `is_over`, gaps are closed until it `is_late`, and until `help_is_over` changes
    are tried. `start`: a schedule to begin from."""

    steps: int = 200_000
    is_over: Callable[[], bool] = lambda: False
    is_late: Callable[[], bool] = lambda: False
    help_is_over: Callable[[], bool] = lambda: False
    explain: bool = True
    start: Sequence[Spot | None] | None = None


@dataclass(frozen=True)
class Schedule:
    """A plan, what is said of it, and how far each step came."""

    plan: Plan
    report: Report
    helps: list[Help]
    solver: SolverState
    by_step: dict[str, int]


def make_schedule(problem: Problem, *, seed: int, effort: Effort, solve: Solve | None = None) -> Schedule:
    """The best plan that the effort finds."""
    bound = upper_bound(problem)
    limits = Limits(effort.steps, effort.is_over)
    draft = make_draft(problem, seed=seed, limits=limits, enough=bound.meetings, start=effort.start)
    by_step = {"repair": quality(draft).meetings}
    draft, proved, state = _solved(problem, draft, bound.meetings, solve)
    by_step["solver"] = quality(draft).meetings
    plan = finish(draft, effort.is_late)
    found = report(problem, plan, bound if proved is None else upper_bound(problem, proved))
    helps = what_helps(problem, plan, found, seed=seed, is_over=effort.help_is_over) if effort.explain else []
    return Schedule(plan, found, helps, state, by_step)


def _solved(problem: Problem, draft: Draft, enough: int, solve: Solve | None) -> tuple[Draft, int | None, SolverState]:
    """The better one of the draft and what the solver makes of it, and the bound that it has proved."""
    if solve is None:
        return draft, None, "not_asked"
    if not draft.unplaced or (is_plain(problem) and quality(draft).meetings >= enough):
        return draft, None, "not_needed"
    found = solve(problem, list(draft.spots), enough)
    other = Draft(problem)
    take(other, found.spots)
    best = other if _rank(other) > _rank(draft) else draft
    if not found.is_whole:
        return best, found.bound, "failed"
    meetings = quality(best).meetings
    return best, found.bound, "proved" if meetings >= min(enough, found.bound or enough) else "open"


def _rank(draft: Draft) -> tuple[int, ...]:
    """Without gaps, which are closed afterwards."""
    found: Quality = quality(draft)
    return (found.musts, found.short, found.meetings, found.score, found.lonely)
