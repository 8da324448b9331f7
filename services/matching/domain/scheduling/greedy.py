"""The first schedule: the most constrained pair first, into the slot where most is left."""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from .draft import Draft
from .problem import NOWHERE, Spot, bits


def place_greedily(draft: Draft) -> None:
    """Places what fits, and moves nothing that is placed. Must-meets go first, then those whose people miss their
    minimum targets, then those with the fewest slots left."""
    problem = draft.problem
    waiting = [(_urgency(draft, wish), wish) for wish in draft.unplaced]
    heapify(waiting)
    while waiting:
        urgency, wish = heappop(waiting)
        if draft.spots[wish] is not None:
            continue
        now = _urgency(draft, wish)
        if now != urgency:
            heappush(waiting, (now, wish))
            continue
        spot = best_spot(draft, wish)
        if spot is None:
            continue
        draft.place(wish, spot)
        pair = problem.wishes[wish]
        # Theirs have become more urgent; an entry that is out of date is dropped when its turn comes.
        for other in {*problem.wishes_of[pair.one], *problem.wishes_of[pair.other]}:
            if draft.spots[other] is None:
                heappush(waiting, (_urgency(draft, other), other))


def best_spot(draft: Draft, wish: int) -> Spot | None:
    """The free spot whose slot is least loaded; None if there is none."""
    pair = draft.problem.wishes[wish]
    slots = bits(draft.free[pair.one] & draft.free[pair.other])
    free = [spot for spot in draft.spots_for(wish, slots) if draft.fits(wish, spot)]
    return min(free, key=lambda spot: (_load(draft, spot), spot.slot), default=None)


def _urgency(draft: Draft, wish: int) -> tuple[int, ...]:
    problem, pair = draft.problem, draft.problem.wishes[wish]
    short = sum(draft.count[who] < problem.people[who].least for who in (pair.one, pair.other))
    left = (draft.free[pair.one] & draft.free[pair.other]).bit_count()
    return (-pair.must, -short, left, -pair.score)


def _load(draft: Draft, spot: Spot) -> float:
    if spot.hall == NOWHERE:
        return 0.0
    return len(draft.held[spot.hall][spot.slot]) / draft.problem.capacity[spot.hall][spot.slot]
