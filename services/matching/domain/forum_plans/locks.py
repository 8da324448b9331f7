"""Locked meetings as the scheduler takes them: each can stand where it is, and none is in the way of another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from ..scheduling.problem import NOWHERE, Interpreter, Lock, Person, Problem, Table

T = TypeVar("T", Person, Table, Interpreter)


def with_locks(problem: Problem, locks: Mapping[int, Lock], booked: Collection[int]) -> Problem:
    """The problem with the locks that can be kept. A booked meeting holds its own time, so it is kept in any case;
    another one is dropped if somebody or something that it needs was taken or went away since."""
    kept, taken = dict[int, Lock](), set[tuple[str, int, int]]()
    for wish in sorted(locks, key=lambda wish: (wish not in booked, wish)):
        needs = _needs(problem, wish, locks[wish])
        if not needs & taken and (wish in booked or all(_is_free(problem, *need) for need in needs)):
            kept[wish] = locks[wish]
            taken |= needs
    opened = _opened(problem, taken)
    return replace(opened, people=_with_room(opened, kept), locked=kept)


def _needs(problem: Problem, wish: int, lock: Lock) -> set[tuple[str, int, int]]:
    pair = problem.wishes[wish]
    found = {("people", who, lock.slot) for who in (pair.one, pair.other)}
    found |= {("tables", lock.table, lock.slot)} if lock.table != NOWHERE else set()
    return found | ({("interpreters", lock.interpreter, lock.slot)} if lock.interpreter != NOWHERE else set())


def _is_free(problem: Problem, kind: str, number: int, slot: int) -> bool:
    return bool(getattr(problem, kind)[number].free >> slot & 1)


def _opened(problem: Problem, taken: set[tuple[str, int, int]]) -> Problem:
    """What locked meetings take was there for them."""

    def opened(kind: str, parts: tuple[T, ...]) -> tuple[T, ...]:
        slots = dict[int, int]()
        for of, number, slot in taken:
            if of == kind:
                slots[number] = slots.get(number, 0) | 1 << slot
        return tuple(replace(part, free=part.free | slots.get(n, 0)) for n, part in enumerate(parts))

    return replace(
        problem,
        people=opened("people", problem.people),
        tables=opened("tables", problem.tables),
        interpreters=opened("interpreters", problem.interpreters),
    )


def _with_room(problem: Problem, kept: Mapping[int, Lock]) -> tuple[Person, ...]:
    """A person with more locked meetings than the maximum has that many."""
    count = [0] * len(problem.people)
    for wish in kept:
        count[problem.wishes[wish].one] += 1
        count[problem.wishes[wish].other] += 1
    return tuple(replace(person, most=max(person.most, n)) for person, n in zip(problem.people, count, strict=True))
