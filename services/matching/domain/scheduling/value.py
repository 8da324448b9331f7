"""How good a schedule is: one number for the whole order of objectives (docs/rules.md, section 9), so that a lower one
never outweighs a higher one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .draft import Draft
from .problem import Problem

FAIR, SCORE, NUMBER, LEAST, MUST = 1, 10**5, 10**13, 10**18, 10**23
"""What one unit of each objective weighs: a person with some meeting, a thousandth of a score, a meeting, a meeting
that a minimum target misses, a must-meet. A hundred thousand units of one do not outweigh a unit of the next."""


@dataclass(frozen=True, order=True)
class Quality:
    """The objectives in their order; the higher the better. `short`: meetings that minimum targets miss, negative.
    `lonely`: people with an agreed wish and no meeting, negative; `gaps`: empty slots between meetings, negative."""

    musts: int
    short: int
    meetings: int
    score: int
    lonely: int
    gaps: int


def quality(draft: Draft) -> Quality:
    """Of a whole schedule."""
    problem = draft.problem
    placed = [wish for wish, spot in zip(problem.wishes, draft.spots, strict=True) if spot is not None]
    return Quality(
        musts=sum(wish.must for wish in placed),
        short=-sum(max(0, person.least - n) for person, n in zip(problem.people, draft.count, strict=True)),
        meetings=len(placed),
        score=sum(wish.score for wish in placed),
        lonely=-sum(bool(wishes) and not n for wishes, n in zip(problem.wishes_of, draft.count, strict=True)),
        gaps=-sum(gaps_of(draft, person) for person in range(len(problem.people))),
    )


def weights(problem: Problem) -> list[int]:
    """What each wish is worth by itself."""
    return [wish.must * MUST + NUMBER + wish.score * SCORE for wish in problem.wishes]


def is_plain(problem: Problem) -> bool:
    """Whether the number of meetings alone says how good a schedule is, but for gaps."""
    return len(set(weights(problem))) < 2 and not any(person.least for person in problem.people)


def change(draft: Draft, weight: list[int], wish: int, out: Iterable[int]) -> int:
    """What the schedule gains (or loses, below 0) if these wishes go and this one comes."""
    problem, people = draft.problem, draft.problem.people
    gained, moved = weight[wish], {problem.wishes[wish].one: 1, problem.wishes[wish].other: 1}
    for other in out:
        gained -= weight[other]
        for person in (problem.wishes[other].one, problem.wishes[other].other):
            moved[person] = moved.get(person, 0) - 1
    for person, by in moved.items():
        if by:
            before, least = draft.count[person], people[person].least
            gained += LEAST * (max(0, least - before) - max(0, least - before - by))
            gained += FAIR * ((before + by > 0) - (before > 0))
    return gained


def gaps_of(draft: Draft, person: int) -> int:
    """Slots in which a person waits between two meetings of one day."""
    slots, found, waiting, day = draft.problem.slots, 0, -1, ""
    for slot, at in enumerate(draft.person_at[person]):
        if slots[slot].day != day:
            day, waiting = slots[slot].day, -1
        if at >= 0:
            found, waiting = found + max(0, waiting), 0
        elif waiting >= 0:
            waiting += 1
    return found
