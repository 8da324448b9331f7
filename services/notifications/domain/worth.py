"""Whether a notice that has waited is still true, judged when it is about to leave."""

from __future__ import annotations

from .notices import ASKED, PROPOSED
from .projections import MatchRow, MeetingRow
from .recipients import Delivery

CLOSED, SUPERSEDED = "no_longer_open", "superseded"
_MEETING_STATE = {
    "meeting.requested": "requested",
    "meeting.booked": "booked",
    "meeting.move_requested": "booked",
    "meeting.rescheduled": "booked",
    "meeting.move_lapsed": "booked",
    "meeting.conflict_detected": "booked",
}


def obsolete(delivery: Delivery, match: MatchRow | None, meeting: MeetingRow | None) -> str | None:
    """Why nobody needs to hear it any more; None while it still holds. What ended is always told."""
    if "meeting_id" in delivery.about:
        return _about_meeting(delivery, meeting)
    return _about_match(delivery, match)


def _about_match(delivery: Delivery, match: MatchRow | None) -> str | None:
    if match is None:
        return CLOSED
    is_unanswered = match.state in ("proposed", "accepted") and delivery.profile_id not in match.accepted_by
    is_news = {
        PROPOSED: is_unanswered,
        ASKED: is_unanswered,
        "match.accepted": match.state == "accepted" and delivery.profile_id not in match.accepted_by,
        "match.agreed": match.state == "agreed",
    }
    return None if is_news.get(delivery.template, True) else CLOSED


def _about_meeting(delivery: Delivery, meeting: MeetingRow | None) -> str | None:
    if meeting is None or meeting.state != _MEETING_STATE.get(delivery.template, meeting.state):
        return CLOSED
    if delivery.ical_sequence is not None and meeting.ical_sequence > delivery.ical_sequence:
        return SUPERSEDED  # the later change has a notice of its own
    if delivery.template == "meeting.requested" and meeting.asked_by == delivery.profile_id:
        return SUPERSEDED  # it was turned round: now the other side is asked
    if delivery.template == "meeting.move_requested":
        return None if meeting.move is not None and meeting.move.asked_by != delivery.profile_id else CLOSED
    if delivery.template == "meeting.conflict_detected":
        return None if meeting.conflicts else CLOSED
    return None
