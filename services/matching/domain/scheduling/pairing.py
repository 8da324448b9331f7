"""How many meetings people can have at most, each with whom they wish: a maximum flow. It knows no slots, so it bounds
every schedule; in measurements it is the best bound that needs no solver.

Each person stands on two sides of a network, once to ask and once to be asked, with the meetings that it can attend as
capacity; a wish is an arc in both directions. A schedule gives a flow of twice its meetings, so half of the greatest
flow bounds it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

Node = tuple[bool, int]
"""Whether it is asked, and who."""
Arc = tuple[int, int]
"""Another person, and the wish: two people may have several."""


def most_meetings(partners: Sequence[Sequence[Arc]], room: Sequence[int]) -> int:
    """Of people with these partners, who attend `room` meetings at most."""
    flow = _Flow(partners, room)
    while flow.is_enlarged():
        pass
    return sum(map(len, flow.asks)) // 2


class _Flow:
    def __init__(self, partners: Sequence[Sequence[Arc]], room: Sequence[int]) -> None:
        """Begins with what fits at once."""
        self.partners, self.room = partners, room
        # Ordered like lists, quick like sets.
        self.asks: list[dict[Arc, None]] = [{} for _ in partners]
        self.asked: list[dict[Arc, None]] = [{} for _ in partners]
        for one, others in enumerate(partners):
            for other, wish in others:
                if len(self.asks[one]) < room[one] and len(self.asked[other]) < room[other]:
                    self._add(one, other, wish)

    def is_enlarged(self) -> bool:
        """Adds one along the shortest path that there is."""
        came_from, end = self._search()
        while end is not None and (step := came_from[end]) is not None:
            before, wish = step
            if end[0]:
                self._add(before[1], end[1], wish)
            else:
                del self.asks[end[1]][before[1], wish], self.asked[before[1]][end[1], wish]
            end = before
        return end is not None

    def _add(self, one: int, other: int, wish: int) -> None:
        self.asks[one][other, wish] = self.asked[other][one, wish] = None

    def _search(self) -> tuple[dict[Node, tuple[Node, int] | None], Node | None]:
        """How each node was reached, and one that takes one more; None if there is none."""
        free: list[Node] = [(False, one) for one, taken in enumerate(self.asks) if len(taken) < self.room[one]]
        came_from: dict[Node, tuple[Node, int] | None] = dict.fromkeys(free)
        waiting = deque(free)
        while waiting:
            node = waiting.popleft()
            for reached, wish in self._next(node):
                if reached in came_from:
                    continue
                came_from[reached] = node, wish
                if reached[0] and len(self.asked[reached[1]]) < self.room[reached[1]]:
                    return came_from, reached
                waiting.append(reached)
        return came_from, None

    def _next(self, node: Node) -> list[tuple[Node, int]]:
        is_asked, who = node
        if is_asked:
            return [((False, one), wish) for one, wish in self.asked[who]]
        return [((True, other), wish) for other, wish in self.partners[who] if (other, wish) not in self.asks[who]]
