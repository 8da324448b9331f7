"""Fewer gaps, when everything above is settled: a pair moves to another free spot if its two people wait less, and two
meetings of one person exchange their spots if the other two wait less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from .draft import Draft
from .problem import Spot, bits
from .value import gaps_of

ROUNDS = 4


def close_gaps(draft: Draft, is_over: Callable[[], bool] = lambda: False) -> None:
    """Moves single pairs while that takes gaps away; which pairs are placed does not change."""
    for _ in range(ROUNDS):
        moved = [_move(draft, wish) for wish in range(len(draft.spots)) if not is_over()]
        swapped = [_swaps(draft, person) for person in range(len(draft.count)) if not is_over()]
        if not any(moved) and not any(swapped):
            return


def _move(draft: Draft, wish: int) -> bool:
    old, pair = draft.spots[wish], draft.problem.wishes[wish]
    if old is None or wish in draft.problem.locked:
        return False
    before = _waiting(draft, wish)
    if not before:
        return False
    draft.remove(wish)
    slots = bits(draft.free[pair.one] & draft.free[pair.other])
    free = [spot for spot in draft.spots_for(wish, slots) if spot != old and draft.fits(wish, spot)]
    best = min(((_gaps_at(draft, wish, spot), spot.slot, spot.hall, spot) for spot in free), default=None, key=_order)
    draft.place(wish, best[3] if best is not None and best[0] < before else old)
    return best is not None and best[0] < before


def _swaps(draft: Draft, person: int) -> bool:
    """Exchanges meetings of a person by twos as long as that takes gaps away."""
    locked = draft.problem.locked
    mine = [wish for wish in draft.person_at[person] if wish >= 0 and wish not in locked]
    return sum(_swap(draft, one, other) for one, other in combinations(mine, 2)) > 0


def _swap(draft: Draft, one: int, other: int) -> bool:
    before = _waiting(draft, one) + _waiting(draft, other)
    if not before:
        return False
    spots = draft.remove(one), draft.remove(other)
    # Each takes the other's slot with its own hall and interpreter.
    exchanged = tuple(replace(mine, slot=theirs.slot) for mine, theirs in zip(spots, reversed(spots), strict=True))
    if _take(draft, one, exchanged[0]):
        if _take(draft, other, exchanged[1]):
            if _waiting(draft, one) + _waiting(draft, other) < before:
                return True
            draft.remove(other)
        draft.remove(one)
    draft.place(one, spots[0])
    draft.place(other, spots[1])
    return False


def _take(draft: Draft, wish: int, spot: Spot) -> bool:
    """Places it if that is possible."""
    is_there = spot in draft.spots_for(wish, iter((spot.slot,)))
    if not is_there or not draft.fits(wish, spot):
        return False
    draft.place(wish, spot)
    return True


def _order(found: tuple[int, int, int, Spot]) -> tuple[int, int, int, int]:
    return (*found[:3], found[3].interpreter)


def _gaps_at(draft: Draft, wish: int, spot: Spot) -> int:
    draft.place(wish, spot)
    found = _waiting(draft, wish)
    draft.remove(wish)
    return found


def _waiting(draft: Draft, wish: int) -> int:
    pair = draft.problem.wishes[wish]
    return gaps_of(draft, pair.one) + gaps_of(draft, pair.other)
