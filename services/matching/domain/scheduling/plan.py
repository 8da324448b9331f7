"""A plan: where each pair meets, with its table; and the way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .draft import Draft
from .greedy import place_greedily
from .polish import close_gaps
from .problem import NOWHERE, Problem, Spot
from .repair import Limits, repair
from .value import Quality, quality


@dataclass(frozen=True)
class Placement:
    """A meeting of a plan, everything by number. `table` and `interpreter` are NOWHERE where it has none."""

    wish: int
    slot: int
    table: int
    interpreter: int


@dataclass(frozen=True)
class Plan:
    """Meetings by wish, and how good they are together."""

    placements: tuple[Placement, ...]
    quality: Quality

    @property
    def spots(self) -> dict[int, tuple[int, int, int]]:
        """Slot, table and interpreter by wish."""
        return {at.wish: (at.slot, at.table, at.interpreter) for at in self.placements}


def make_draft(
    problem: Problem, *, seed: int, limits: Limits, enough: int, start: Sequence[Spot | None] | None = None
) -> Draft:
    """A schedule: greedy (or what still fits of `start`, completed), then repaired. The same seed and number of steps
    give the same one."""
    draft = Draft(problem)
    if start is not None:
        take(draft, start)
    place_greedily(draft)
    repair(draft, seed=seed, limits=limits, enough=enough)
    return draft


def take(draft: Draft, spots: Iterable[Spot | None]) -> None:
    """Places what fits of an earlier schedule, in the order of its wishes."""
    for wish, spot in enumerate(spots):
        if spot is None or draft.spots[wish] is not None:
            continue
        if spot in draft.spots_for(wish, iter((spot.slot,))) and draft.fits(wish, spot):
            draft.place(wish, spot)


def finish(draft: Draft, is_over: Callable[[], bool] = lambda: False) -> Plan:
    """The plan: fewer gaps, then tables."""
    close_gaps(draft, is_over)
    tables = assign_tables(draft)
    placements = tuple(
        Placement(wish, spot.slot, tables.get(wish, NOWHERE), spot.interpreter)
        for wish, spot in enumerate(draft.spots)
        if spot is not None
    )
    return Plan(placements, quality(draft))


def assign_tables(draft: Draft) -> dict[int, int]:
    """A table for every meeting that has a hall. Somebody who sat at a table in the slot before stays there, if that is
    possible; locked meetings keep theirs."""
    problem, found, last = draft.problem, dict[int, int](), dict[int, int]()
    for slot in range(len(problem.slots)):
        for hall, by_slot in enumerate(draft.held):
            free = [n for n, table in enumerate(problem.tables) if table.hall == hall and table.free >> slot & 1]
            found |= _seat(problem, list(by_slot[slot]), free, last)
        for wish, spot in enumerate(draft.spots):
            if spot is not None and spot.slot == slot and wish in found:
                last[problem.wishes[wish].one] = last[problem.wishes[wish].other] = found[wish]
    return found


def _seat(problem: Problem, wishes: list[int], free: list[int], last: dict[int, int]) -> dict[int, int]:
    found = {wish: problem.locked[wish].table for wish in wishes if wish in problem.locked}
    left = dict.fromkeys(table for table in free if table not in found.values())
    rest = sorted(wish for wish in wishes if wish not in found)
    for wish in rest:
        stay = [last.get(who, NOWHERE) for who in (problem.wishes[wish].one, problem.wishes[wish].other)]
        table = next((table for table in stay if table in left), None)
        if table is not None:
            found[wish] = table
            del left[table]
    return found | dict(zip((wish for wish in rest if wish not in found), left, strict=False))


def spots_of(problem: Problem, placements: Iterable[Placement]) -> list[Spot | None]:
    """The same plan as spots by wish."""
    found: list[Spot | None] = [None] * len(problem.wishes)
    for at in placements:
        hall = problem.tables[at.table].hall if at.table != NOWHERE else NOWHERE
        found[at.wish] = Spot(at.slot, hall, at.interpreter)
    return found
