"""What an organiser is told of a plan: against what is possible at all, and why each other pair is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .bounds import Bound
from .causes import Cause, cause_of
from .draft import Draft
from .plan import Plan, spots_of, take
from .problem import NOWHERE, Problem
from .value import Quality


@dataclass(frozen=True)
class Use:
    """How many places are used, of how many."""

    used: int
    of: int


@dataclass(frozen=True)
class Report:
    """`scheduled` meetings of at most `bound.meetings`; `is_best` if no plan has more. `left_out`: the cause by wish.
    `tables`: by day; `interpreters`: by number. `hybrid`: meetings with a link and a table."""

    scheduled: int
    bound: Bound
    is_best: bool
    quality: Quality
    left_out: Mapping[int, Cause]
    tables: Mapping[str, Use]
    interpreters: Mapping[int, Use]
    hybrid: int

    @property
    def causes(self) -> dict[Cause, int]:
        """How many pairs are left out for each cause."""
        return dict(Counter(self.left_out.values()))

    @property
    def share(self) -> float:
        """Of the bound; 1 where nothing is possible."""
        return self.scheduled / self.bound.meetings if self.bound.meetings else 1.0


def report(problem: Problem, plan: Plan, bound: Bound) -> Report:
    """Of a plan of this problem."""
    draft = Draft(problem)
    take(draft, spots_of(problem, plan.placements))
    return Report(
        scheduled=len(plan.placements),
        bound=bound,
        is_best=len(plan.placements) >= bound.meetings,
        quality=plan.quality,
        left_out={wish: cause_of(draft, wish) for wish in draft.unplaced},
        tables=_tables(problem, plan),
        interpreters=_interpreters(problem, plan),
        hybrid=sum(at.table != NOWHERE and problem.needs_link(at.wish, at.interpreter) for at in plan.placements),
    )


def _tables(problem: Problem, plan: Plan) -> dict[str, Use]:
    used = Counter(problem.slots[at.slot].day for at in plan.placements if at.table != NOWHERE)
    open_ = Counter[str]()
    for by_slot in problem.capacity:
        for slot, free in enumerate(by_slot):
            open_[problem.slots[slot].day] += free
    return {day: Use(used[day], open_[day]) for day in sorted(open_)}


def _interpreters(problem: Problem, plan: Plan) -> dict[int, Use]:
    used = Counter(at.interpreter for at in plan.placements if at.interpreter != NOWHERE)
    return {n: Use(used[n], interpreter.free.bit_count()) for n, interpreter in enumerate(problem.interpreters)}
