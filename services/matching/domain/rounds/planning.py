"""Which pairs a round proposes: each profile chooses in turns from its list, where desks have room, and no one who
could have a proposal goes without one (docs/rules.md, section 5)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..desk import MAX_MATCHES
from ..policy import PolicyRules
from .market import Mask, Matrix, best_first

SPARE = 3
"""Further candidates of each profile, which are tried if none of its pairs can be proposed in the end."""
Edge = tuple[int, int]


@dataclass(frozen=True)
class Table:
    """The profiles of a round by number, the left ones first. `lists`: candidates of each, best first. `tiers`: of each
    candidate in them, a number that equally good ones share. `room`: places that are free at each desk. `made`:
    proposals that each has already. `owners`: the organisation of each. `held`: of each, the open matches by the
    organisation on the other side, of which a desk has no more than MAX_MATCHES."""

    lists: Sequence[Sequence[int]]
    tiers: Sequence[Sequence[int]]
    room: Sequence[int]
    complementary: frozenset[Edge]
    made: Sequence[int]
    owners: Sequence[str]
    held: Sequence[Mapping[str, int]]

    @classmethod
    def of(
        cls,
        values: Matrix,
        complementary: Mask,
        room: Sequence[int],
        owners: Sequence[str] = (),
        held: Sequence[Mapping[str, int]] = (),
    ) -> Table:
        """From the value of each pair, -inf where it is not allowed. Without `owners` each has one of its own."""
        left = values.shape[0]
        of_left = [[left + other for other in row] for row in _best_first(values)]
        lists, tiers = [*of_left, *_best_first(values.T)], [*_tiers(values), *_tiers(values.T)]
        marked = {(int(i), left + int(j)) for i, j in np.argwhere(complementary)}
        both, everyone = frozenset(marked | {(j, i) for i, j in marked}), range(len(lists))
        alone, none_yet = [str(n) for n in everyone], [dict[str, int]() for _ in everyone]
        return cls(lists, tiers, room, both, [0] * len(lists), owners or alone, held or none_yet)

    def after(self, pairs: Sequence[Edge]) -> Table:
        """Once these are proposed, which are in no list any more and take their places."""
        partners: list[set[int]] = [set() for _ in self.lists]
        for one, other in pairs:
            partners[one].add(other)
            partners[other].add(one)
        kept = [
            [(other, tier) for other, tier in zip(row, tiers, strict=True) if other not in theirs]
            for row, tiers, theirs in zip(self.lists, self.tiers, partners, strict=True)
        ]
        return replace(
            self,
            lists=[[other for other, _ in row] for row in kept],
            tiers=[[tier for _, tier in row] for row in kept],
            room=[max(0, room - len(theirs)) for room, theirs in zip(self.room, partners, strict=True)],
            made=[made + len(theirs) for made, theirs in zip(self.made, partners, strict=True)],
            held=[
                Counter(held) + Counter(self.owners[other] for other in theirs)
                for held, theirs in zip(self.held, partners, strict=True)
            ],
        )


@dataclass(frozen=True)
class RoundPlan:
    """Pairs to propose, in this order: who chose, and whom. The first `musts` of them an organiser has chosen. `spares`
    are tried for those who get no proposal."""

    pairs: list[Edge]
    spares: list[Edge]
    musts: int = 0


def _best_first(values: Matrix) -> list[list[int]]:
    return [row[: int(np.isfinite(line).sum())].tolist() for row, line in zip(best_first(values), values, strict=True)]


def _tiers(values: Matrix) -> list[list[int]]:
    """In the order of `_best_first`."""
    ordered = np.take_along_axis(values, best_first(values), axis=1)
    steps = np.cumsum(ordered[:, 1:] != ordered[:, :-1], axis=1)
    tiers = np.concatenate([np.zeros((len(values), min(1, values.shape[1])), np.int64), steps], axis=1)
    return [row[: int(np.isfinite(line).sum())].tolist() for row, line in zip(tiers, values, strict=True)]


class _Draft:
    """What was chosen so far: `partners` of each, and in `chosen` who chose, in order."""

    def __init__(self, table: Table, rules: PolicyRules) -> None:
        self.table, self.rules = table, rules
        self.partners: list[set[int]] = [set() for _ in table.lists]
        self.held = [Counter(held) for held in table.held]
        self.chosen: dict[Edge, None] = {}

    def has_room(self, one: int) -> bool:
        return len(self.partners[one]) < self.table.room[one]

    def may_add(self, one: int, other: int) -> bool:
        """Whether neither has its share of the other's organisation yet."""
        sides = ((one, other), (other, one))
        return all(self.held[desk][self.table.owners[by]] < MAX_MATCHES for desk, by in sides)

    def add(self, one: int, other: int) -> None:
        for desk, by in ((one, other), (other, one)):
            self.partners[desk].add(by)
            self.held[desk][self.table.owners[by]] += 1
        self.chosen[one, other] = None

    def remove(self, one: int, other: int) -> None:
        for desk, by in ((one, other), (other, one)):
            self.partners[desk].discard(by)
            self.held[desk][self.table.owners[by]] -= 1
        self.chosen.pop((one, other), None)
        self.chosen.pop((other, one), None)

    def has(self, one: int) -> int:
        """How many proposals."""
        return self.table.made[one] + len(self.partners[one])

    def choose(self, one: int) -> None:
        """Its best candidate that is free, of equals the one with fewest proposals; where the place is kept for a
        complementary sector, the best of one."""
        if not self.has_room(one):
            return
        free = self._free(one)
        if self.rules.keeps_place(self.has(one), self._complementary(one)):
            free = self._of_another_sector(one, free) or free
        if free:
            self.add(one, self._least_loaded(one, free))

    def _least_loaded(self, one: int, free: Sequence[int]) -> int:
        """Of those that are as good for it as the first one. Else who stands first in the round would get all of
        them, where many say the same."""
        tier = dict(zip(self.table.lists[one], self.table.tiers[one], strict=True))
        return min((other for other in free if tier[other] == tier[free[0]]), key=self.has)

    def keep_place(self, one: int) -> None:
        """Others may have chosen it more often than it could choose: its place for a complementary sector is one
        more."""
        while self.has_room(one) and self._complementary(one) < self.rules.kept_places:
            free = self._of_another_sector(one, self._free(one))
            if not free:
                return
            self.add(one, self._least_loaded(one, free))

    def _free(self, one: int) -> list[int]:
        mine = self.partners[one]
        listed = (other for other in self.table.lists[one] if other not in mine)
        return [other for other in listed if self.has_room(other) and self.may_add(one, other)]

    def _of_another_sector(self, one: int, others: Sequence[int]) -> list[int]:
        return [other for other in others if (one, other) in self.table.complementary]

    def _complementary(self, one: int) -> int:
        return len(self._of_another_sector(one, list(self.partners[one])))

    def serve(self, one: int) -> None:
        """Gives it a proposal although the desks of all its candidates are full: one who has several gives up a place,
        or others change to another candidate, by the shortest way. Nothing changes if there is none."""
        by, gives_up, waiting = dict[int, int](), dict[int, int](), deque([one])
        while waiting:
            asker = waiting.popleft()
            for desk in self.table.lists[asker]:
                if desk in by or desk in self.partners[asker] or not self.may_add(asker, desk):
                    continue
                by[desk] = asker
                if self._make_room(desk):
                    self._change(desk, by, gives_up)
                    return
                for other in sorted(self.partners[desk] - gives_up.keys() - {one}):
                    gives_up[other] = desk
                    waiting.append(other)

    def _make_room(self, desk: int) -> bool:
        """Whether the desk has room now: it had, or one of its partners has others too and leaves."""
        if self.has_room(desk):
            return True
        leaver = next((other for other in sorted(self.partners[desk]) if len(self.partners[other]) > 1), None)
        if leaver is not None:
            self.remove(desk, leaver)
        return leaver is not None

    def _change(self, desk: int, by: Mapping[int, int], gives_up: Mapping[int, int]) -> None:
        """From the desk that has room, back to the one who had none: each takes the place that the next one leaves."""
        while True:
            asker = by[desk]
            left = gives_up.get(asker)
            if left is not None:
                self.remove(asker, left)
            self.add(asker, desk)
            if left is None:
                return
            desk = left


def plan_round(table: Table, rules: PolicyRules, musts: Iterable[Edge] = ()) -> RoundPlan:
    """The pairs that an organiser has chosen before all others, each once; they count among the proposals of their
    sides. Then at most `rules.proposals` turns. Who has fewest candidates chooses first, and who has been chosen often
    enough waits. The same table gives the same plan."""
    first = sorted({(min(pair), max(pair)) for pair in musts})
    table = table.after(first)
    draft = _Draft(table, rules)
    order = sorted(range(len(table.lists)), key=lambda one: (len(table.lists[one]), one))
    for turn in range(rules.proposals):
        for one in order:
            if draft.has(one) <= turn:
                draft.choose(one)
        if turn == 0:
            for one in order:
                if not draft.has(one) and table.room[one] > 0:
                    draft.serve(one)
    for one in order:
        draft.keep_place(one)
    left = {one: [other for other in table.lists[one] if other not in draft.partners[one]] for one in order}
    spares = [(one, left[one][depth]) for depth in range(SPARE) for one in order if depth < len(left[one])]
    return RoundPlan([*first, *draft.chosen], spares, len(first))
