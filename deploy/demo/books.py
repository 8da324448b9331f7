"""Every answer that was given, every booking that was promised, every notice that follows: there once, or named."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Notice = tuple[str, str, str]
"""(recipient, template, id of what it is about)"""
UNEXPECTED_MOST = 1
"""So often a person may be told of a kind of thing that nobody here did, such as a lapse."""


@dataclass
class Books:
    """Written by the people as they are answered."""

    recipients: dict[str, list[str]] = field(default_factory=dict)
    """By profile, who registered to hear of it."""
    accepted: set[tuple[str, str]] = field(default_factory=set)
    """(match, side) whose yes was acknowledged."""
    first_yes: dict[str, str] = field(default_factory=dict)
    """By match, the side that said yes while the other had not."""
    named: dict[str, str] = field(default_factory=dict)
    """Matches that somebody asked for by name, and which side did."""
    declined: set[str] = field(default_factory=set)
    left_open: set[tuple[str, str]] = field(default_factory=set)
    requested: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each side asked for a meeting; turning a request round is asking."""
    booked: dict[str, str] = field(default_factory=dict)
    """The start that was promised last."""
    moves_asked: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    """How often somebody had other plans at the hour of a booked meeting."""
    cancelled: set[str] = field(default_factory=set)

    def accepts(self, match_id: str, side: str, state: str) -> None:
        """`state` of the match, as the answer to the yes has it."""
        self.accepted.add((match_id, side))
        if state == "accepted":
            self.first_yes[match_id] = side

    def names(self, match_id: str, side: str) -> None:
        self.accepted.add((match_id, side))
        self.named[match_id] = side

    def asks(self, meeting_id: str, side: str) -> None:
        self.requested[meeting_id, side] += 1

    def moves(self, meeting_id: str, start: str) -> None:
        self.moved[meeting_id] += 1
        self.booked[meeting_id] = start

    def tally(self) -> dict[str, int]:
        """What people did, in numbers."""
        open_still = {(m, side) for m, side in self.left_open - self.accepted if m not in self.declined}
        asked = {meeting_id for meeting_id, _ in self.requested}
        return {
            "said yes": len(self.accepted),
            "declined": len(self.declined),
            "left open": len(open_still),
            "asked by name": len(self.named),
            "meetings asked for": len(asked),
            "turned round": self.requested.total() - len(asked),
            "booked": len(self.booked),
            "left lying": len(asked - self.booked.keys() - self.cancelled),
            "asked to move": self.moves_asked.total(),
            "moved": self.moved.total(),
            "cancelled": len(self.cancelled),
        }


@dataclass(frozen=True)
class Found:
    """What is there, as the API shows it."""

    matches: dict[str, Any]
    meetings: dict[str, Any]
    notices: Counter[Notice]


def wrong(books: Books, found: Found) -> list[str]:
    """What is missing, doubled or otherwise, in sentences; empty when the books are right."""
    return [*_answers(books, found), *_meetings(books, found), *_notices(books, found)]


def _answers(books: Books, found: Found) -> Iterable[str]:
    for match_id, side in sorted(books.accepted):
        match = found.matches.get(match_id)
        if match is None or side not in match["accepted_by"]:
            yield f"answer lost: {side} accepted match {match_id}"
        elif match["state"] not in ("proposed", "accepted", "agreed", "declined"):
            yield f"answer wrong: {side} accepted match {match_id}, which is {match['state']}"
    for match_id in sorted(books.declined):
        if found.matches.get(match_id, {}).get("state") != "declined":
            yield f"answer lost: match {match_id} was declined"
    said = {*books.declined, *(match_id for match_id, _ in books.accepted)}
    for match_id, match in sorted(found.matches.items()):
        if match_id not in said and (match["accepted_by"] or match["state"] == "declined"):
            yield f"answer of nobody: match {match_id} is {match['state']}"


def _meetings(books: Books, found: Found) -> Iterable[str]:
    asked = {meeting_id for meeting_id, _ in books.requested}
    for meeting_id in sorted(asked):
        meeting = found.meetings.get(meeting_id)
        if meeting is None:
            yield f"meeting lost: {meeting_id} was asked for"
        else:
            yield from _promises(books, meeting_id, meeting)
    yield from (f"meeting of nobody: {meeting_id}" for meeting_id in sorted(found.meetings.keys() - asked))
    taken = Counter(slot for meeting in found.meetings.values() for slot in _slots(meeting))
    yield from (f"booked twice: {member} at {start}" for (member, start), n in sorted(taken.items()) if n > 1)


def _promises(books: Books, meeting_id: str, meeting: dict[str, Any]) -> Iterable[str]:
    promised = _state(books, meeting_id)
    if meeting["state"] != promised:
        yield f"booking wrong: meeting {meeting_id} is {meeting['state']}, promised was {promised}"
    elif meeting_id in books.booked and meeting["start"] != books.booked[meeting_id]:
        yield f"booking wrong: meeting {meeting_id} is at {meeting['start']}, promised {books.booked[meeting_id]}"
    changes = books.moved[meeting_id] + (meeting_id in books.booked and meeting_id in books.cancelled)
    if meeting["ical_sequence"] != changes:
        yield f"changes wrong: meeting {meeting_id} changed {meeting['ical_sequence']} times, told were {changes}"


def _state(books: Books, meeting_id: str) -> str:
    if meeting_id in books.cancelled:
        return "cancelled"
    return "booked" if meeting_id in books.booked else "requested"


def _slots(meeting: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Every ten minutes that a booked meeting takes of each of its members."""
    if meeting["state"] != "booked":
        return
    at, end = dt.datetime.fromisoformat(meeting["start"]), dt.datetime.fromisoformat(meeting["end"])
    while at < end:
        yield from ((member, at.isoformat()) for member in meeting["members"])
        at += dt.timedelta(minutes=10)


def expected_notices(books: Books, found: Found) -> dict[str, Counter[tuple[str, str]]]:
    """By template, how often whom must have been told of what: what follows from the matches that are there and from
    what was acknowledged."""
    wanted: dict[str, Counter[tuple[str, str]]] = {template: Counter() for template in TEMPLATES}

    def tell(sides: Iterable[str], template: str, id: str, times: int = 1) -> None:
        for side in sides:
            wanted[template].update({(person, id): times for person in books.recipients.get(side, ())})

    for match_id, match in found.matches.items():
        asker, first = books.named.get(match_id), books.first_yes.get(match_id)
        tell(_without(match, asker), "match.proposed" if asker is None else "match.asked", match_id)
        tell(_without(match, first), "match.accepted", match_id, int(first is not None))
        tell(match["parties"], "match.agreed", match_id, int(len(match["accepted_by"]) == len(match["parties"])))
    for meeting_id, meeting in found.meetings.items():
        for side in meeting["parties"]:
            others = _without(meeting, side)
            tell(others, "meeting.requested", meeting_id, books.requested[meeting_id, side])
            tell(others, "meeting.move_requested", meeting_id, books.moves_asked[meeting_id, side])
        tell(meeting["parties"], "meeting.booked", meeting_id, int(meeting_id in books.booked))
        tell(meeting["parties"], "meeting.rescheduled", meeting_id, books.moved[meeting_id])
        tell(meeting["parties"], "meeting.conflict_detected", meeting_id, books.conflicts[meeting_id])
        tell(meeting["parties"], "meeting.cancelled", meeting_id, int(meeting_id in books.cancelled))
    return wanted


TEMPLATES = (
    *("match.proposed", "match.asked", "match.accepted", "match.agreed"),
    *("meeting.requested", "meeting.booked", "meeting.move_requested", "meeting.rescheduled"),
    *("meeting.conflict_detected", "meeting.cancelled"),
)


def _without(thing: dict[str, Any], side: str | None) -> list[str]:
    return [party for party in thing["parties"] if party != side]


def _notices(books: Books, found: Found) -> Iterable[str]:
    expected = expected_notices(books, found)
    wanted = {(person, template, id): n for template, of in expected.items() for (person, id), n in of.items()}
    for notice in sorted(wanted.keys() | found.notices.keys()):
        person, template, id = notice
        least = wanted.get(notice, 0)
        most = least if template in TEMPLATES else UNEXPECTED_MOST
        if found.notices[notice] < least:
            yield f"notice missing: {least - found.notices[notice]} x {template} of {id} for {person}"
        if found.notices[notice] > most:
            yield f"notice too many: {found.notices[notice] - most} x {template} of {id} for {person}"


def order_kept(sequences: dict[tuple[str, str], list[int]]) -> list[str]:
    """Events of each aggregate on its topic: none missing, and an older one only as a repeat before anything newer."""
    problems = []
    for (topic, key), numbers in sorted(sequences.items()):
        last = {n: i for i, n in enumerate(numbers)}
        if sorted(last) != list(range(1, max(last) + 1)):
            problems.append(f"events missing on {topic}: {key} has {sorted(last)}")
        if sorted(last, key=last.__getitem__) != sorted(last):
            problems.append(f"events out of order on {topic}: {key} has {numbers}")
    return problems
