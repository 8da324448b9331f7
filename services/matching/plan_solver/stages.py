"""The objectives one after the other: what a stage has reached is kept by the next (docs/rules.md, section 9)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from ortools.sat.python import cp_model_helper as cp

from ..domain.scheduling.problem import Spot
from .messages import Answer, Wish
from .model import Model, solver

LEAST_SECONDS = 0.05


@dataclass
class _Run:
    """What is left of the limits, and the best schedule so far."""

    wish: Wish
    model: Model
    spots: list[Spot | None]
    work: float = 0.0

    def solve(self, share: float = 1.0) -> float | None:
        """Maximises what the model says, from the best schedule. Returns the proved bound, if there is one."""
        seconds, work = (self.wish.end - time.monotonic()) * share, (self.wish.work - self.work) * share
        if seconds < LEAST_SECONDS or work <= 0:
            return None
        self.model.hint(self.spots)
        found = solver(self.wish.seed, work, seconds, self.wish.workers).solve(self.model.proto)
        self.work += found.deterministic_time
        if found.status in (cp.OPTIMAL, cp.FEASIBLE):
            self.spots = self.model.read(list(found.solution))
            return -float(found.best_objective_bound)
        return None

    @property
    def placed(self) -> list[int]:
        """The wishes that have a spot."""
        return [wish for wish, spot in enumerate(self.spots) if spot is not None]


def improve(wish: Wish) -> Iterator[Answer]:
    """Must-meets and minimum targets, then the number of meetings, then scores and people without any. An answer after
    each stage, so that what was reached survives the end of the process."""
    run = _Run(wish, Model(wish.problem), list(wish.spots))
    if run.model.short or any(pair.must for pair in wish.problem.wishes):
        _keep_targets(run)
        yield Answer(stage="targets", spots=run.spots, work=run.work)
    bound = _most(run)
    yield Answer(stage="number", spots=run.spots, bound=bound, work=run.work)
    if len({pair.score for pair in wish.problem.wishes}) > 1:
        _best_scores(run)
        yield Answer(stage="score", spots=run.spots, bound=bound, work=run.work)


def _keep_targets(run: _Run) -> None:
    """As many must-meets as possible, and with those the fewest meetings that minimum targets miss."""
    model, pairs = run.model, run.wish.problem.wishes
    musts = [v for wish, pair in enumerate(pairs) if pair.must for v in model.of[wish]]
    missed = sum(person.least for person in run.wish.problem.people)
    model.maximise([*((v, missed + 1) for v in musts), *((v, -1) for v in model.short)])
    run.solve(share=0.4)
    kept = sum(pairs[wish].must for wish in run.placed)
    if musts:
        model.between(kept, [(v, 1) for v in musts], len(musts))
    if model.short:
        model.between(0, [(v, 1) for v in model.short], _short(run))


def _short(run: _Run) -> int:
    problem, count = run.wish.problem, [0] * len(run.wish.problem.people)
    for wish in run.placed:
        count[problem.wishes[wish].one] += 1
        count[problem.wishes[wish].other] += 1
    return sum(max(0, person.least - n) for person, n in zip(problem.people, count, strict=True))


def _most(run: _Run) -> int | None:
    """As many meetings as possible. Nothing is to be done where the bound that is known is reached."""
    if len(run.placed) >= run.wish.enough:
        return None
    every = [v for of in run.model.of.values() for v in of]
    run.model.maximise((v, 1) for v in every)
    bound = run.solve()
    return None if bound is None else int(bound + 1e-6)


def _best_scores(run: _Run) -> None:
    """With that many meetings, the highest scores."""
    model, every = run.model, [v for of in run.model.of.values() for v in of]
    model.between(len(run.placed), [(v, 1) for v in every], len(every))
    model.maximise((v, run.wish.problem.wishes[wish].score) for wish, of in model.of.items() for v in of)
    run.solve()
