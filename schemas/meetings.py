"""Topic `meetings`: meetings of the two sides of an agreed match: requested, booked, moved, held, or how they ended."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from .common import Count, Instant, MemberId, Part, ProfileId, known
from .envelope import Event

ENDS_OF_THE_MATCH = (
    "match_declined",
    "match_expired",
    "displaced",
    "no_longer_fits",
    "profile_withdrawn",
    "profile_erased",
)


class Venue(Part):
    """Where a meeting takes place: `onsite` with a `place`, and a link in `url` where a side takes part from elsewhere;
    or `online` with an https link in `url`. `fallback_url`: perhaps another way, for who cannot open the first one."""

    kind: Annotated[str, known("onsite", "online"), Field(description="onsite or online.")]
    place: str | None = None
    url: str | None = None
    fallback_url: str | None = None


class Move(Part):
    """Another time that one side requests. The present time stays booked until the other side confirms the move."""

    start: Instant
    end: Instant
    venue: Venue
    asked_by: ProfileId
    lapses_at: Instant


class MeetingState(Event):
    """The whole state of a meeting, which every event of the topic has."""

    topic: ClassVar[str] = "meetings"

    meeting_id: str
    match_id: str
    parties: Annotated[list[ProfileId], Field(description="The two profiles of the match.")]
    sides: Annotated[dict[str, MemberId], Field(description="The representative of each side.")]
    members: list[MemberId]
    asked_by: ProfileId
    start: Instant
    end: Instant
    venue: Venue
    state: Annotated[
        str,
        known("requested", "booked", "cancelled", "expired", "completed", "no_show"),
        Field(description="requested, booked, cancelled, expired, completed or no_show."),
    ]
    move: Move | None = None
    reason: Annotated[
        Annotated[str, known("cancelled", "released", "lapsed", "slot_taken", *ENDS_OF_THE_MATCH)] | None,
        Field(
            description="Why it ended: cancelled (by a side), released (a side gave the time back), lapsed, "
            "slot_taken (an offer whose time is not free any more), or how "
            "its match ended: match_declined, match_expired, displaced, no_longer_fits, profile_withdrawn or "
            "profile_erased."
        ),
    ] = None
    ended_by: Annotated[ProfileId | None, Field(description="The side that cancelled.")] = None
    conflicts: Annotated[
        list[str],
        Field(
            description="Members who are no longer free at that time, or countries where it is no longer a working day."
        ),
    ] = []
    ical_sequence: Count = 0
    lapses_at: Instant | None = None
    forum_id: Annotated[
        str | None, Field(description="The forum whose published plan has booked it, or that has offered it.")
    ] = None
    plan: Annotated[Count | None, Field(description="Number of that plan.")] = None
    accepted_by: Annotated[
        list[ProfileId] | None,
        Field(
            description="Of a time that a forum offers to both sides, because another meeting was cancelled or moved: "
            "who has accepted. It is booked when both have; `asked_by` then says nothing."
        ),
    ] = None


class MeetingRequested(MeetingState):
    """One side requests a meeting, or a forum offers one to both (`accepted_by`). It does not reserve their time."""

    event_type: ClassVar[str] = "magpie.meeting.requested"


class MeetingBooked(MeetingState):
    """The other side has confirmed. The time of all its members is now reserved."""

    event_type: ClassVar[str] = "magpie.meeting.booked"


class MeetingMoveRequested(MeetingState):
    """One side requests another time for a booked meeting; `move` holds it."""

    event_type: ClassVar[str] = "magpie.meeting.move_requested"


class MeetingRescheduled(MeetingState):
    """The other side has confirmed the move: the same meeting at its new time, `ical_sequence` one higher."""

    event_type: ClassVar[str] = "magpie.meeting.rescheduled"


class MeetingMoveLapsed(MeetingState):
    """The requested move was not confirmed in time; the booked time stays."""

    event_type: ClassVar[str] = "magpie.meeting.move_lapsed"


class MeetingCancelled(MeetingState):
    """The meeting will not take place; `reason` says why, and `ended_by` which side cancelled, if one did."""

    event_type: ClassVar[str] = "magpie.meeting.cancelled"


class MeetingExpired(MeetingState):
    """The request was not confirmed in time (`lapses_at`)."""

    event_type: ClassVar[str] = "magpie.meeting.expired"


class MeetingConflictDetected(MeetingState):
    """The time of a booked meeting is no longer free: a member became busy, or an official calendar changed.

    The meeting stays booked until its sides move or cancel it."""

    event_type: ClassVar[str] = "magpie.meeting.conflict_detected"


class MeetingCompleted(MeetingState):
    """The meeting took place: a side was there, and nothing speaks against it. It may follow a no-show, as a
    correction."""

    event_type: ClassVar[str] = "magpie.meeting.completed"


class MeetingNoShow(MeetingState):
    """A side was not there. Which one it was is private, and no part of the event."""

    event_type: ClassVar[str] = "magpie.meeting.no_show"


STATES: tuple[type[MeetingState], ...] = (
    MeetingRequested,
    MeetingBooked,
    MeetingMoveRequested,
    MeetingRescheduled,
    MeetingMoveLapsed,
    MeetingCancelled,
    MeetingExpired,
    MeetingConflictDetected,
    MeetingCompleted,
    MeetingNoShow,
)
"""All events of the topic."""
