"""Which event is told to which side, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas import matches, meetings
from schemas.envelope import Event

from .projections import MatchRow, MeetingRow

PROPOSED, ASKED = "match.proposed", "match.asked"
"""By nobody but the score; by the other side, who named this partner."""
DIGESTED = frozenset({PROPOSED})
"""By mail these come together, once a day."""


@dataclass(frozen=True)
class Notice:
    """`template` names the sentence; `sides` are the profiles whose audiences hear it; `about` ids to render it."""

    template: str
    sides: list[str]
    about: dict[str, str]
    ical_sequence: int | None = None


Row = MatchRow | MeetingRow
Sides = Callable[[Any, Any], list[str]]
"""(event, our row of its aggregate as it was before) -> the sides that hear of it."""


def _both(event: Any, before: Row) -> list[str]:
    return list(event.parties)


def _who_did_not_ask(event: meetings.MeetingState, before: Row) -> list[str]:
    return [party for party in event.parties if party != event.asked_by]


def _who_asked(event: meetings.MeetingState, before: Row) -> list[str]:
    return [event.asked_by]


def _who_has_not_accepted(event: matches.MatchState, before: Row) -> list[str]:
    return [party for party in event.parties if party not in event.accepted_by]


def _both_if_anybody_cared(event: matches.MatchState, before: Row) -> list[str]:
    """What nobody has answered ends in silence."""
    return list(event.parties) if event.accepted_by else []


def _who_did_not_ask_to_move(event: meetings.MeetingState, before: Row) -> list[str]:
    return [party for party in event.parties if event.move and party != event.move.asked_by]


def _who_asked_to_move(event: meetings.MeetingState, before: MeetingRow) -> list[str]:
    """The event itself has forgotten the move; our row has not yet."""
    return [before.move.asked_by] if before.move else []


TOLD: Mapping[type[Event], tuple[str, Sides]] = {
    matches.MatchProposed: (PROPOSED, _who_has_not_accepted),
    matches.MatchAccepted: ("match.accepted", _who_has_not_accepted),
    matches.MatchAgreed: ("match.agreed", _both),
    matches.MatchExpired: ("match.expired", _both_if_anybody_cared),
    matches.MatchWithdrawn: ("match.withdrawn", _both_if_anybody_cared),
    meetings.MeetingRequested: ("meeting.requested", _who_did_not_ask),
    meetings.MeetingBooked: ("meeting.booked", _both),
    meetings.MeetingMoveRequested: ("meeting.move_requested", _who_did_not_ask_to_move),
    meetings.MeetingRescheduled: ("meeting.rescheduled", _both),
    meetings.MeetingMoveLapsed: ("meeting.move_lapsed", _who_asked_to_move),
    meetings.MeetingCancelled: ("meeting.cancelled", _both),
    meetings.MeetingExpired: ("meeting.expired", _who_asked),
    meetings.MeetingConflictDetected: ("meeting.conflict_detected", _both),
}


def notice_of(event: Event, before: Row) -> Notice | None:
    """None for an event that nobody needs to hear of; a decline is one: it is private."""
    known = TOLD.get(type(event))
    if known is None:
        return None
    template, sides = known
    match event:
        case meetings.MeetingState():
            about = {"meeting_id": event.meeting_id, "match_id": event.match_id}
            was_asked_only = isinstance(event, meetings.MeetingCancelled) and before.state == "requested"
            sequence = None if was_asked_only else event.ical_sequence  # no calendar holds it: nothing to take out
            return Notice(template, sides(event, before), about, sequence)
        case matches.MatchState():
            if template == PROPOSED and event.accepted_by:
                template = ASKED
            return Notice(template, sides(event, before), {"match_id": event.match_id})
    return None
