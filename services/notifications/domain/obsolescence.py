"""Whether a notice that has waited is still true, judged at the moment when it could be sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from .notice_records import Delivery
from .notices import (
    ASKED,
    CALENDAR_TEMPLATES,
    MATCH_END_TEMPLATES,
    MISSED,
    OFFERED,
    PARTIAL_TEMPLATES,
    PLANNED,
    PROPOSED,
    REQUEST_END_TEMPLATES,
)
from .projections import MatchRow, MeetingRow

NO_LONGER_OPEN, SUPERSEDED, TOO_LATE = "no_longer_open", "superseded", "too_late"
_REQUIRED_MEETING_STATE = {
    "meeting.requested": "requested",
    OFFERED: "requested",
    MISSED: "no_show",
    "meeting.booked": "booked",
    "meeting.move_requested": "booked",
    "meeting.rescheduled": "booked",
    "meeting.move_lapsed": "booked",
    "meeting.conflict_detected": "booked",
}


def obsolete_reason(delivery: Delivery, match: MatchRow | None, meeting: MeetingRow | None) -> str | None:
    """Why the notice need not be sent any more (a reason of the contract); None if it still holds. Notices about an
    end never become obsolete."""
    if delivery.template == PLANNED:
        return None  # it is written when it leaves, from what is booked then (`plan_reason`)
    if "meeting_id" in delivery.about:
        # A notice about a meeting names its match too, so the meeting is asked first.
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
    if delivery.template == OFFERED and delivery.profile_id in (meeting.accepted_by or ()):
        return SUPERSEDED  # this side has answered
    if delivery.template == "meeting.move_requested":
        return None if meeting.move is not None and meeting.move.asked_by != delivery.profile_id else NO_LONGER_OPEN
    if delivery.template == "meeting.conflict_detected":
        return None if meeting.conflicts else NO_LONGER_OPEN
    return None


def still_ahead(planned: Sequence[MeetingRow], now: dt.datetime) -> list[MeetingRow]:
    """The meetings of a plan that have not begun."""
    return [meeting for meeting in planned if dt.datetime.fromisoformat(meeting.start) > now]


def plan_reason(planned: Sequence[MeetingRow], now: dt.datetime) -> str | None:
    """Why the mail of a plan need not be sent any more; None while one of its meetings is ahead. `planned`: what is
    booked of it."""
    if not planned:
        return NO_LONGER_OPEN
    return None if still_ahead(planned, now) else TOO_LATE


def useless_from(delivery: Delivery, meeting: MeetingRow | None) -> dt.datetime | None:
    """From when on a notice about a meeting says nothing of use: its start, or the end of the time to answer. None for
    what is told after it."""
    if meeting is None or not meeting.start or delivery.template == MISSED:
        return None
    move = meeting.move if delivery.template == "meeting.move_requested" else None
    is_asking = delivery.template in ("meeting.requested", OFFERED)
    lapses = meeting.lapses_at if is_asking else move.lapses_at if move else None
    return min(dt.datetime.fromisoformat(at) for at in (meeting.start, lapses) if at)


def subject_of(delivery: Delivery) -> str:
    """What mails about one thing have in common: the match, whose meetings follow each other, or the forum."""
    return delivery.about["forum_id"] if delivery.template == PLANNED else delivery.about["match_id"]


def supersedes(newer: Delivery, older: Delivery) -> bool:
    """Whether a mail about the same match that still waits need not be sent, because a newer one tells the last state.

    A change of calendars gives way to the next change of the same meeting only: a calendar must not keep a meeting that
    was cancelled. A notice that says a part gives way to the whole, and never the other way round. News of one meeting
    say nothing of another one of the match that is open beside it: whether that one still stands is seen when its mail
    leaves (`obsolete_reason`). What ends requests gives way, so that requests made and ended by the dozen are one mail.
    """
    if newer.happened_at < older.happened_at:
        return False  # it has arrived later, from another topic
    is_same_meeting = newer.about.get("meeting_id") == older.about.get("meeting_id")
    if _changes_calendars(older):
        return _changes_calendars(newer) and is_same_meeting
    if newer.template in PARTIAL_TEMPLATES:
        return newer.template == older.template and is_same_meeting
    is_open = "meeting_id" in older.about and older.template not in REQUEST_END_TEMPLATES
    return is_same_meeting or not is_open or newer.template in MATCH_END_TEMPLATES


def _changes_calendars(delivery: Delivery) -> bool:
    return delivery.template in CALENDAR_TEMPLATES and delivery.ical_sequence is not None
