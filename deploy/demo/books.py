"""The books: all acknowledged answers and bookings, to find what the platform lost, did twice or reordered."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .seats import HOLDS_TIME, TOOK_PLACE, Seat, Seats, is_offer

Notice = tuple[str, str, str]
"""(recipient, template, id of the match or meeting, or name of the plan)"""
MAX_UNEXPECTED = 1
"""How often a person may get a notice that no act of the forum explains, such as one of an expired meeting."""


@dataclass
class Books:
    """What the platform has acknowledged. The people write each act here when it is answered."""

    recipients: dict[str, list[str]] = field(default_factory=dict)
    """By profile: the members who registered for its notices."""
    accepted: set[tuple[str, str]] = field(default_factory=set)
    """(match, side) of each acknowledged acceptance."""
    first_yes: dict[str, str] = field(default_factory=dict)
    """By match: the side that accepted first, while the other side had not answered."""
    named: dict[str, str] = field(default_factory=dict)
    """Matches with a named partner: by match, the side that requested it."""
    declined: set[str] = field(default_factory=set)
    left_open: set[tuple[str, str]] = field(default_factory=set)
    requested: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (meeting, side): number of requests. To propose another venue is a request, too."""
    booked: dict[str, str] = field(default_factory=dict)
    """By meeting: its last acknowledged start."""
    moves_requested: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    """By meeting: how often a member became busy at its time."""
    cancelled: set[str] = field(default_factory=set)
    seats: Seats = field(default_factory=Seats)
    time: dt.datetime | None = None
    """The time to which fast time has gone on: what waited for an answer has lapsed. None: the true time."""

    def record_acceptance(self, match_id: str, side: str, state: str) -> None:
        """A side has accepted. `state` is the state of the match in the answer to it."""
        self.accepted.add((match_id, side))
        if state == "accepted":
            self.first_yes[match_id] = side

    def record_named_partner(self, match_id: str, side: str) -> None:
        """A side has requested a partner by name, which includes its acceptance."""
        self.accepted.add((match_id, side))
        self.named[match_id] = side

    def record_request(self, meeting_id: str, side: str) -> None:
        """A side has requested a meeting, or has proposed another venue for it."""
        self.requested[meeting_id, side] += 1

    def record_move(self, meeting_id: str, start: str) -> None:
        """A side has confirmed a move to `start`."""
        self.moved[meeting_id] += 1
        self.booked[meeting_id] = start

    def record_seat(self, seat: Seat) -> None:
        """A meeting of the forum is booked, by its plan or because both sides took an offer."""
        self.booked[seat.meeting_id] = seat.start.isoformat()

    def record_change(self, moved: Iterable[Mapping[str, Any]], lost: Iterable[Mapping[str, Any]]) -> None:
        """The organiser has confirmed what follows from a change of the day."""
        for one in moved:
            id = one["meeting_id"]
            self.seats.by_meeting[id] = self.seats.by_meeting[id].moved(one)
            self.record_move(id, one["start"])
        self.cancelled |= {one["meeting_id"] for one in lost}

    def tally(self) -> dict[str, int]:
        """The number of acts of each kind."""
        still_open = {(m, side) for m, side in self.left_open - self.accepted if m not in self.declined}
        requested = {meeting_id for meeting_id, _ in self.requested}
        return {
            "said yes": len(self.accepted),
            "declined": len(self.declined),
            "left open": len(still_open),
            "asked by name": len(self.named),
            "meetings asked for": len(requested),
            "turned round": self.requested.total() - len(requested),
            "booked": len(self.booked) - len(self.seats.by_meeting),
            "planned": len(self.seats.planned),
            "offered and taken": len(self.seats.by_meeting) - len(self.seats.planned),
            "left lying": len(requested - self.booked.keys() - self.cancelled),
            "asked to move": self.moves_requested.total(),
            "moved": self.moved.total(),
            "cancelled": len(self.cancelled),
            "not there": len(self.seats.missed),
        }


@dataclass(frozen=True)
class Snapshot:
    """The matches and meetings by id, and the notices in all inboxes, as the API returns them."""

    matches: dict[str, Any]
    meetings: dict[str, Any]
    notices: Counter[Notice]
    outcomes: dict[str, Any] = field(default_factory=dict)
    """By match: what its sides report."""


def find_problems(books: Books, found: Snapshot) -> list[str]:
    """One sentence for each thing that is missing, doubled or different; empty if the platform has kept its word."""
    return [*_match_problems(books, found), *_meeting_problems(books, found), *_notice_problems(books, found)]


def _match_problems(books: Books, found: Snapshot) -> Iterable[str]:
    for match_id, side in sorted(books.accepted):
        match = found.matches.get(match_id)
        if match is None or side not in match["accepted_by"]:
            yield f"answer lost: {side} accepted match {match_id}"
        elif match["state"] not in ("proposed", "accepted", "agreed", "declined"):
            yield f"answer wrong: {side} accepted match {match_id}, which is {match['state']}"
    for match_id in sorted(books.declined):
        if found.matches.get(match_id, {}).get("state") != "declined":
            yield f"answer lost: match {match_id} was declined"
    # The other direction: nothing may have an answer that no one gave.
    answered = {*books.declined, *(match_id for match_id, _ in books.accepted)}
    for match_id, match in sorted(found.matches.items()):
        if match_id not in answered and (match["accepted_by"] or match["state"] == "declined"):
            yield f"answer of nobody: match {match_id} is {match['state']}"


def _meeting_problems(books: Books, found: Snapshot) -> Iterable[str]:
    requested = {meeting_id for meeting_id, _ in books.requested}
    for meeting_id in sorted(requested):
        meeting = found.meetings.get(meeting_id)
        if meeting is None:
            yield f"meeting lost: {meeting_id} was asked for"
        else:
            yield from _booking_problems(books, meeting_id, meeting)
    offers = {meeting_id for meeting_id, meeting in found.meetings.items() if is_offer(meeting)}
    for meeting_id in sorted(offers - books.seats.by_meeting.keys()):
        if found.meetings[meeting_id]["state"] in TOOK_PLACE:
            yield f"booking of nobody: the offer {meeting_id} is {found.meetings[meeting_id]['state']}"
    known = requested | books.seats.by_meeting.keys() | offers
    for meeting_id in sorted(books.seats.by_meeting):
        if meeting_id in found.meetings:
            yield from _booking_problems(books, meeting_id, found.meetings[meeting_id])
        else:
            yield f"meeting lost: {meeting_id} of the forum"
    yield from books.seats.problems(found.meetings, found.outcomes)
    yield from (f"meeting of nobody: {meeting_id}" for meeting_id in sorted(found.meetings.keys() - known))
    taken = Counter(slot for meeting in found.meetings.values() for slot in _slots(meeting))
    yield from (f"booked twice: {member} at {start}" for (member, start), n in sorted(taken.items()) if n > 1)


def _booking_problems(books: Books, meeting_id: str, meeting: dict[str, Any]) -> Iterable[str]:
    promised = _promised_state(books, meeting_id, meeting)
    if meeting["state"] != promised:
        yield f"booking wrong: meeting {meeting_id} is {meeting['state']}, promised was {promised}"
    elif meeting_id in books.booked and not _same(meeting["start"], books.booked[meeting_id]):
        yield f"booking wrong: meeting {meeting_id} is at {meeting['start']}, promised {books.booked[meeting_id]}"
    # The calendar sequence counts each change after the booking: moves, and a cancellation.
    changes = books.moved[meeting_id] + (meeting_id in books.booked and meeting_id in books.cancelled)
    if meeting["ical_sequence"] != changes:
        yield f"changes wrong: meeting {meeting_id} changed {meeting['ical_sequence']} times, told were {changes}"


def _same(one: str, other: str) -> bool:
    return dt.datetime.fromisoformat(one) == dt.datetime.fromisoformat(other)


def _promised_state(books: Books, meeting_id: str, meeting: dict[str, Any]) -> str:
    if meeting_id in books.cancelled:
        return "cancelled"
    if meeting_id in books.seats.missed:
        return "no_show"
    if meeting_id not in books.booked:
        return "requested" if books.time is None else "expired"
    is_over = books.time is not None and dt.datetime.fromisoformat(meeting["end"]) <= books.time
    return "completed" if is_over and meeting_id in books.seats.here else "booked"


def _slots(meeting: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """(member, start) of each ten minutes that a booked meeting takes. Two meetings must not share one."""
    if meeting["state"] not in HOLDS_TIME:
        return
    at, end = dt.datetime.fromisoformat(meeting["start"]), dt.datetime.fromisoformat(meeting["end"])
    while at < end:
        yield from ((member, at.isoformat()) for member in meeting["members"])
        at += dt.timedelta(minutes=10)


def expected_notices(books: Books, found: Snapshot) -> dict[str, Counter[tuple[str, str]]]:
    """By template: how many notices each person must have, as (person, id of the match or meeting).

    They follow from the matches that exist and from the acts that were acknowledged."""
    expected: dict[str, Counter[tuple[str, str]]] = {template: Counter() for template in TEMPLATES}

    def expect(sides: Iterable[str], template: str, id: str, times: int = 1) -> None:
        for side in sides:
            expected[template].update({(person, id): times for person in books.recipients.get(side, ())})

    for match_id, match in found.matches.items():
        requester, first = books.named.get(match_id), books.first_yes.get(match_id)
        expect(_without(match, requester), "match.proposed" if requester is None else "match.asked", match_id)
        expect(_without(match, first), "match.accepted", match_id, int(first is not None))
        expect(match["parties"], "match.agreed", match_id, int(len(match["accepted_by"]) == len(match["parties"])))
    for meeting_id, meeting in found.meetings.items():
        for side in meeting["parties"]:
            others = _without(meeting, side)
            expect(others, "meeting.requested", meeting_id, books.requested[meeting_id, side])
            expect(others, "meeting.move_requested", meeting_id, books.moves_requested[meeting_id, side])
        was_booked = meeting_id in books.booked and meeting_id not in books.seats.planned
        expect(meeting["parties"], "meeting.booked", meeting_id, int(was_booked))
        expect(meeting["parties"], "meeting.rescheduled", meeting_id, books.moved[meeting_id])
        expect(meeting["parties"], "meeting.conflict_detected", meeting_id, books.conflicts[meeting_id])
        expect(meeting["parties"], "meeting.cancelled", meeting_id, int(meeting_id in books.cancelled))
    expect(sorted(books.seats.sides), "forum.planned", books.seats.name)
    return expected


TEMPLATES = (
    *("match.proposed", "match.asked", "match.accepted", "match.agreed"),
    *("meeting.requested", "meeting.booked", "meeting.move_requested", "meeting.rescheduled"),
    *("meeting.conflict_detected", "meeting.cancelled", "forum.planned"),
)
"""Templates of the notices that follow from an act of the forum."""


def _without(aggregate: dict[str, Any], side: str | None) -> list[str]:
    """The parties of a match or meeting, except one."""
    return [party for party in aggregate["parties"] if party != side]


def _notice_problems(books: Books, found: Snapshot) -> Iterable[str]:
    expected = expected_notices(books, found)
    least_by_notice = {
        (person, template, id): n for template, counts in expected.items() for (person, id), n in counts.items()
    }
    for notice in sorted(least_by_notice.keys() | found.notices.keys()):
        person, template, id = notice
        least = least_by_notice.get(notice, 0)
        most = least if template in TEMPLATES else MAX_UNEXPECTED
        if found.notices[notice] < least:
            yield f"notice missing: {least - found.notices[notice]} x {template} of {id} for {person}"
        if found.notices[notice] > most:
            yield f"notice too many: {found.notices[notice] - most} x {template} of {id} for {person}"


def order_problems(sequences: dict[tuple[str, str], list[int]]) -> list[str]:
    """One sentence for each aggregate whose events are missing or out of order on its topic.

    `sequences`: by (topic, key), the sequences in the order of reading. Delivery is at least once, so repetitions are
    allowed if the last copies of all events are in order: 1 2 1 2 3 is right, 1 2 3 2 is wrong."""
    problems = []
    for (topic, key), numbers in sorted(sequences.items()):
        last = {n: i for i, n in enumerate(numbers)}
        if sorted(last) != list(range(1, max(last) + 1)):
            problems.append(f"events missing on {topic}: {key} has {sorted(last)}")
        if sorted(last, key=last.__getitem__) != sorted(last):
            problems.append(f"events out of order on {topic}: {key} has {numbers}")
    return problems
