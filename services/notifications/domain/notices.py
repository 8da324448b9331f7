"""Which event is told to which side, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas import matches, meetings
from schemas.envelope import Event


@dataclass(frozen=True)
class Notice:
    """`template` names the sentence; `sides` are the profiles whose audiences hear it; `about` ids to render it."""

    template: str
    sides: list[str]
    about: dict[str, str]


def _about_match(event: matches.MatchState) -> dict[str, str]:
    return {"match_id": event.match_id}


def _about_meeting(event: meetings.MeetingState) -> dict[str, str]:
    return {"meeting_id": event.meeting_id, "match_id": event.match_id}


def _both(event: Any) -> list[str]:
    return list(event.parties)


def _who_did_not_ask(event: meetings.MeetingState) -> list[str]:
    return [party for party in event.parties if party != event.asked_by]


Sides = Callable[[Any], list[str]]
TOLD: Mapping[type[Event], tuple[str, Sides, Callable[[Any], dict[str, str]]]] = {
    matches.MatchProposed: ("match.proposed", _both, _about_match),
    matches.MatchAgreed: ("match.agreed", _both, _about_match),
    meetings.MeetingRequested: ("meeting.requested", _who_did_not_ask, _about_meeting),
    meetings.MeetingBooked: ("meeting.booked", _both, _about_meeting),
    meetings.MeetingCancelled: ("meeting.cancelled", _both, _about_meeting),
}


def notice_of(event: Event) -> Notice | None:
    """None for an event that nobody needs to hear of."""
    known = TOLD.get(type(event))
    if known is None:
        return None
    template, sides, about = known
    return Notice(template, sides(event), about(event))
