"""A schedule in the making: who is where in each slot, and what stands in the way of one more pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .problem import NOWHERE, REST_MINUTES, Problem, Spot

NO_ONE = -1


class Draft:
    """Where each wish is placed. Only what keeps every capacity is placed; `blockers` says what would have to go."""

    def __init__(self, problem: Problem) -> None:
        """An empty one, with the locked meetings in their places."""
        self.problem = problem
        slots = len(problem.slots)
        self.spots: list[Spot | None] = [None] * len(problem.wishes)
        self.person_at = [[NO_ONE] * slots for _ in problem.people]
        self.interpreter_at = [[NO_ONE] * slots for _ in problem.interpreters]
        # Ordered like a list, quick like a set.
        self.held = [[dict[int, None]() for _ in range(slots)] for _ in problem.walking]
        self.free = [person.free for person in problem.people]
        self.count = [0] * len(problem.people)
        for wish, lock in problem.locked.items():
            hall = problem.tables[lock.table].hall if lock.table != NOWHERE else NOWHERE
            self.place(wish, Spot(lock.slot, hall, lock.interpreter))

    @property
    def unplaced(self) -> list[int]:
        """The wishes without a place."""
        return [wish for wish, spot in enumerate(self.spots) if spot is None]

    def place(self, wish: int, spot: Spot) -> None:
        """Puts a wish where nothing blocks it."""
        pair = self.problem.wishes[wish]
        self.spots[wish] = spot
        for person in (pair.one, pair.other):
            self.person_at[person][spot.slot] = wish
            self.free[person] &= ~(1 << spot.slot)
            self.count[person] += 1
        if spot.hall != NOWHERE:
            self.held[spot.hall][spot.slot][wish] = None
        if spot.interpreter != NOWHERE:
            self.interpreter_at[spot.interpreter][spot.slot] = wish

    def remove(self, wish: int) -> Spot:
        """Takes a placed wish away, and says where it was."""
        pair, spot = self.problem.wishes[wish], self.spots[wish]
        assert spot is not None
        self.spots[wish] = None
        for person in (pair.one, pair.other):
            self.person_at[person][spot.slot] = NO_ONE
            self.free[person] |= 1 << spot.slot
            self.count[person] -= 1
        if spot.hall != NOWHERE:
            del self.held[spot.hall][spot.slot][wish]
        if spot.interpreter != NOWHERE:
            self.interpreter_at[spot.interpreter][spot.slot] = NO_ONE
        return spot

    def restore(self, spots: Sequence[Spot | None]) -> None:
        """Becomes this schedule again."""
        for wish, spot in enumerate(self.spots):
            if spot is not None and spot != spots[wish]:
                self.remove(wish)
        for wish, spot in enumerate(spots):
            if spot is not None and self.spots[wish] is None:
                self.place(wish, spot)

    def spots_for(self, wish: int, slots: Iterator[int]) -> Iterator[Spot]:
        """All spots in these slots, whether free or not, that its hall and its interpreter have at all."""
        problem = self.problem
        for slot in slots:
            for hall in problem.halls_of[wish]:
                if hall != NOWHERE and not problem.capacity[hall][slot]:
                    continue
                for helper in problem.helpers_of[wish]:
                    if helper == NOWHERE or problem.interpreters[helper].free >> slot & 1:
                        yield Spot(slot, hall, helper)

    def fits(self, wish: int, spot: Spot) -> bool:
        """Whether nothing stands in the way."""
        pair, problem = self.problem.wishes[wish], self.problem
        if not self.free[pair.one] & self.free[pair.other] & 1 << spot.slot:
            return False
        if any(self.count[who] >= problem.people[who].most for who in (pair.one, pair.other)):
            return False
        return not self._full(spot) and self.helper_is_free(spot) and next(self._hurried(wish, spot), None) is None

    def blockers(self, wish: int, spot: Spot, weight: Sequence[int]) -> set[int] | None:
        """The fewest placed wishes that would have to go, of each kind the one that weighs least; None where that is
        not possible. They are not locked."""
        pair, problem = self.problem.wishes[wish], self.problem
        found = {at for who in (pair.one, pair.other) if (at := self.person_at[who][spot.slot]) != NO_ONE}
        found.update(self._hurried(wish, spot))
        if not self.helper_is_free(spot):
            holder = self.interpreter_at[spot.interpreter][spot.slot]
            if holder == NO_ONE:
                return None
            found.add(holder)
        for who in (pair.one, pair.other):
            if self.count[who] >= problem.people[who].most and not any(self._is_of(at, who) for at in found):
                if not (kept := [at for at in problem.wishes_of[who] if self.spots[at] is not None]):
                    return None
                found.add(min(kept, key=weight.__getitem__))
        if self._full(spot) and not any(self._is_at(at, spot) for at in found):
            found.add(min(self.held[spot.hall][spot.slot], key=weight.__getitem__))
        return None if any(at in problem.locked for at in found) else found

    def _is_of(self, wish: int, person: int) -> bool:
        pair = self.problem.wishes[wish]
        return person in (pair.one, pair.other)

    def _is_at(self, wish: int, spot: Spot) -> bool:
        at = self.spots[wish]
        return at is not None and (at.slot, at.hall) == (spot.slot, spot.hall)

    def _full(self, spot: Spot) -> bool:
        hall = spot.hall
        return hall != NOWHERE and len(self.held[hall][spot.slot]) >= self.problem.capacity[hall][spot.slot]

    def helper_is_free(self, spot: Spot) -> bool:
        """Whether the interpreter of a spot, if it has one, is free then and not tired."""
        helper = spot.interpreter
        return helper == NOWHERE or (
            self.interpreter_at[helper][spot.slot] == NO_ONE and not self._is_tired(helper, spot.slot)
        )

    def _is_tired(self, helper: int, slot: int) -> bool:
        """Whether one more meeting then would be more in a row than the interpreter takes."""
        interpreter = self.problem.interpreters[helper]
        if interpreter.beside:
            return self._row_by_clock(helper, slot) > interpreter.in_a_row
        at, follows, row = self.interpreter_at[helper], self.problem.follows, 1
        before, after = slot, slot + 1
        while follows[before] and at[before - 1] != NO_ONE:
            row, before = row + 1, before - 1
        while after < len(at) and follows[after] and at[after] != NO_ONE:
            row, after = row + 1, after + 1
        return row > interpreter.in_a_row

    def _row_by_clock(self, helper: int, slot: int) -> int:
        """How many meetings there would be in a row, those beside the slots too."""
        slots = self.problem.slots
        mine = {slot, *(n for n, wish in enumerate(self.interpreter_at[helper]) if wish != NO_ONE)}
        times = sorted({*self.problem.interpreters[helper].beside, *((slots[n].start, slots[n].end) for n in mine)})
        first = last = times.index((slots[slot].start, slots[slot].end))
        while first and times[first][0] - times[first - 1][1] < REST_MINUTES:
            first -= 1
        while last + 1 < len(times) and times[last + 1][0] - times[last][1] < REST_MINUTES:
            last += 1
        return last - first + 1

    def _hurried(self, wish: int, spot: Spot) -> Iterator[int]:
        """Meetings just before or after that leave a person or the interpreter too little time to come."""
        near = self.problem.near[spot.slot]
        if not near:
            return
        pair, people = self.problem.wishes[wish], self.problem.people
        for slot, gap in near:
            for who in (pair.one, pair.other):
                at = self.person_at[who][slot]
                if at not in (NO_ONE, wish) and gap < self._pause(at, spot, is_remote=people[who].is_remote):
                    yield at
            if spot.interpreter != NOWHERE:
                at = self.interpreter_at[spot.interpreter][slot]
                is_remote = self.problem.interpreters[spot.interpreter].is_remote
                if at not in (NO_ONE, wish) and gap < self._pause(at, spot, is_remote=is_remote):
                    yield at

    def _pause(self, wish: int, spot: Spot, *, is_remote: bool) -> int:
        at = self.spots[wish]
        assert at is not None
        return self.problem.buffer if is_remote else self.problem.pause(at.hall, spot.hall)
