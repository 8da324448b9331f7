"""The meetings of the published plan in the books: where each one is, and that everybody was told of it once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

STEP = dt.timedelta(minutes=10)
TOOK_PLACE = ("booked", "completed", "no_show")
HOLDS_TIME = ("booked", "completed")
"""States in which a meeting has its members, table and interpreter to itself."""


@dataclass(frozen=True)
class Seat:
    """A meeting of the forum that is booked: who meets where, and with which interpreter. `sides`: members by
    profile."""

    meeting_id: str
    match_id: str
    sides: Mapping[str, str]
    start: dt.datetime
    place: str | None
    interpreter: str | None
    is_offer: bool = False
    """Booked because the forum offered a time that had become free; the plan did not have it."""

    def moved(self, found: Mapping[str, Any]) -> Seat:
        """At the place that a change of the day has given it."""
        start = dt.datetime.fromisoformat(found["start"])
        return replace(self, start=start, place=found.get("place"), interpreter=found.get("interpreter"))


@dataclass
class Seats:
    """The plan as it was published, and what was acknowledged about it on the days."""

    name: str = ""
    """`forum/number`, as notices name the plan."""
    by_meeting: dict[str, Seat] = field(default_factory=dict)
    unbooked: list[str] = field(default_factory=list)
    """Matches of the plan that are neither booked nor refused, or booked elsewhere."""
    told_wrong: list[str] = field(default_factory=list)
    """Who did not read, in one notice, of just the meetings that are booked."""
    here: dict[str, set[str]] = field(default_factory=dict)
    """By meeting: the sides that have checked in."""
    missed: set[str] = field(default_factory=set)
    """Meetings of which a side said that the other one did not come."""
    outcomes: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """By (match, side): the steps that it has reported."""

    @property
    def sides(self) -> set[str]:
        """The profiles that meet somebody by the plan."""
        return {side for seat in self.by_meeting.values() if not seat.is_offer for side in seat.sides}

    @property
    def planned(self) -> set[str]:
        """The meetings of the plan, without those that were offered later."""
        return {id for id, seat in self.by_meeting.items() if not seat.is_offer}

    def of(self, profile_id: str) -> list[Seat]:
        """The meetings of a profile, in order of time."""
        return sorted((s for s in self.by_meeting.values() if profile_id in s.sides), key=lambda seat: seat.start)

    def take(self, planned: Iterable[Mapping[str, Any]], refused: Iterable[str], booked: Mapping[str, Any]) -> None:
        """The plan was published. `booked`: by match, its booked meeting."""
        gone = set(refused)
        for one in planned:
            meeting, match_id = booked.get(one["match_id"]), one["match_id"]
            start = dt.datetime.fromisoformat(one["start"])
            if match_id in gone:
                continue
            if meeting is None or dt.datetime.fromisoformat(meeting["start"]) != start:
                self.unbooked.append(match_id)
                continue
            seat = Seat(meeting["meeting_id"], match_id, one["sides"], start, one.get("place"), one.get("interpreter"))
            self.by_meeting[seat.meeting_id] = seat

    def record_offer(self, meeting: Mapping[str, Any]) -> Seat:
        """With the second yes an offer of the forum is booked."""
        start, place = dt.datetime.fromisoformat(meeting["start"]), meeting["venue"].get("place")
        seat = Seat(meeting["meeting_id"], meeting["match_id"], meeting["sides"], start, place, None, is_offer=True)
        self.by_meeting[seat.meeting_id] = seat
        return seat

    def record_check_in(self, meeting_id: str, side: str) -> None:
        """A side is there."""
        self.here.setdefault(meeting_id, set()).add(side)

    def problems(self, meetings: Mapping[str, Any], outcomes: Mapping[str, Any]) -> Iterator[str]:
        """One sentence for each thing that is lost, doubled or different."""
        yield from (f"meeting lost: the plan published match {id}" for id in self.unbooked)
        yield from (f"told wrong: {who}" for who in self.told_wrong)
        by_match = Counter(m["match_id"] for id, m in meetings.items() if id in self.planned)
        yield from (f"planned twice: match {id}" for id, count in sorted(by_match.items()) if count > 1)
        for id, seat in sorted(self.by_meeting.items()):
            place = meetings.get(id, {}).get("venue", {}).get("place")
            if id in meetings and place != seat.place:
                yield f"place wrong: meeting {id} is at {place}, told was {seat.place}"
        held = Counter(holder for id, meeting in meetings.items() for holder in self._holders(id, meeting))
        yield from (f"taken twice: {what} at {start}" for (what, start), n in sorted(held.items()) if n > 1)
        for (match_id, side), steps in sorted(self.outcomes.items()):
            reported = outcomes.get(match_id, {}).get(side, {})
            if not set(steps) <= set(reported):
                yield f"outcome lost: {side} reported {steps} of match {match_id}"

    def _holders(self, meeting_id: str, meeting: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """(table or interpreter, start) of each ten minutes that a planned meeting takes."""
        seat = self.by_meeting.get(meeting_id)
        if seat is None or meeting["state"] not in HOLDS_TIME:
            return
        at, end = dt.datetime.fromisoformat(meeting["start"]), dt.datetime.fromisoformat(meeting["end"])
        names = [meeting["venue"].get("place"), f"interpreter {seat.interpreter}" if seat.interpreter else None]
        while at < end:
            yield from ((name, at.isoformat()) for name in names if name)
            at += STEP


def is_offer(meeting: Mapping[str, Any]) -> bool:
    """Whether the forum offered it to both sides, because a time had become free."""
    return meeting.get("accepted_by") is not None
