"""Where meetings that cannot stay where they are take place instead: at their own time if that can be, or near it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from ..meeting import Meeting
from ..scheduling.draft import Draft
from ..scheduling.problem import NOWHERE, Lock, Problem, Spot
from ..scheduling.schedule import Effort, make_schedule
from .inputs import Asked
from .outputs import planned_meetings
from .plan import PlannedMeeting

STEPS = 20_000
SEED = 1


def planned_again(asked: Asked, hit: Mapping[str, Meeting], *, earliest: dt.datetime) -> list[PlannedMeeting]:
    """The meetings of a problem in which all that stays is locked, those of `hit` (by match, as they were) among them
    as far as there is a place for them. Each that can keeps its time, by the best pair first; the others go to the
    nearest time from `earliest` on. Where one finds none so, those others are planned together, as a plan is. CPU work:
    call it in a thread."""
    own = _locked_near(asked, hit, lambda was, start: start == was)
    later = replace(own, problem=_from(own, earliest))
    near = _locked_near(later, hit, lambda _, start: start >= earliest)
    kept = near if len(near.problem.locked) == len(near.problem.wishes) else later
    made = make_schedule(kept.problem, seed=SEED, effort=Effort(steps=STEPS, explain=False))
    return planned_meetings(kept, made)


def _locked_near(asked: Asked, hit: Mapping[str, Meeting], may_be: Callable[[dt.datetime, dt.datetime], bool]) -> Asked:
    """With a lock for each meeting that has a free spot, the nearest one, among the starts that may be for its own."""
    problem, names = asked.problem, asked.names
    draft, locked = Draft(problem), dict(problem.locked)
    to_place = [wish for wish in draft.unplaced if names.matches[wish] in hit]
    for wish in sorted(to_place, key=lambda wish: _rank(problem, wish)):
        was = hit[names.matches[wish]]
        slots = [n for n, start in enumerate(names.starts) if may_be(was.start, start)]
        spots = [spot for spot in draft.spots_for(wish, iter(slots)) if draft.fits(wish, spot)]
        for spot in sorted(spots, key=lambda spot: _distance(asked, was, spot)):
            table = _table(problem, locked, spot)
            if table is not None:
                draft.place(wish, spot)
                locked[wish] = Lock(spot.slot, table, spot.interpreter)
                break
    return replace(asked, problem=replace(problem, locked=locked))


def _rank(problem: Problem, wish: int) -> tuple[bool, int, int]:
    pair = problem.wishes[wish]
    return not pair.must, -pair.score, wish


def _distance(asked: Asked, was: Meeting, spot: Spot) -> tuple[dt.timedelta, bool, bool, int]:
    """First the nearest time, then its own interpreter and its own hall; of two as near the later one."""
    names = asked.names
    place = names.places.index(was.venue.place) if was.venue.place in names.places else NOWHERE
    hall = asked.problem.tables[place].hall if place != NOWHERE else NOWHERE
    helper = names.interpreters[spot.interpreter] if spot.interpreter != NOWHERE else None
    is_own = any(key.rpartition("/")[2] == helper for key in was.resources if key.startswith("interpreter/"))
    return abs(names.starts[spot.slot] - was.start), not is_own, spot.hall != hall, -spot.slot


def _table(problem: Problem, locked: Mapping[int, Lock], spot: Spot) -> int | None:
    """A table of the hall that no one has then, NOWHERE where none is needed; None if there is none."""
    if spot.hall == NOWHERE:
        return NOWHERE
    taken = {lock.table for lock in locked.values() if lock.slot == spot.slot}
    tables = enumerate(problem.tables)
    free = (n for n, one in tables if one.hall == spot.hall and one.free >> spot.slot & 1 and n not in taken)
    return next(free, None)


def _from(asked: Asked, earliest: dt.datetime) -> Problem:
    """No one is free before this time, but for what is locked."""
    problem, names = asked.problem, asked.names
    later = sum(1 << n for n, start in enumerate(names.starts) if start >= earliest)
    held = dict[int, int]()
    for wish, lock in problem.locked.items():
        for who in (problem.wishes[wish].one, problem.wishes[wish].other):
            held[who] = held.get(who, 0) | 1 << lock.slot
    people = (replace(one, free=one.free & (later | held.get(n, 0))) for n, one in enumerate(problem.people))
    return replace(problem, people=tuple(people))
