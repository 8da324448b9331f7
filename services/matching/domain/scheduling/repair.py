"""Ejection chains: a pair without a place takes one, the pair that stood there looks for another, and so on. A spot is
closed for some steps to a pair that was ejected from it, so that chains do not run in circles (partial colouring with a
tabu list, after Bloechliger and Zufferey 2008)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .draft import Draft
from .problem import Spot, bits
from .value import change, is_plain, weights

LOOKED_AT = 3
"""Pairs without a place that are tried in one step."""
CLOSED_FOR = 8
PATIENCE = 40
"""Steps without an improvement, as a multiple of the number of wishes, after which it is given up."""


@dataclass(frozen=True)
class Limits:
    """How long it is tried: `steps` bounds the work, the same on every machine; `is_over` is asked now and then, and is
    for machines that are far too slow."""

    steps: int
    is_over: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Move:
    """A pair takes a spot, and others go."""

    gained: int
    wish: int
    spot: Spot
    out: frozenset[int]


def repair(draft: Draft, *, seed: int, limits: Limits, enough: int) -> None:
    """Improves a schedule until `enough` meetings stand (a proved bound), or the limits are reached; keeps the best one
    that was seen."""
    search = _Search(draft, seed)
    for step in range(limits.steps):
        if search.is_done(enough) or (step % 64 == 0 and limits.is_over()):
            break
        search.step(step)
    draft.restore(search.best)


class _Search:
    def __init__(self, draft: Draft, seed: int) -> None:
        self.draft, self.random = draft, Random(seed)
        self.weight = weights(draft.problem)
        self.open = [wish for wish in draft.unplaced if draft.problem.has_option(wish)]
        self.closed: dict[tuple[int, int], int] = {}
        self.best, self.value, self.best_value, self.idle = list(draft.spots), 0, 0, 0
        self.placed = len(draft.spots) - len(draft.unplaced)
        self.is_plain = is_plain(draft.problem)

    def is_done(self, enough: int) -> bool:
        """Whether more steps would find nothing, or have found nothing for long."""
        return (
            not self.open or (self.is_plain and self.placed >= enough) or self.idle > PATIENCE * len(self.draft.spots)
        )

    def step(self, number: int) -> None:
        """One move, the best of those that are looked at, also if it loses something."""
        moves = self._moves(number)
        if not moves:
            self.idle += 1
            return
        top = max(move.gained for move in moves)
        self._make(self.random.choice([move for move in moves if move.gained == top]), number)

    def _moves(self, number: int) -> list[Move]:
        draft = self.draft
        tried = self.open if len(self.open) <= LOOKED_AT else self.random.sample(self.open, LOOKED_AT)
        found = list[Move]()
        for wish in tried:
            for spot in draft.spots_for(wish, bits(self._slots(wish))):
                out = draft.blockers(wish, spot, self.weight)
                if out is None:
                    continue
                gained = change(draft, self.weight, wish, out)
                is_closed = self.closed.get((wish, spot.slot), -1) > number
                if not is_closed or self.value + gained > self.best_value:
                    found.append(Move(gained, wish, spot, frozenset(out)))
        return found

    def _slots(self, wish: int) -> int:
        """Where it is tried: a must-meet everywhere, another one where at most one of the two is taken."""
        pair, draft = self.draft.problem.wishes[wish], self.draft
        common = draft.problem.common[wish]
        return common if pair.must else common & (draft.free[pair.one] | draft.free[pair.other])

    def _make(self, move: Move, number: int) -> None:
        until = number + CLOSED_FOR + self.random.randrange(CLOSED_FOR) + len(self.open) // 2
        for wish in sorted(move.out):
            self.closed[wish, self.draft.remove(wish).slot] = until
            self.open.append(wish)
        self.draft.place(move.wish, move.spot)
        self.open.remove(move.wish)
        self.value += move.gained
        self.placed += 1 - len(move.out)
        self.idle += 1
        if self.value > self.best_value:
            self.best, self.best_value, self.idle = list(self.draft.spots), self.value, 0
