"""Fewer gaps, when everything above is settled: a pair moves to another free spot if its two people wait less."""

from __future__ import annotations

from collections.abc import Callable

from .draft import Draft
from .problem import Spot, bits
from .value import gaps_of

ROUNDS = 4


def close_gaps(draft: Draft, is_over: Callable[[], bool] = lambda: False) -> None:
    """Moves single pairs while that takes gaps away; which pairs are placed does not change."""
    for _ in range(ROUNDS):
        moved = [_move(draft, wish) for wish in range(len(draft.spots)) if not is_over()]
        if not any(moved):
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
