"""Why a pair has no place in a plan."""

from __future__ import annotations

from typing import Literal, get_args

from .draft import Draft
from .problem import NOWHERE, Spot, bits

Cause = Literal[
    "no_common_slot", "no_interpreter", "no_table", "target_reached", "people_taken", "too_far", "tables_full",
    "interpreters_full",
]  # fmt: skip
CAUSES: tuple[Cause, ...] = get_args(Cause)


def cause_of(draft: Draft, wish: int) -> Cause:
    """What keeps a pair out. Of several, the one that is met last: a pair that two people, a table and an hour would
    allow, and an interpreter does not, is left out for the interpreter."""
    problem, pair = draft.problem, draft.problem.wishes[wish]
    if not problem.common[wish]:
        return "no_common_slot"
    if not problem.helpers_of[wish]:
        return "no_interpreter"
    if not problem.has_option(wish):
        return "no_interpreter" if _could_sit(draft, wish) else "no_table"
    if any(draft.count[who] >= problem.people[who].most for who in (pair.one, pair.other)):
        return "target_reached"
    slots = list(bits(draft.free[pair.one] & draft.free[pair.other]))
    found: list[Cause] = [_cause_in(draft, wish, slot) for slot in slots]
    return max(found, key=CAUSES.index, default="people_taken")


def _could_sit(draft: Draft, wish: int) -> bool:
    """Whether some hall ever has a table in a slot of both."""
    problem = draft.problem
    return any(
        hall == NOWHERE or problem.capacity[hall][slot]
        for hall in problem.halls_of[wish]
        for slot in bits(problem.common[wish])
    )


def _cause_in(draft: Draft, wish: int, slot: int) -> Cause:
    """What keeps it out of a slot that both people have."""
    problem = draft.problem
    halls = [hall for hall in problem.halls_of[wish] if _has_room(draft, hall, slot)]
    if not halls:
        return "tables_full"
    spots = [Spot(slot, hall, helper) for hall in halls for helper in problem.helpers_of[wish]]
    if not any(_helps(draft, spot) for spot in spots):
        return "interpreters_full"
    return "too_far"


def _has_room(draft: Draft, hall: int, slot: int) -> bool:
    return hall == NOWHERE or len(draft.held[hall][slot]) < draft.problem.capacity[hall][slot]


def _helps(draft: Draft, spot: Spot) -> bool:
    helper = spot.interpreter
    if helper == NOWHERE:
        return True
    return bool(draft.problem.interpreters[helper].free >> spot.slot & 1) and draft.helper_is_free(spot)
