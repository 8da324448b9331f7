"""Every answer that was given, every booking that was promised, every notice that follows: there once, or named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Notice = tuple[str, str, str]
"""(recipient, template, id of what it is about)"""


@dataclass
class Books:
    """Written by the people as they are answered."""

    recipients: dict[str, list[str]] = field(default_factory=dict)
    """By profile, who registered to hear of it."""
    accepted: set[tuple[str, str]] = field(default_factory=set)
    """(match, side) whose yes was acknowledged."""
    declined: set[str] = field(default_factory=set)
    requested: dict[str, str] = field(default_factory=dict)
    """Meetings asked for, and by which side."""
    booked: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)

    def members(self) -> int:
        return sum(len(people) for people in self.recipients.values())


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
    for match_id in sorted(books.declined):
        if found.matches.get(match_id, {}).get("state") != "declined":
            yield f"answer lost: match {match_id} was declined"


def _meetings(books: Books, found: Found) -> Iterable[str]:
    for meeting_id in sorted(books.requested):
        meeting = found.meetings.get(meeting_id)
        if meeting is None:
            yield f"meeting lost: {meeting_id} was asked for"
            continue
        promised = "cancelled" if meeting_id in books.cancelled else "booked" if meeting_id in books.booked else None
        if promised and meeting["state"] != promised:
            yield f"booking wrong: meeting {meeting_id} is {meeting['state']}, promised was {promised}"
    taken: Counter[tuple[str, str]] = Counter(
        (member, meeting["start"])
        for meeting in found.meetings.values()
        if meeting["state"] == "booked"
        for member in meeting["members"]
    )
    yield from (f"booked twice: {member} at {start}" for (member, start), n in taken.items() if n > 1)


def expected_notices(books: Books, found: Found) -> Counter[Notice]:
    """What follows from the matches and meetings that are there."""
    wanted: Counter[Notice] = Counter()

    def tell(sides: Iterable[str], template: str, id: str) -> None:
        wanted.update((person, template, id) for side in sides for person in books.recipients.get(side, ()))

    for match_id, match in found.matches.items():
        tell(match["parties"], "match.proposed", match_id)
        if match["state"] == "agreed":
            tell(match["parties"], "match.agreed", match_id)
    for meeting_id, meeting in found.meetings.items():
        tell((side for side in meeting["parties"] if side != meeting["asked_by"]), "meeting.requested", meeting_id)
        if meeting_id in books.booked:
            tell(meeting["parties"], "meeting.booked", meeting_id)
        if meeting["state"] == "cancelled":
            tell(meeting["parties"], "meeting.cancelled", meeting_id)
    return wanted


def _notices(books: Books, found: Found) -> Iterable[str]:
    wanted = expected_notices(books, found)
    for (person, template, id), n in sorted((wanted - found.notices).items()):
        yield f"notice missing: {n} x {template} of {id} for {person}"
    for (person, template, id), n in sorted((found.notices - wanted).items()):
        yield f"notice too many: {n} x {template} of {id} for {person}"


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
