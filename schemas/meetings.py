"""Topic `meetings`: a meeting of two sides that agreed on a match, asked for, confirmed, moved, cancelled."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import MemberId, Part, ProfileId
from .envelope import Event

Instant = Annotated[str, Field(description="Instant, ISO 8601 UTC.")]


class Venue(Part):
    """`onsite` with a place, or `online` with an https link."""

    kind: Annotated[str, Field(description="onsite or online.")]
    place: str | None = None
    url: str | None = None


class Move(Part):
    """Another time that one side asks for; the present one stands until it is confirmed."""

    start: Instant
    end: Instant
    venue: Venue
    asked_by: ProfileId
    lapses_at: Instant


class MeetingState(Event):
    topic: ClassVar[str] = "meetings"

    meeting_id: str
    match_id: str
    parties: Annotated[list[ProfileId], Field(description="The match's two profiles.")]
    sides: Annotated[dict[str, MemberId], Field(description="Who represents each side.")]
    members: list[MemberId]
    asked_by: ProfileId
    start: Instant
    end: Instant
    venue: Venue
    state: Annotated[str, Field(description="requested, booked, cancelled, expired, completed or no_show.")]
    move: Move | None = None
    reason: Annotated[
        str | None,
        Field(description="Why it ended: cancelled, lapsed, profile_withdrawn, profile_erased."),
    ] = None
    ended_by: Annotated[ProfileId | None, Field(description="The side that cancelled.")] = None
    conflicts: Annotated[
        list[str], Field(description="Members who are no longer free then, or countries that do not work.")
    ] = []
    ical_sequence: int = 0
    lapses_at: Instant | None = None


class MeetingRequested(MeetingState):
    """Asked for; a request holds nothing."""

    event_type: ClassVar[str] = "magpie.meeting.requested"


class MeetingBooked(MeetingState):
    """Confirmed: every member of both sides is taken for its time."""

    event_type: ClassVar[str] = "magpie.meeting.booked"


class MeetingMoveRequested(MeetingState):
    event_type: ClassVar[str] = "magpie.meeting.move_requested"


class MeetingRescheduled(MeetingState):
    """Moved by consent of both: same meeting, `ical_sequence` one higher."""

    event_type: ClassVar[str] = "magpie.meeting.rescheduled"


class MeetingMoveLapsed(MeetingState):
    event_type: ClassVar[str] = "magpie.meeting.move_lapsed"


class MeetingCancelled(MeetingState):
    event_type: ClassVar[str] = "magpie.meeting.cancelled"


class MeetingExpired(MeetingState):
    """The request was not answered in time."""

    event_type: ClassVar[str] = "magpie.meeting.expired"


class MeetingConflictDetected(MeetingState):
    """A member's availability or an official calendar has changed under a booked meeting: keep, move or cancel it."""

    event_type: ClassVar[str] = "magpie.meeting.conflict_detected"
