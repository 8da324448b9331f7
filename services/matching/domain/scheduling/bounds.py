"""What no schedule can exceed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .pairing import Arc, most_meetings
from .problem import NOWHERE, Problem, bits

BoundName = Literal["pairs", "tables", "people", "partners", "interpreters", "solver"]


@dataclass(frozen=True)
class Bound:
    """The lowest bound that is proved, which one it is, and all of them."""

    meetings: int
    by: BoundName
    all: dict[BoundName, int]


def upper_bound(problem: Problem, solver: int | None = None) -> Bound:
    """The least of: pairs that could meet at all; slots times tables, with those who need none; half of what people
    can attend, also each with whom they wish (`partners`); pairs without an interpreter, with what interpreters can
    serve; and what the solver has proved, if it has."""
    possible = [wish for wish in range(len(problem.wishes)) if problem.has_option(wish)]
    partners, room = _people(problem, possible)
    bounds: dict[BoundName, int] = {
        "pairs": len(possible),
        "tables": _tables(problem, possible),
        "people": sum(room) // 2,
        "partners": most_meetings(partners, room),
        "interpreters": _interpreters(problem, possible),
    }
    if solver is not None:
        bounds["solver"] = solver
    by = min(bounds, key=lambda name: bounds[name])
    return Bound(bounds[by], by, bounds)


def _tables(problem: Problem, possible: list[int]) -> int:
    without = sum(problem.halls_of[wish] == (NOWHERE,) for wish in possible)
    return without + sum(map(sum, problem.capacity))


def _people(problem: Problem, possible: list[int]) -> tuple[list[list[Arc]], list[int]]:
    """Whom each person may meet, and how many meetings it can attend: min(degree, availability, maximum)."""
    partners, reached = [list[Arc]() for _ in problem.people], [0] * len(problem.people)
    for wish in possible:
        pair = problem.wishes[wish]
        for person, other in ((pair.one, pair.other), (pair.other, pair.one)):
            partners[person].append((other, wish))
            reached[person] |= problem.common[wish]
    degrees, slots = map(len, partners), (mask.bit_count() for mask in reached)
    return partners, list(map(min, degrees, slots, (person.most for person in problem.people)))


def _interpreters(problem: Problem, possible: list[int]) -> int:
    helped = [wish for wish in possible if problem.helpers_of[wish] != (NOWHERE,)]
    served = sum(_served(problem, number) for number in range(len(problem.interpreters)))
    return len(possible) - len(helped) + min(len(helped), served)


def _served(problem: Problem, number: int) -> int:
    """How many meetings an interpreter can serve: after `in_a_row` without a rest comes a slot without one. To begin as
    early as possible and to pause as late as possible serves most."""
    interpreter, served, run, last = problem.interpreters[number], 0, 0, NOWHERE
    for slot in bits(interpreter.free):
        run = run if problem.follows[slot] and last == slot - 1 else 0
        if run < interpreter.in_a_row:
            served, run, last = served + 1, run + 1, slot
    return served
