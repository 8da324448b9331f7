"""A problem as a model of CP-SAT. It is written as the solver reads it, because the layer above it
(`ortools.sat.python.cp_model`) wants pandas, 46 MB, for what is not used here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from ortools.sat.python import cp_model_helper as cp

from ..domain.scheduling.problem import NOWHERE, REST_MINUTES, Interpreter, Problem, Spot, bits


class Model:
    """A variable for each spot that a wish could take, and constraints for everything that is there once."""

    def __init__(self, problem: Problem) -> None:
        """Without an objective."""
        self.problem, self.proto = problem, cp.CpModelProto()
        self.spots: list[tuple[int, Spot]] = []
        self.of: dict[int, list[int]] = defaultdict(list)
        self.person: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for wish in range(len(problem.wishes)):
            self._add_wish(wish)
        self.short = [self._add_target(n) for n, person in enumerate(problem.people) if person.least]
        self._add_people()
        self._add_tables()
        self._add_interpreters()

    def variable(self, low: int, high: int) -> int:
        """A new one, with its least and its greatest value."""
        self.proto.variables.add().domain.extend([low, high])
        return len(self.proto.variables) - 1

    def at_most_one(self, of: Sequence[int]) -> None:
        """Of these variables."""
        if len(of) > 1:
            self.proto.constraints.add().at_most_one.literals.extend(of)

    def between(self, low: int, terms: Iterable[tuple[int, int]], high: int) -> None:
        """A sum of variables, each with its factor."""
        linear = self.proto.constraints.add().linear
        for variable, factor in terms:
            linear.vars.append(variable)
            linear.coeffs.append(factor)
        linear.domain.extend([low, high])

    def maximise(self, terms: Iterable[tuple[int, int]]) -> None:
        """Sets the objective. CP-SAT minimises, so it is turned round."""
        self.proto.clear_objective()
        for variable, factor in terms:
            self.proto.objective.vars.append(variable)
            self.proto.objective.coeffs.append(-factor)

    def hint(self, spots: Sequence[Spot | None]) -> None:
        """Begins with a schedule that is known; with none, without a hint, as an empty one would be taken for good."""
        self.proto.clear_solution_hint()
        if not any(spots):
            return
        hint = self.proto.solution_hint
        for variable, (wish, spot) in enumerate(self.spots):
            hint.vars.append(variable)
            hint.values.append(int(spots[wish] == spot))

    def read(self, solution: Sequence[int]) -> list[Spot | None]:
        """The schedule of a solution."""
        found: list[Spot | None] = [None] * len(self.problem.wishes)
        for (wish, spot), is_taken in zip(self.spots, solution, strict=False):
            if is_taken:
                found[wish] = spot
        return found

    def _add_wish(self, wish: int) -> None:
        pair, lock = self.problem.wishes[wish], self.problem.locked.get(wish)
        for spot in self._options(wish):
            variable = self.variable(int(lock is not None), 1)
            self.spots.append((wish, spot))
            self.of[wish].append(variable)
            for who in (pair.one, pair.other):
                self.person[who, spot.slot, spot.hall].append(variable)
        self.at_most_one(self.of[wish])

    def _options(self, wish: int) -> list[Spot]:
        problem, lock = self.problem, self.problem.locked.get(wish)
        if lock is not None:
            hall = problem.tables[lock.table].hall if lock.table != NOWHERE else NOWHERE
            return [Spot(lock.slot, hall, lock.interpreter)]
        return [
            Spot(slot, hall, helper)
            for slot in bits(problem.common[wish])
            for hall in problem.halls_of[wish]
            for helper in problem.helpers_of[wish]
            if (hall == NOWHERE or problem.capacity[hall][slot])
            and (helper == NOWHERE or problem.interpreters[helper].free >> slot & 1)
        ]

    def _add_target(self, number: int) -> int:
        """How many meetings a person misses."""
        least = self.problem.people[number].least
        missed, mine = self.variable(0, least), self._of_person(number)
        self.between(least, [(missed, 1), *((v, 1) for v in mine)], least + len(mine))
        return missed

    def _of_person(self, number: int) -> list[int]:
        return [variable for wish in self.problem.wishes_of[number] for variable in self.of[wish]]

    def _add_people(self) -> None:
        problem = self.problem
        halls = (NOWHERE, *range(len(problem.walking)))
        for number, person in enumerate(problem.people):
            at = {(s, h): v for s in range(len(problem.slots)) for h in halls if (v := self.person.get((number, s, h)))}
            for slot in range(len(problem.slots)):
                self.at_most_one([v for hall in halls for v in at.get((slot, hall), ())])
            mine = self._of_person(number)
            if len(problem.wishes_of[number]) > person.most:
                self.between(0, [(v, 1) for v in mine], person.most)
            self._add_walks(at, is_remote=person.is_remote)

    def _add_walks(self, at: dict[tuple[int, int], list[int]], *, is_remote: bool) -> None:
        for (slot, hall), here in at.items():
            for other, gap in self.problem.near[slot]:
                for there in (hall for s, hall in at if s == other and other > slot):
                    pause = self.problem.buffer if is_remote else self.problem.pause(hall, there)
                    if gap < pause:
                        self.at_most_one([*here, *at[other, there]])

    def _add_tables(self) -> None:
        held: dict[tuple[int, int], list[int]] = defaultdict(list)
        for variable, (_, spot) in enumerate(self.spots):
            if spot.hall != NOWHERE:
                held[spot.hall, spot.slot].append(variable)
        for (hall, slot), variables in held.items():
            if len(variables) > (most := self.problem.capacity[hall][slot]):
                self.between(0, [(v, 1) for v in variables], most)

    def _add_interpreters(self) -> None:
        at: dict[int, dict[tuple[int, int], list[int]]] = defaultdict(lambda: defaultdict(list))
        for variable, (_, spot) in enumerate(self.spots):
            if spot.interpreter != NOWHERE:
                at[spot.interpreter][spot.slot, spot.hall].append(variable)
        for number, mine in at.items():
            by_slot: dict[int, list[int]] = defaultdict(list)
            for (slot, _), variables in mine.items():
                by_slot[slot] += variables
            for variables in by_slot.values():
                self.at_most_one(variables)
            interpreter = self.problem.interpreters[number]
            self._add_walks(dict(mine), is_remote=interpreter.is_remote)
            if interpreter.beside:
                self._add_rests_by_clock(by_slot, interpreter)
            else:
                self._add_rests(by_slot, interpreter.in_a_row)

    def _add_rests(self, by_slot: dict[int, list[int]], most: int) -> None:
        follows = self.problem.follows
        for first in range(len(follows) - most):
            if all(follows[first + 1 : first + most + 1]):
                row = [v for slot in range(first, first + most + 1) for v in by_slot.get(slot, ())]
                self.between(0, [(v, 1) for v in row], most)

    def _add_rests_by_clock(self, by_slot: dict[int, list[int]], interpreter: Interpreter) -> None:
        """Rows in which the meetings beside the slots count, too; those take place in any case."""
        slots = self.problem.slots
        at = {(slots[slot].start, slots[slot].end): variables for slot, variables in by_slot.items()}
        # Who meets beside a slot is not free in it, whatever it has there.
        for start, end in interpreter.beside:
            at = {time: of for time, of in at.items() if time[1] <= start or end <= time[0]}
        times, most = sorted({*at, *interpreter.beside}), interpreter.in_a_row
        for first in range(len(times) - most):
            row = times[first : first + most + 1]
            if all(later[0] - earlier[1] < REST_MINUTES for earlier, later in pairwise(row)):
                free = [v for time in row for v in at.get(time, ())]
                # What is locked or held is there, also where it is too much.
                locked = sum(any(self.spots[v][0] in self.problem.locked for v in at.get(time, ())) for time in row)
                left = most - sum(time not in at for time in row)
                self.between(0, [(v, 1) for v in free], max(left, locked))


def solver(seed: int, work: float, seconds: float, workers: int = 1) -> Any:
    """With one worker, a seed and a limit of deterministic time: the same answer on every machine that is quick
    enough."""
    parameters = cp.SatParameters()
    parameters.num_workers = workers
    parameters.random_seed = seed & 0x7FFFFFFF
    parameters.max_deterministic_time = work
    parameters.max_time_in_seconds = seconds
    wrapper = cp.SolveWrapper()
    wrapper.set_parameters(parameters)
    return wrapper
