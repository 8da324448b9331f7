"""What an organiser's board is made from, and what is counted of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..domain.after.attendance import Attendance
from ..domain.forum_plans.openings import OpeningBook
from ..domain.forum_plans.plan import ForumPlan, Publication
from ..domain.forums.forum import Forum
from ..domain.match import UNANSWERED, Match
from ..domain.meeting import Meeting
from ..domain.profile_row import ProfileRow

STAGES = ("registered", "matched", "agreed", "booked", "held")
TAKES_TIME = frozenset({"booked", "completed", "no_show"})


@dataclass(frozen=True)
class ForumFacts:
    """A forum with its participants, and the matches and meetings among them. `attendances` by meeting. `plans`: the
    first one first, without their meetings; `publications` by plan."""

    forum: Forum
    participants: Sequence[str]
    rows: Mapping[str, ProfileRow]
    matches: Sequence[Match]
    meetings: Sequence[Meeting]
    attendances: Mapping[str, Attendance] = field(default_factory=dict)
    plans: Sequence[ForumPlan] = ()
    publications: Mapping[str, Publication] = field(default_factory=dict)
    openings: OpeningBook | None = None


def funnel(facts: ForumFacts) -> dict[str, int]:
    """How many take part, and how many pairs were matched, have agreed, were booked and have met."""
    setup = facts.forum.setup
    dates = {day.date for day in setup.days}
    # As the report counts: what begins on a date between the forum's days is none of its meetings.
    meetings = [one for one in facts.meetings if setup.date_of(one.start.isoformat()) in dates]
    agreed = (match for match in facts.matches if len(match.representatives) == len(match.parties))
    found = {
        "registered": len(facts.participants),
        "matched": _pairs(facts.matches),
        "agreed": _pairs(agreed),
        "booked": _pairs(one for one in meetings if one.state in TAKES_TIME),
        "held": _pairs(one for one in meetings if one.state == "completed"),
    }
    return {stage: found[stage] for stage in STAGES}


def _pairs(of: Iterable[Match | Meeting]) -> int:
    return len({tuple(sorted(one.parties)) for one in of})


@dataclass(frozen=True)
class Waiting:
    """A profile, and how many answers others wait for; `until`: when the first of them is too late."""

    profile_id: str
    count: int
    until: dt.datetime


def waiting(facts: ForumFacts, now: dt.datetime) -> list[Waiting]:
    """Who has to answer, the one with the most first: proposals, requests, and other times that were asked for. What
    has lapsed by the clock waits no more, although its job may still have to say so."""
    due = dict[str, list[dt.datetime]]()
    for match in facts.matches:
        if match.state in UNANSWERED:
            for side in match.parties:
                if side not in match.accepted_by:
                    due.setdefault(side, []).append(match.expires_at)
    for meeting in facts.meetings:
        sides, until = asked_sides(meeting)
        for side in sides:
            due.setdefault(side, []).append(until)
    open_ = {id: [until for until in times if until > now] for id, times in due.items()}
    found = [Waiting(id, len(times), min(times)) for id, times in open_.items() if times]
    return sorted(found, key=lambda one: (-one.count, one.until, one.profile_id))


def asked_sides(meeting: Meeting) -> tuple[list[str], dt.datetime]:
    """Which sides are asked to confirm something, and until when."""
    if meeting.state == "booked" and meeting.move is not None:
        answered, until = [meeting.move.asked_by], meeting.move.lapses_at
    elif meeting.state == "requested":
        answered, until = meeting.accepted_by or [], meeting.lapses_at or meeting.start
        answered = answered if meeting.is_offer else [meeting.asked_by]
    else:
        return [], meeting.start
    return [side for side in meeting.parties if side not in answered], until


def missing(facts: ForumFacts, now: dt.datetime) -> list[tuple[Meeting, str]]:
    """Who has not checked in to a meeting that has begun and is not over, the longest wait first."""
    on = [one for one in facts.meetings if one.state == "booked" and one.start <= now < one.end]
    return [
        (meeting, side)
        for meeting in sorted(on, key=lambda one: (one.start, one.id))
        for side in meeting.parties
        if side not in here(facts, meeting)
    ]


def here(facts: ForumFacts, meeting: Meeting) -> set[str]:
    """The sides that have checked in to a meeting."""
    known = facts.attendances.get(meeting.id)
    return set(known.for_start(meeting.start).here) if known is not None else set()
