"""Who was at a meeting: checked in, not there, or the time given back (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from schemas import meetings as contract
from services.chassis.model import Document, InvalidState

from ..meeting import Meeting, MeetingChange, cancel

OPENS_BEFORE = dt.timedelta(minutes=30)
"""From when on a side may check in."""
CLOSES_AFTER = dt.timedelta(hours=2)
"""After the end: for those who forgot."""
NO_SHOW_AFTER = dt.timedelta(minutes=5)
"""After the start: until then a side is late, not missing."""


class CheckIn(BaseModel):
    """When a side checked in, and whether by the code of the table."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    at: dt.datetime
    at_table: bool = False


class Attendance(Document):
    """Who has checked in to a meeting, and who was missing; its id is the meeting's. Private: the topic says that a
    side did not come, never which one."""

    start: dt.datetime
    here: dict[str, CheckIn] = {}
    """By side."""
    absent: list[str] = []

    def for_start(self, start: dt.datetime) -> Attendance:
        """For this start: a check-in to a time that was moved is none."""
        return self if self.start == start else self.model_copy(update={"start": start, "here": {}, "absent": []})


def attendance_of(meeting: Meeting) -> Attendance:
    """Of a meeting to which no one has checked in."""
    return Attendance(id=meeting.id, start=meeting.start)


def check_in(known: Attendance, meeting: Meeting, *, side: str, at_table: bool, now: dt.datetime) -> Attendance:
    """A side is there. Again, it changes nothing. Raises InvalidState outside the time to check in, and for a meeting
    that is not booked."""
    if meeting.state not in ("booked", "completed"):
        raise _refusal("not-in-this-state", f"The meeting is {meeting.state}; no one checks in to it.", meeting)
    opens = meeting.start - OPENS_BEFORE
    if now < opens:
        detail = "It is too early to check in; come back half an hour before the start."
        raise _refusal("too-early", detail, meeting, opens_at=opens.isoformat())
    if now > meeting.end + CLOSES_AFTER:
        raise _refusal("over", "The time to check in is over; say that the meeting took place instead.", meeting)
    before = known.here.get(side)
    if before is not None and (before.at_table or not at_table):
        return known
    present = CheckIn(at=before.at if before else now, at_table=at_table)
    return known.model_copy(update={"here": {**known.here, side: present}})


def ended(known: Attendance, meeting: Meeting, *, now: dt.datetime) -> MeetingChange:
    """A booked meeting that is over is held, if a side has checked in. Without a check-in it stays booked: it is not
    known."""
    if meeting.state != "booked" or now < meeting.end or not known.for_start(meeting.start).here:
        return MeetingChange(meeting, None)
    return _held(meeting)


def took_place(known: Attendance, meeting: Meeting, *, side: str | None, now: dt.datetime) -> MeetingChange:
    """A side, or with None an organiser, says afterwards that it took place: no one had checked in, or a no-show was a
    mistake, which a side that was missing cannot say. Raises InvalidState."""
    if meeting.state == "completed":
        return MeetingChange(meeting, None)
    if meeting.state == "no_show" and side in known.absent:
        raise _refusal("no-show", "The other side, or an organiser, can say that you were there.", meeting)
    if meeting.state not in ("booked", "no_show"):
        raise _refusal("not-in-this-state", f"The meeting is {meeting.state}; it did not take place.", meeting)
    if meeting.state == "booked" and now < meeting.end:
        detail = "The meeting is not over; check in to it."
        raise _refusal("too-early", detail, meeting, opens_at=meeting.end.isoformat())
    return _held(meeting)


@dataclass(frozen=True)
class NoShow:
    """The meeting that did not take place, with who was there and who was not."""

    change: MeetingChange
    attendance: Attendance


def no_show(
    known: Attendance, meeting: Meeting, *, absent: Sequence[str], now: dt.datetime, corrects: bool = False
) -> NoShow:
    """These sides did not come; the others were there. Its time is free for others at once. `corrects`: an organiser
    may say at any time that others were missing than was said. Raises InvalidState before the first five minutes are
    over, two hours after the end, and for a side that has checked in."""
    missing = sorted(set(absent))
    if meeting.state == "no_show" and missing == known.absent:
        return NoShow(MeetingChange(meeting, None), known)
    if meeting.state == "no_show" and corrects:
        return _corrected(known, meeting, missing, now)
    if meeting.state != "booked":
        raise _refusal("not-in-this-state", f"The meeting is {meeting.state}.", meeting)
    begins = meeting.start + NO_SHOW_AFTER
    if now < begins:
        detail = "Give the other side five minutes after the start."
        raise _refusal("too-early", detail, meeting, opens_at=begins.isoformat())
    if now > meeting.end + CLOSES_AFTER:
        raise _refusal("over", "The meeting is long over; a no-show is said within two hours.", meeting)
    _must_not_be_here(known.here.keys() & set(missing), meeting)
    said = meeting.model_copy(update={"state": "no_show", "move": None, "lapses_at": None})
    return NoShow(MeetingChange(said, contract.MeetingNoShow), _without(known, meeting, missing, now))


def _corrected(known: Attendance, meeting: Meeting, missing: Sequence[str], now: dt.datetime) -> NoShow:
    """Without an event, which would say the same once more: the topic never says which side was missing."""
    # A side that was not said to be missing is noted as there, without a check-in; only one at the table is proof.
    at_table = {side for side, seen in known.here.items() if seen.at_table}
    _must_not_be_here(at_table & set(missing), meeting)
    return NoShow(MeetingChange(meeting, None), _without(known, meeting, missing, now))


def _must_not_be_here(sides: Collection[str], meeting: Meeting) -> None:
    if sides:
        detail = "That side has checked in; look around."
        raise _refusal("is-here", detail, meeting, profiles=sorted(sides))


def _without(known: Attendance, meeting: Meeting, missing: Sequence[str], now: dt.datetime) -> Attendance:
    there = {side: known.here.get(side, CheckIn(at=now)) for side in meeting.parties if side not in missing}
    return known.model_copy(update={"absent": list(missing), "here": there})


def release(meeting: Meeting, *, side: str, now: dt.datetime) -> MeetingChange:
    """A side that cannot come gives the time of a booked meeting back. Again, it changes nothing. Raises InvalidState
    for a request, which is cancelled, and for a meeting that is over."""
    if meeting.state == "requested":
        raise _refusal("not-in-this-state", "It is not booked, so it holds no time; cancel the request.", meeting)
    return cancel(meeting, side=side, reason="released", now=now)


def _held(meeting: Meeting) -> MeetingChange:
    held = meeting.model_copy(update={"state": "completed", "move": None, "lapses_at": None})
    return MeetingChange(held, contract.MeetingCompleted)


def _refusal(type: str, detail: str, meeting: Meeting, **extra: Any) -> InvalidState:
    return InvalidState(type, detail, extra={"state": meeting.state, **extra})


@dataclass(frozen=True)
class Kept:
    """What a profile has made of its bookings. Organisers alone see it."""

    completed: int
    missed: int
    """No-shows in which it was the side that did not come."""
    released: int
    """Given back in time; neither kept nor missed."""

    @property
    def rate(self) -> float | None:
        """Kept of those of which it is known, in [0, 1]; None where none is."""
        known = self.completed + self.missed
        return round(self.completed / known, 4) if known else None
