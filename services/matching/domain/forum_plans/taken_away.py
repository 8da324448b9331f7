"""What another setup of a forum takes away from the meetings that are booked there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from ..agenda import Busy
from ..forums.programme import Day, Span
from ..forums.setup import ForumSetup
from .closures import ChangeKind, Closure, between

AROUND = dt.timedelta(hours=1)
"""Before the opening and after the close of a day: meetings are moved there, too."""


def taken_away(before: ForumSetup, after: ForumSetup, forum_id: str) -> list[Closure]:
    """What is there by the one setup and not by the other: tables, rooms, interpreters, their hours, whole days, and
    rooms that get a talk."""
    return [
        *_places(before, after, forum_id),
        *_days(before, after, forum_id),
        *_hours(before, after, forum_id),
        *_talks(before, after, forum_id),
    ]


def holders_of(setup: ForumSetup, forum_id: str) -> dict[str, tuple[ChangeKind, str]]:
    """All that a meeting of a forum may hold beside its people, as claims name it: what it is, and its sign."""
    named: Mapping[str, tuple[ChangeKind, Sequence[str]]] = {
        "table": ("table", [one.id for one in setup.tables]),
        "room": ("table", [one.id for one in setup.rooms]),
        "interpreter": ("interpreter", [one.id for one in setup.interpreters]),
    }
    return {f"{name}/{forum_id}/{id}": (kind, id) for name, (kind, ids) in named.items() for id in ids}


def _places(before: ForumSetup, after: ForumSetup, forum_id: str) -> Iterator[Closure]:
    left = holders_of(after, forum_id)
    for holder, (kind, id) in holders_of(before, forum_id).items():
        if holder not in left:
            yield from (_closure(kind, id, span, [holder]) for span in _around(before.days, before))


def _days(before: ForumSetup, after: ForumSetup, forum_id: str) -> Iterator[Closure]:
    left, holders = {day.date for day in after.days}, list(holders_of(before, forum_id))
    for day in before.days:
        if day.date not in left:
            yield from (_closure("table", day.date, span, holders) for span in _around([day], before))


def _hours(before: ForumSetup, after: ForumSetup, forum_id: str) -> Iterator[Closure]:
    known = {one.id: one.hours for one in before.interpreters}
    for one in after.interpreters:
        if one.hours and known.get(one.id, one.hours) != one.hours:
            for span in _around(before.days, before):
                for away in between(one.hours, span.start, span.end):
                    yield _closure("interpreter", one.id, away, [f"interpreter/{forum_id}/{one.id}"])


def _talks(before: ForumSetup, after: ForumSetup, forum_id: str) -> Iterator[Closure]:
    for talk in after.talks:
        if talk.room is not None and talk not in before.talks:
            yield _closure("talk", talk.id, talk, [f"room/{forum_id}/{talk.room}"])


def _around(days: Sequence[Day], setup: ForumSetup) -> Iterator[Span]:
    for day in days:
        span = day.span(setup.tz)
        yield Span(start=span.start - AROUND, end=span.end + AROUND)


def _closure(kind: ChangeKind, id: str, span: Busy, holders: Sequence[str]) -> Closure:
    return Closure(kind=kind, id=id, start=span.start, end=span.end, holders=holders)
