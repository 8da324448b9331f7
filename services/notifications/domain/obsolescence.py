"""Whether a notice that has waited is still true, judged at the moment when it could be sent."""

from __future__ import annotations

from .notice_records import Delivery
from .notices import ASKED, PROPOSED
from .projections import MatchRow, MeetingRow

NO_LONGER_OPEN, SUPERSEDED = "no_longer_open", "superseded"
_REQUIRED_MEETING_STATE = {
    "meeting.requested": "requested",
    "meeting.booked": "booked",
    "meeting.move_requested": "booked",
    "meeting.rescheduled": "booked",
    "meeting.move_lapsed": "booked",
    "meeting.conflict_detected": "booked",
}


def obsolete_reason(delivery: Delivery, match: MatchRow | None, meeting: MeetingRow | None) -> str | None:
    """Why the notice need not be sent any more (a reason of the contract); None if it still holds. Notices about an
    end never become obsolete."""
    if "meeting_id" in delivery.about:
        return _about_meeting(delivery, meeting)
    return _about_match(delivery, match)


def _about_match(delivery: Delivery, match: MatchRow | None) -> str | None:
    if match is None:
        return NO_LONGER_OPEN
    is_unanswered = match.state in ("proposed", "accepted") and delivery.profile_id not in match.accepted_by
    still_holds = {
        PROPOSED: is_unanswered,
        ASKED: is_unanswered,
        "match.accepted": match.state == "accepted" and delivery.profile_id not in match.accepted_by,
        "match.agreed": match.state == "agreed",
    }
    return None if still_holds.get(delivery.template, True) else NO_LONGER_OPEN


def _about_meeting(delivery: Delivery, meeting: MeetingRow | None) -> str | None:
    if meeting is None or meeting.state != _REQUIRED_MEETING_STATE.get(delivery.template, meeting.state):
        return NO_LONGER_OPEN
    if delivery.ical_sequence is not None and meeting.ical_sequence > delivery.ical_sequence:
        return SUPERSEDED  # the later change has a notice of its own
    if delivery.template == "meeting.requested" and meeting.asked_by == delivery.profile_id:
        return SUPERSEDED  # the request was turned round: this side now waits for the other one
    if delivery.template == "meeting.move_requested":
        return None if meeting.move is not None and meeting.move.asked_by != delivery.profile_id else NO_LONGER_OPEN
    if delivery.template == "meeting.conflict_detected":
        return None if meeting.conflicts else NO_LONGER_OPEN
    return None
