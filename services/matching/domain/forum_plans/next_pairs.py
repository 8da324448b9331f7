"""Which agreed pairs could meet at a time that became free, the best one first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

from ..scheduling.draft import Draft
from ..scheduling.problem import NOWHERE, Spot
from .inputs import Asked, Sources, asked_for
from .plan import PlannedMeeting

MAX_CANDIDATES = 20


@dataclass(frozen=True)
class Wanted:
    """A time that became free, the place that was given up, and the matches that are not asked."""

    start: dt.datetime
    place: str | None
    without: Collection[str]
    has_link: bool


def next_pairs(wanted: Wanted, sources: Sources) -> list[PlannedMeeting]:
    """The meetings that fit into a schedule that stands, in the order of objectives: must-meets, those below their
    minimum, score, those without any meeting. CPU work: call it in a thread."""
    locks = {id: at for id, at in sources.locks.items() if id in sources.booked}
    kept = [match for match in sources.matches if match.id in locks or match.id not in wanted.without]
    asked = asked_for(replace(sources, matches=kept, locks=locks))
    if wanted.start not in asked.names.starts:
        return []
    slot, draft = asked.names.starts.index(wanted.start), Draft(asked.problem)
    fitting = sorted(draft.unplaced, key=lambda wish: (_rank(draft, wish), asked.names.matches[wish]))
    found = (_meeting(asked, draft, wish, slot, wanted) for wish in fitting)
    return [one for one in found if one is not None][:MAX_CANDIDATES]


def _rank(draft: Draft, wish: int) -> tuple[bool, int, int, int]:
    """The lower the better."""
    pair, people = draft.problem.wishes[wish], draft.problem.people
    both = (pair.one, pair.other)
    short = sum(draft.count[who] < people[who].least for who in both)
    lonely = sum(not draft.count[who] for who in both)
    return not pair.must, -short, -pair.score, -lonely


def _meeting(asked: Asked, draft: Draft, wish: int, slot: int, wanted: Wanted) -> PlannedMeeting | None:
    """The meeting of a wish then: at the place that became free, or at another one. None without a place, or a link
    that it needs."""
    names, freed = asked.names, wanted.place
    spots = [spot for spot in draft.spots_for(wish, iter((slot,))) if draft.fits(wish, spot)]
    # First the hall of the place that became free.
    for spot in sorted(spots, key=lambda spot: freed not in _places(asked, spot)):
        places = _places(asked, spot)
        online = asked.problem.needs_link(wish, spot.interpreter)
        if (not places and spot.hall != NOWHERE) or (online and not wanted.has_link):
            continue
        return PlannedMeeting(
            match_id=names.matches[wish],
            sides=names.sides[wish],
            start=names.starts[slot],
            place=freed if freed in places else next(iter(places), None),
            interpreter=names.interpreters[spot.interpreter] if spot.interpreter != NOWHERE else None,
            online=online,
        )
    return None


def _places(asked: Asked, spot: Spot) -> list[str]:
    """The tables of a hall that no one has then."""
    problem = asked.problem
    taken = {lock.table for lock in problem.locked.values() if lock.slot == spot.slot}
    return [
        asked.names.places[n]
        for n, table in enumerate(problem.tables)
        if table.hall == spot.hall and table.free >> spot.slot & 1 and n not in taken
    ]
