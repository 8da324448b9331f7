"""What one side writes down after a meeting: how it was, notes, what to do next. Private to that side."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict

from services.chassis.model import Document, InvalidState

from ..meeting import Meeting

MAX_FOLLOW_UPS = 20


class FollowUp(BaseModel):
    """Something to do after a meeting."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    text: str
    due: str | None = None
    """A date, ISO 8601."""
    is_done: bool = False


class Debrief(Document):
    """The debrief of one side. Neither the other side nor organisers read it; reports count ratings of many."""

    meeting_id: str
    profile_id: str
    """The side that wrote it."""
    rating: int | None = None
    """From 1 to 5."""
    would_meet_again: bool | None = None
    note: str | None = None
    follow_ups: list[FollowUp] = []


def debrief_id(meeting_id: str, side: str) -> str:
    """The id of the debrief of one side of a meeting."""
    return f"{meeting_id}/{side}"


def must_have_begun(meeting: Meeting, now: dt.datetime) -> None:
    """Raises InvalidState for a meeting that is still to come, or was never booked."""
    if meeting.state not in ("booked", "completed", "no_show"):
        detail = f"The meeting is {meeting.state}; there is nothing to write down."
        raise InvalidState("not-in-this-state", detail, extra={"state": meeting.state})
    if now < meeting.start:
        raise InvalidState("too-early", "The meeting has not begun.", extra={"opens_at": meeting.start.isoformat()})
