"""Booking without double booking: a request holds nothing, a confirmation claims everybody's time (rules 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.documents import Document
from services.chassis.errors import Contrary, Invalid

from .calendar import LENGTH, STEP, ZONES, is_common, on_grid
from .match import Match

State = Literal["requested", "booked", "cancelled", "expired"]
ANSWER_TIME = dt.timedelta(hours=48)
ANSWER_TIME_SAME_DAY = dt.timedelta(minutes=20)


class Move(BaseModel):
    """Another time that one side asks for; the present one stands until it is confirmed."""

    model_config = ConfigDict(frozen=True)

    start: dt.datetime
    end: dt.datetime
    venue: Venue
    asked_by: str
    asked_by_member: str
    lapses_at: dt.datetime


class Meeting(Document):
    match_id: str
    parties: list[str]
    sides: dict[str, str]
    asked_by: str
    asked_by_member: str
    start: dt.datetime
    end: dt.datetime
    venue: Venue
    state: State = "requested"
    reason: str | None = None
    ended_by: str | None = None
    ical_sequence: int = 0
    lapses_at: dt.datetime | None = None
    move: Move | None = None
    conflicts: list[str] = []
    """Members who are no longer free then, or a country that does not work; nobody but people undoes a booking."""

    @property
    def members(self) -> list[str]:
        return sorted(set(self.sides.values()))

    @property
    def is_open(self) -> bool:
        return self.state in ("requested", "booked")

    def has_been_held(self, now: dt.datetime) -> bool:
        """Booked, and over."""
        return self.state == "booked" and now >= self.end

    def claim_ids(self) -> list[str]:
        return [claim_id(member, slot) for member in self.members for slot in slots(self.start, self.end)]


class Claim(Document):
    """A member's ten minutes, taken by a confirmed meeting. Its id and its insertion are the whole lock."""

    meeting_id: str


class Diary(Document):
    """The open meetings of a match, by id: the rule that a start is asked for once, and what an end must reach."""

    meetings: dict[str, dt.datetime] = {}

    def with_meeting(self, meeting: Meeting) -> Diary:
        return self.model_copy(update={"meetings": {**self.meetings, meeting.id: meeting.start}})

    def without(self, meeting_id: str) -> Diary:
        return self.model_copy(update={"meetings": {id: s for id, s in self.meetings.items() if id != meeting_id}})


def slots(start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
    """Every ten minutes of the grid that a stretch touches."""
    at = start
    while at < end:
        yield at
        at += STEP


def claim_id(member_id: str, slot: dt.datetime) -> str:
    return f"member/{member_id}/{slot.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}"


def must_be_bookable(start: dt.datetime, now: dt.datetime) -> None:
    """Raises Invalid: off the grid, past, or outside the common working hours."""
    if on_grid(start) != start:
        raise Invalid("A meeting starts on the ten-minute grid (10:00, 10:10, ...).", pointer="/start")
    if start <= now:
        raise Invalid("A meeting starts in the future.", pointer="/start")
    if not is_common(start):
        raise Invalid("Both sides do not work then; take a start from GET /v1/slots.", pointer="/start")


def request(
    id: str, match: Match, *, side: str, member_id: str, start: dt.datetime, venue: Venue, now: dt.datetime
) -> Meeting:
    """Asks the other side. Raises Invalid, or Contrary when the match is not agreed."""
    if match.state != "agreed":
        raise Contrary("not-agreed", "Both sides must accept the match before they meet.", extra={"state": match.state})
    must_be_bookable(start, now)
    return Meeting(
        id=id,
        match_id=match.id,
        parties=match.parties,
        sides=match.representatives,
        asked_by=side,
        asked_by_member=member_id,
        start=start,
        end=start + LENGTH,
        venue=venue,
        lapses_at=_lapses(start, now),
    )


def _lapses(start: dt.datetime, now: dt.datetime) -> dt.datetime:
    """After 48 h; after 20 min when the meeting is the same day; at its start at the latest."""
    zone = ZONES["KR"]
    same_day = start.astimezone(zone).date() == now.astimezone(zone).date()
    return min(start, now + (ANSWER_TIME_SAME_DAY if same_day else ANSWER_TIME))


@dataclass(frozen=True)
class Acted:
    """A meeting after an act, and the event that tells of it; None when nothing is new."""

    meeting: Meeting
    event: type[contract.MeetingState] | None


def confirm(meeting: Meeting, *, side: str, member_id: str, venue: Venue | None, now: dt.datetime) -> Acted:
    """By the side that did not ask; another venue turns the request round instead. Raises Contrary."""
    if meeting.move is not None:
        return _confirm_move(meeting, meeting.move, side=side, member_id=member_id, venue=venue, now=now)
    if meeting.state == "booked":
        return Acted(meeting, None)
    if meeting.state != "requested":
        raise _contrary(meeting)
    _must_be_in_time(meeting.lapses_at, now)
    if venue is not None and venue != meeting.venue:
        asked = {
            "venue": venue,
            "asked_by": side,
            "asked_by_member": member_id,
            "lapses_at": _lapses(meeting.start, now),
        }
        return Acted(meeting.model_copy(update=asked), contract.MeetingRequested)
    _must_be_the_others(meeting, meeting.asked_by, side)
    return Acted(meeting.model_copy(update={"state": "booked", "lapses_at": None}), contract.MeetingBooked)


def _confirm_move(
    meeting: Meeting, move: Move, *, side: str, member_id: str, venue: Venue | None, now: dt.datetime
) -> Acted:
    _must_be_in_time(move.lapses_at, now)
    if venue is not None and venue != move.venue:
        return ask_move(meeting, side=side, member_id=member_id, start=move.start, venue=venue, now=now)
    _must_be_the_others(meeting, move.asked_by, side)
    changed = {
        "start": move.start,
        "end": move.end,
        "venue": move.venue,
        "move": None,
        "conflicts": [],
        "ical_sequence": meeting.ical_sequence + 1,
    }
    return Acted(meeting.model_copy(update=changed), contract.MeetingRescheduled)


def _must_be_in_time(lapses_at: dt.datetime | None, now: dt.datetime) -> None:
    if lapses_at is not None and now >= lapses_at:
        raise Contrary("lapsed", "The time to confirm is over; ask for another time.", extra={"state": "expired"})


def _must_be_the_others(meeting: Meeting, asked_by: str, side: str) -> None:
    if side == asked_by:
        raise Contrary("own-request", "The other side confirms it.", extra={"state": meeting.state})


def ask_move(
    meeting: Meeting, *, side: str, member_id: str, start: dt.datetime, venue: Venue | None, now: dt.datetime
) -> Acted:
    """Asks to move a booked meeting; replaces what was asked before. Raises Invalid, Contrary."""
    if meeting.state != "booked":
        raise _contrary(meeting)
    if now >= meeting.start:
        raise Contrary("started", "The meeting has begun; ask for a new one.", extra={"state": meeting.state})
    must_be_bookable(start, now)
    there = venue or meeting.venue
    if (start, there) == (meeting.start, meeting.venue):
        raise Invalid("The meeting is at that time and place already.", pointer="/start")
    lapses_at = min(meeting.start, _lapses(start, now))
    move = Move(
        start=start, end=start + LENGTH, venue=there, asked_by=side, asked_by_member=member_id, lapses_at=lapses_at
    )
    before = meeting.move
    if before is not None and before.model_copy(update={"lapses_at": lapses_at}) == move:
        return Acted(meeting, None)
    return Acted(meeting.model_copy(update={"move": move}), contract.MeetingMoveRequested)


def cancel(meeting: Meeting, *, side: str | None, reason: str, now: dt.datetime) -> Acted:
    """By either side, or because a profile is gone. Raises Contrary once it has been held."""
    if meeting.state == "cancelled":
        return Acted(meeting, None)
    if meeting.has_been_held(now):
        raise Contrary("over", "The meeting has been held; it cannot be cancelled.", extra={"state": meeting.state})
    if not meeting.is_open:
        raise _contrary(meeting)
    ended = {
        "state": "cancelled",
        "reason": reason,
        "ended_by": side,
        "lapses_at": None,
        "move": None,
        "ical_sequence": meeting.ical_sequence + (1 if meeting.state == "booked" else 0),
    }
    return Acted(meeting.model_copy(update=ended), contract.MeetingCancelled)


def lapse(meeting: Meeting, *, now: dt.datetime) -> Acted:
    """Nobody has answered in time: a request ends, a move is forgotten."""
    if meeting.move is not None and now >= meeting.move.lapses_at:
        return Acted(meeting.model_copy(update={"move": None}), contract.MeetingMoveLapsed)
    if meeting.state != "requested" or meeting.lapses_at is None or now < meeting.lapses_at:
        return Acted(meeting, None)
    ended = {"state": "expired", "reason": "lapsed", "lapses_at": None}
    return Acted(meeting.model_copy(update=ended), contract.MeetingExpired)


def conflicting(meeting: Meeting, who: str) -> Acted:
    """Somebody, or a country, is no longer free then: people choose whether to keep, move or cancel it."""
    if meeting.state != "booked" or who in meeting.conflicts:
        return Acted(meeting, None)
    changed = meeting.model_copy(update={"conflicts": sorted([*meeting.conflicts, who])})
    return Acted(changed, contract.MeetingConflictDetected)


def _contrary(meeting: Meeting) -> Contrary:
    return Contrary(
        "not-in-this-state", f"The meeting is {meeting.state}; ask for a new one.", extra={"state": meeting.state}
    )


def told(meeting: Meeting, event: type[contract.MeetingState]) -> contract.MeetingState:
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
        move=meeting.move and _move_told(meeting.move),
        conflicts=meeting.conflicts,
    )


def _move_told(move: Move) -> contract.Move:
    return contract.Move(
        start=_text(move.start),
        end=_text(move.end),
        venue=move.venue,
        asked_by=move.asked_by,
        lapses_at=_text(move.lapses_at),
    )


def _text(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds")
