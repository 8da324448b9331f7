"""Which events make a notice, which sides of a match or meeting get it, and under which template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from schemas import matches, meetings

from .projections import MatchRow, MeetingRow

PROPOSED, ASKED = "match.proposed", "match.asked"
"""A match that was proposed by its score alone, and one where the other side has named this partner."""
PLANNED = "forum.planned"
"""All meetings that a forum's published plan has booked for a side: one notice, whatever their number."""
OFFERED, OFFER_ENDED = "meeting.offered", "meeting.offer_ended"
"""A time that a forum offers to both sides, and the end of such an offer for who has accepted it."""
MISSED = "meeting.no_show"
"""A meeting did not take place, as one side or the organiser says: a side that was there can correct it, and both can
find another time."""
DIGEST_TEMPLATES = frozenset({PROPOSED})
"""Notices that are mailed together, once a day."""
CALENDAR_TEMPLATES = frozenset({"meeting.booked", "meeting.rescheduled", "meeting.cancelled"})
"""Notices that change the calendars of a meeting's members."""
PARTIAL_TEMPLATES = frozenset({"meeting.move_requested", "meeting.move_lapsed", "meeting.conflict_detected"})
"""Notices that say something about a meeting which stands, and do not repeat what it is."""
MATCH_END_TEMPLATES = frozenset({"match.expired", "match.withdrawn"})
"""Notices that a match has ended, and with it what was open between its sides."""
REQUEST_END_TEMPLATES = frozenset({"meeting.cancelled", "meeting.expired", OFFER_ENDED})
"""Notices that a request or an offer has ended, or (with a change of calendars) that a booked meeting has."""

ADDRESS_REFUSED = "address.refused"
"""In the inbox only: the recipient's own mail address takes no mail."""

E = TypeVar("E")
R = TypeVar("R")
AnyState = matches.MatchState | meetings.MeetingState


@dataclass(frozen=True)
class Notice:
    """What has to be told. `template` names the sentences (`sentences.py`); `sides` are the ids of the profiles whose
    recipients get it; `about` holds the ids that rendering needs; `ical_sequence` is the SEQUENCE of a calendar
    entry."""

    template: str
    sides: list[str]
    about: dict[str, str]
    ical_sequence: int | None = None
    bound: dt.datetime | None = None
    """The first moment after which the notice is of less use: a start, old or new, or when what it asks for lapses. It
    is not held past 2 h before."""
    gathers: str | None = None
    """Several events make one notice: those that gather under the same name, for each side."""


@dataclass(frozen=True)
class NoticeRule(Generic[E, R]):
    """How a type of event becomes a notice. `sides` takes the event and our row of its aggregate as it was before the
    event."""

    template: str
    sides: Callable[[E, R], list[str]]


def _both_sides(event: AnyState, before: object) -> list[str]:
    return list(event.parties)


def _side_without_acceptance(event: matches.MatchState, before: MatchRow) -> list[str]:
    return [party for party in event.parties if party not in event.accepted_by]


def _both_sides_after_an_acceptance(event: matches.MatchState, before: MatchRow) -> list[str]:
    """A proposal that neither side has accepted ends without a notice."""
    return list(event.parties) if event.accepted_by else []


def _requesting_side(event: meetings.MeetingState, before: MeetingRow) -> list[str]:
    return [event.asked_by]


def _requested_side(event: meetings.MeetingState, before: MeetingRow) -> list[str]:
    return [party for party in event.parties if party != event.asked_by]


def _side_asked_to_move(event: meetings.MeetingState, before: MeetingRow) -> list[str]:
    return [party for party in event.parties if event.move and party != event.move.asked_by]


def _side_that_asked_to_move(event: meetings.MeetingState, before: MeetingRow) -> list[str]:
    """Read from our row: the event that ends a move no longer holds the move."""
    return [before.move.asked_by] if before.move else []


MATCH_NOTICE_RULES: Mapping[type[matches.MatchState], NoticeRule[matches.MatchState, MatchRow]] = {
    matches.MatchProposed: NoticeRule(PROPOSED, _side_without_acceptance),
    matches.MatchAccepted: NoticeRule("match.accepted", _side_without_acceptance),
    matches.MatchAgreed: NoticeRule("match.agreed", _both_sides),
    matches.MatchExpired: NoticeRule("match.expired", _both_sides_after_an_acceptance),
    matches.MatchWithdrawn: NoticeRule("match.withdrawn", _both_sides_after_an_acceptance),
}
"""There is no rule for a decline, which is private, nor for an update of the score."""

MEETING_NOTICE_RULES: Mapping[type[meetings.MeetingState], NoticeRule[meetings.MeetingState, MeetingRow]] = {
    meetings.MeetingRequested: NoticeRule("meeting.requested", _requested_side),
    meetings.MeetingBooked: NoticeRule("meeting.booked", _both_sides),
    meetings.MeetingMoveRequested: NoticeRule("meeting.move_requested", _side_asked_to_move),
    meetings.MeetingRescheduled: NoticeRule("meeting.rescheduled", _both_sides),
    meetings.MeetingMoveLapsed: NoticeRule("meeting.move_lapsed", _side_that_asked_to_move),
    meetings.MeetingCancelled: NoticeRule("meeting.cancelled", _both_sides),
    meetings.MeetingExpired: NoticeRule("meeting.expired", _requesting_side),
    meetings.MeetingConflictDetected: NoticeRule("meeting.conflict_detected", _both_sides),
    meetings.MeetingNoShow: NoticeRule(MISSED, _both_sides),
}


def match_notice(event: matches.MatchState, before: MatchRow) -> Notice | None:
    """The notice of an event of a match; None if this type of event makes none."""
    rule = MATCH_NOTICE_RULES.get(type(event))
    if rule is None:
        return None
    template = ASKED if rule.template == PROPOSED and event.accepted_by else rule.template
    is_asking = template in (PROPOSED, ASKED, "match.accepted")
    bound = _earliest(event.expires_at) if is_asking else None
    return Notice(template, rule.sides(event, before), {"match_id": event.match_id}, bound=bound)


def meeting_notice(event: meetings.MeetingState, before: MeetingRow) -> Notice | None:
    """The notice of an event of a meeting; None if this type of event makes none."""
    rule = MEETING_NOTICE_RULES.get(type(event))
    if rule is None:
        return None
    is_offer = event.state == "requested" or (event.state in ("cancelled", "expired") and before.state == "requested")
    if is_offer and event.accepted_by is not None:
        return _of_an_offer(event, event.accepted_by, before)
    if isinstance(event, meetings.MeetingBooked) and event.forum_id is not None and event.plan is not None:
        return _planned(event, event.forum_id, event.plan)
    about = {"meeting_id": event.meeting_id, "match_id": event.match_id}
    # A request that is cancelled was never in a calendar, so no calendar entry has to be cancelled.
    was_only_requested = isinstance(event, meetings.MeetingCancelled) and before.state == "requested"
    sequence = None if was_only_requested else event.ical_sequence
    # What was missed can wait for the end of quiet hours.
    bound = None if rule.template == MISSED else _bound(event, before)
    return Notice(rule.template, rule.sides(event, before), about, sequence, bound)


def _planned(event: meetings.MeetingBooked, forum_id: str, plan: int) -> Notice:
    """The day of both sides, which this meeting is a part of."""
    about = {"forum_id": forum_id, "plan": str(plan)}
    bound = _earliest(event.start)
    return Notice(PLANNED, list(event.parties), about, bound=bound, gathers=f"{forum_id}/{plan}")


def _of_an_offer(event: meetings.MeetingState, accepted_by: list[str], before: MeetingRow) -> Notice | None:
    """Both sides hear of it once. Its end matters to who has accepted, and has not ended it."""
    about = {"meeting_id": event.meeting_id, "match_id": event.match_id}
    if event.state != "requested":
        return Notice(OFFER_ENDED, [side for side in accepted_by if side != event.ended_by], about)
    if accepted_by:
        return None
    return Notice(OFFERED, list(event.parties), about, event.ical_sequence, _bound(event, before))


def _bound(event: meetings.MeetingState, before: MeetingRow) -> dt.datetime | None:
    """What its readers plan by: the start, the one that they knew before, the one that is asked for, and the end of the
    time to answer."""
    moves = [move for move in (event.move, before.move) if move is not None]
    lapses = event.move.lapses_at if event.move else event.lapses_at if event.state == "requested" else None
    return _earliest(event.start, before.start, *(move.start for move in moves), lapses)


def _earliest(*instants: str | None) -> dt.datetime | None:
    return min((dt.datetime.fromisoformat(at) for at in instants if at), default=None)
