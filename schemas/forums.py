"""Topic `forums`: forums as organisers announce them, and their plans once they are published.

A plan is said in parts, for each day and hall, so that no record is too large. It names meetings by id only: who meets
whom stands in the topic `meetings`, which is read by grant."""

from __future__ import annotations

import hashlib
from typing import Annotated, ClassVar

from pydantic import Field

from .calendars import Date
from .common import Count, Instant, Part, known
from .envelope import Event
from .profiles import Names

MAX_MEETINGS_A_PART = 2_000
"""Of a plan: a record with this many stays below half of the largest one that a topic takes."""
Clock = Annotated[str, Field(description="Time of day in the forum's zone, HH:MM.", pattern=r"^\d{2}:\d{2}$")]


class ForumBreak(Part):
    """A time of day without meetings."""

    start: Clock
    end: Clock


class ForumDay(Part):
    """A day of a forum: from when until when people meet."""

    date: Date
    opens: Clock
    closes: Clock
    breaks: list[ForumBreak] = []


class ForumHall(Part):
    """A hall, and how many tables stand in it."""

    id: str
    names: Names
    tables: Count


class ForumTalk(Part):
    """A talk of the programme."""

    id: str
    titles: Names
    start: Instant
    end: Instant
    room: str | None = None


class ForumState(Event):
    """The public state of a forum. Who takes part is not said here."""

    topic: ClassVar[str] = "forums"

    forum_id: Annotated[str, Field(description="Id of the forum: the key of its own events.")]
    names: Names
    mode: Annotated[
        str, known("onsite", "remote", "hybrid"), Field(description="How one takes part: onsite, remote or hybrid.")
    ]
    zone: Annotated[str, Field(description="IANA time zone of the place, by which its days are read.")]
    days: list[ForumDay]
    meeting_minutes: Count
    change_over: Annotated[Count, Field(description="Minutes between the end of a meeting and the next slot.")]
    halls: list[ForumHall] = []
    talks: list[ForumTalk] = []
    state: Annotated[
        str,
        known("announced", "open", "ready", "closed"),
        Field(description="announced, open (for registration), ready (registration has ended) or closed."),
    ]
    reason: Annotated[
        Annotated[str, known("over", "cancelled")] | None, Field(description="Why it was closed: over or cancelled.")
    ] = None


class ForumAnnounced(ForumState):
    """An organiser has announced a forum."""

    event_type: ClassVar[str] = "magpie.forum.announced"


class ForumUpdated(ForumState):
    """The forum has changed: its programme, its places, or whether one can register."""

    event_type: ClassVar[str] = "magpie.forum.updated"


class ForumClosed(ForumState):
    """The forum is over, or was cancelled; it does not change any more."""

    event_type: ClassVar[str] = "magpie.forum.closed"


class ScheduledMeeting(Part):
    """A meeting of a plan: where and when. Remote ones have no place."""

    meeting_id: str
    start: Instant
    place: Annotated[str | None, Field(description="Table or room.")] = None


class ForumScheduled(Event):
    """The plan of a forum was published: its meetings of a day in a hall, whole. A later part of the same key replaces
    it; one without meetings says that there are none left there."""

    event_type: ClassVar[str] = "magpie.forum.scheduled"
    topic: ClassVar[str] = "forums"

    part_id: Annotated[str, Field(description="The key: forum, date, hall and number of the part.")]
    forum_id: str
    plan: Annotated[Count, Field(description="Number of the plan that was published; it grows.")]
    date: Date
    hall: Annotated[str | None, Field(description="Absent for remote meetings.")] = None
    part: Annotated[Count, Field(description="Which part of this day and hall, from 0.")]
    meetings: Annotated[list[ScheduledMeeting], Field(max_length=MAX_MEETINGS_A_PART)] = []


def part_id(forum_id: str, date: str, hall: str | None, part: int) -> str:
    """The key of a part of a plan: the same for each plan of a forum, and as short for any hall."""
    digest = hashlib.sha256("\n".join((forum_id, date, hall or "", str(part))).encode()).hexdigest()
    return f"{forum_id}-{digest[:16]}"


STATES: tuple[type[Event], ...] = (ForumAnnounced, ForumUpdated, ForumClosed, ForumScheduled)
"""All events of the topic."""
