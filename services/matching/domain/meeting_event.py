"""A meeting as subscribers see it."""

from __future__ import annotations

import datetime as dt

from schemas import meetings as contract

from .asks import Move
from .meeting import Meeting, State


def to_event(meeting: Meeting, event: type[contract.MeetingState]) -> contract.MeetingState:
    """The event for the topic."""
    return event(
        meeting_id=meeting.id,
        match_id=meeting.match_id,
        parties=meeting.parties,
        sides=meeting.sides,
        members=meeting.members,
        asked_by=meeting.asked_by,
        start=_text(meeting.start),
        end=_text(meeting.end),
        venue=meeting.venue,
        state=meeting.state,
        reason=meeting.reason,
        ended_by=meeting.ended_by,
        ical_sequence=meeting.ical_sequence,
        lapses_at=meeting.lapses_at and _text(meeting.lapses_at),
        move=meeting.move and _move_to_event(meeting.move),
        conflicts=meeting.conflicts,
        forum_id=meeting.forum_id,
        plan=meeting.plan,
        accepted_by=meeting.accepted_by,
    )


STATE_EVENTS: dict[State, type[contract.MeetingState]] = {
    "requested": contract.MeetingRequested,
    "booked": contract.MeetingBooked,
    "cancelled": contract.MeetingCancelled,
    "expired": contract.MeetingExpired,
    "completed": contract.MeetingCompleted,
    "no_show": contract.MeetingNoShow,
}


def state_event(meeting: Meeting) -> contract.MeetingState:
    """The event that says the state of the meeting once more; its people are told, as they were told otherwise."""
    return to_event(meeting, STATE_EVENTS[meeting.state])


def _move_to_event(move: Move) -> contract.Move:
    return contract.Move(
        start=_text(move.start),
        end=_text(move.end),
        venue=move.venue,
        asked_by=move.asked_by,
        lapses_at=_text(move.lapses_at),
    )


def _text(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
