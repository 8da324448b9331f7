"""What no schedule can exceed, and why."""

from __future__ import annotations

from collections.abc import Set
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
    serve; and what the solver has proved, if it has. What is locked is in each of them."""
    # What is locked meets anyway, also without the table or the interpreter that it would be given today.
    possible = [n for n in range(len(problem.wishes)) if n in problem.locked or problem.has_option(n)]
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
    locked = problem.locked
    without = sum(
        locked[wish].table == NOWHERE if wish in locked else problem.halls_of[wish] == (NOWHERE,) for wish in possible
    )
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
    locked = problem.locked
    helped = [
        wish
        for wish in possible
        if (locked[wish].interpreter != NOWHERE if wish in locked else problem.helpers_of[wish] != (NOWHERE,))
    ]
    held = [{lock.slot for lock in locked.values() if lock.interpreter == n} for n in range(len(problem.interpreters))]
    served = sum(_served(problem, number, slots) for number, slots in enumerate(held))
    return len(possible) - len(helped) + min(len(helped), served)


def _served(problem: Problem, number: int, held: Set[int]) -> int:
    """How many meetings an interpreter can serve: after `in_a_row` without a rest comes a slot without one. To begin as
    early as possible and to pause as late as possible serves most. What is `held` is served in any case."""
    interpreter, served, run, last = problem.interpreters[number], 0, 0, NOWHERE
    for slot in bits(interpreter.free):
        run = run if problem.follows[slot] and last == slot - 1 else 0
        if slot in held or run < interpreter.in_a_row:
            served, run, last = served + 1, run + 1, slot
    return served
