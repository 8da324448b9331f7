"""Forums to be scheduled, made from a seed, and a check of plans that shares only types with the scheduler."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from random import Random

from services.matching.domain.scheduling.plan import Placement, Plan
from services.matching.domain.scheduling.problem import NOWHERE, REST_MINUTES, Interpreter, Person, Problem, Slot, Table
from services.matching.domain.scheduling.problem import Wish as Pair

SLOTS_A_DAY = 6
STEP, LENGTH = 30, 20


def grid(slots: int) -> tuple[Slot, ...]:
    """Slots of 20 minutes every half hour, six a day."""
    days = [divmod(n, SLOTS_A_DAY) for n in range(slots)]
    return tuple(Slot(f"day {d + 1}", d * 1440 + n * STEP, d * 1440 + n * STEP + LENGTH) for d, n in days)


def plain(people: int, pairs: int, *, slots: int, tables: int, available: float, seed: int) -> Problem:
    """The forum of the reference: two halves, any pairs across them, one hall, everybody free at random."""
    random, half, whole = Random(seed), people // 2, (1 << slots) - 1
    persons = tuple(
        Person(f"p{n}", sum(1 << s for s in range(slots) if random.random() < available)) for n in range(people)
    )
    chosen = random.sample(range(half * (people - half)), pairs)
    wishes = tuple(Pair(f"w{n}", n % half, half + n // half) for n in sorted(chosen))
    return Problem(grid(slots), persons, tuple(Table(f"t{n}", 0, whole) for n in range(tables)), wishes)


def hybrid(people: int, pairs: int, *, slots: int, tables: int, available: float, seed: int) -> Problem:
    """The forum of rules 15: two halls, 40 % remote, interpreters for two thirds, must-meets, targets and scores."""
    random, whole = Random(seed), (1 << slots) - 1
    base = plain(people, pairs, slots=slots, tables=tables, available=available, seed=seed)
    spoken = (frozenset({"ko"}), frozenset({"zh"}), frozenset({"ko", "en"}), frozenset({"zh", "en"}))
    persons = tuple(
        Person(
            one.id, one.free, spoken[(n >= people // 2) + 2 * (random.random() < 0.6)], random.random() < 0.4, least=2
        )
        for n, one in enumerate(base.people)
    )
    wishes = tuple(
        Pair(w.id, w.one, w.other, random.randrange(300, 1000), must=random.random() < 0.05) for w in base.wishes
    )
    both = frozenset({frozenset({"ko", "zh"})})
    helpers = tuple(Interpreter(f"i{n}", both, whole, in_a_row=4) for n in range(pairs // 15))
    seats = tuple(Table(f"t{n}", n % 2, whole) for n in range(tables))
    walking = ((0, 15), (15, 0))
    return Problem(base.slots, persons, seats, wishes, helpers, walking, buffer=10)


def faults(problem: Problem, plan: Plan) -> Iterator[str]:
    """What is wrong with a plan."""
    for one, other in combinations(plan.placements, 2):
        yield from _shared(problem, one, other)
    for at in plan.placements:
        yield from _impossible(problem, at)
    for number, interpreter in enumerate(problem.interpreters):
        if _longest_row(problem, plan, number) > interpreter.in_a_row:
            yield f"interpreter {number} has no rest"
    for number, person in enumerate(problem.people):
        if sum(number in _people(problem, at) for at in plan.placements) > person.most:
            yield f"person {number} has too many"
    for wish, lock in problem.locked.items():
        if plan.spots.get(wish) != (lock.slot, lock.table, lock.interpreter):
            yield f"wish {wish} is not where it is locked"


def _people(problem: Problem, at: Placement) -> set[int]:
    return {problem.wishes[at.wish].one, problem.wishes[at.wish].other}


def _shared(problem: Problem, one: Placement, other: Placement) -> Iterator[str]:
    """Two meetings share a person, a table or an interpreter, and are too near to each other."""
    first, second = sorted((one, other), key=lambda at: at.slot)
    gap = problem.slots[second.slot].start - problem.slots[first.slot].end
    if one.wish == other.wish:
        yield f"wish {one.wish} meets twice"
    if one.slot == other.slot and one.table == other.table != NOWHERE:
        yield f"table {one.table} is taken twice"
    halls = [problem.tables[at.table].hall for at in (one, other) if at.table != NOWHERE]
    walk = problem.walking[halls[0]][halls[1]] if len(halls) == 2 else 0
    for who in _people(problem, one) & _people(problem, other):
        pause = max(problem.buffer, 0 if problem.people[who].is_remote else walk)
        if one.slot == other.slot or gap < pause:
            yield f"person {who} is at two places"
    if one.interpreter == other.interpreter != NOWHERE:
        pause = max(problem.buffer, 0 if problem.interpreters[one.interpreter].is_remote else walk)
        if one.slot == other.slot or gap < pause:
            yield f"interpreter {one.interpreter} is at two places"


def _impossible(problem: Problem, at: Placement) -> Iterator[str]:
    pair, bit = problem.wishes[at.wish], 1 << at.slot
    sides = [problem.people[pair.one], problem.people[pair.other]]
    if not all(side.free & bit for side in sides):
        yield f"wish {at.wish} meets when somebody is away"
    if (at.table == NOWHERE) != all(side.is_remote for side in sides):
        yield f"wish {at.wish} has a table for no one, or none"
    if at.table != NOWHERE and not problem.tables[at.table].free & bit:
        yield f"table {at.table} is not there"
    strangers = all(side.languages for side in sides) and not sides[0].languages & sides[1].languages
    if strangers != (at.interpreter != NOWHERE):
        yield f"wish {at.wish} has an interpreter for nothing, or none"
    if at.interpreter != NOWHERE:
        helper = problem.interpreters[at.interpreter]
        spoken = {frozenset({a, b}) for a in sides[0].languages for b in sides[1].languages}
        if not helper.free & bit or not helper.pairs & spoken:
            yield f"interpreter {at.interpreter} cannot help"


def _longest_row(problem: Problem, plan: Plan, number: int) -> int:
    slots = sorted(problem.slots[at.slot].start for at in plan.placements if at.interpreter == number)
    ends = {slot.start: slot.end for slot in problem.slots}
    longest = row = 1 if slots else 0
    for before, after in pairwise(slots):
        row = row + 1 if after - ends[before] < REST_MINUTES else 1
        longest = max(longest, row)
    return longest
