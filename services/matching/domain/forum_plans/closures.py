"""What is away at a forum, by its programme or as an organiser has said on the day: plans, offers, publications and
moves to come keep off it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from ..agenda import Busy
from ..calendar import STEP
from ..claim import claim_of, slots
from ..forums.setup import ForumSetup
from ..forums.venue import Part

ChangeKind = Literal["table", "interpreter", "delegate", "talk"]


class Closure(Part):
    """What is away, from when until when. `holders`: what the claims begin with that no meeting may have then;
    `profiles`: whose people are among them."""

    kind: ChangeKind
    id: str
    start: dt.datetime
    end: dt.datetime
    holders: Sequence[str]
    profiles: Sequence[str] = []

    def is_about(self, kind: str, id: str, profile_id: str | None = None) -> bool:
        """Whether it says that this is away; of a delegate, that of this profile where one is named."""
        return (self.kind, self.id) == (kind, id) and (profile_id is None or list(self.profiles) == [profile_id])

    @property
    def first_slot(self) -> dt.datetime:
        """What is away from 09:05 on is not there for the slot of 09:00."""
        return self.start.replace(minute=self.start.minute // 10 * 10, second=0, microsecond=0)

    def claims(self) -> frozenset[str]:
        """The claims that no meeting may have."""
        return self.claims_within(self.first_slot, self.end)

    def claims_within(self, start: dt.datetime, end: dt.datetime) -> frozenset[str]:
        """Those of the slots that lie between two instants, in part or whole."""
        times = [at for at in slots(self.first_slot, self.end) if start - STEP < at < end]
        return frozenset(claim_of(holder, at) for holder in self.holders for at in times)

    def hits(self, holders: Collection[str], start: dt.datetime, end: dt.datetime) -> bool:
        """Whether one of these is away at any time between two instants."""
        return self.first_slot < end and start < self.end and not set(holders).isdisjoint(self.holders)


def away_by_programme(
    setup: ForumSetup, forum_id: str, holders: Collection[str], start: dt.datetime, end: dt.datetime
) -> list[Busy]:
    """When one of these is not there between two instants, as its forum is announced: an interpreter beside its hours,
    a room during a talk."""
    found = list[Busy]()
    for one in setup.interpreters:
        if one.hours and f"interpreter/{forum_id}/{one.id}" in holders:
            found += between(one.hours, start, end)
    for talk in setup.talks:
        if f"room/{forum_id}/{talk.room}" in holders and talk.overlaps(start, end):
            found.append(Busy(start=talk.start, end=talk.end))
    return found


def between(times: Sequence[Busy], start: dt.datetime, end: dt.datetime) -> Iterator[Busy]:
    """What these times leave of that between two instants."""
    at = start
    for time in sorted(times, key=lambda time: time.start):
        if at < min(time.start, end):
            yield Busy(start=at, end=min(time.start, end))
        at = max(at, time.end)
    if at < end:
        yield Busy(start=at, end=end)
