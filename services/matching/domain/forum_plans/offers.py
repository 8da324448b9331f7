"""A meeting that a forum offers to both sides of an agreed match, because a time became free: it holds nothing, and is
booked when both have accepted (docs/rules.md, section 9)."""

from __future__ import annotations

import datetime as dt

from schemas import meetings as contract
from services.chassis.model import InvalidState

from ..asks import Meant, is_another_venue, must_mean
from ..forums.setup import ForumSetup
from ..match import Match
from ..meeting import Meeting, MeetingChange
from .booking import meeting_at
from .plan import PlannedMeeting

TAKEN = "slot_taken"


def offered(
    id: str,
    match: Match,
    planned: PlannedMeeting,
    *,
    opening_id: str,
    forum_id: str,
    setup: ForumSetup,
    link: str | None,
) -> Meeting:
    """The offer of the time of another meeting, without the end of the time to answer."""
    meeting = meeting_at(id, match, planned, forum_id=forum_id, setup=setup, link=link)
    return meeting.model_copy(update={"state": "requested", "accepted_by": [], "opening": opening_id})


def made(offer: Meeting, lapses_at: dt.datetime) -> MeetingChange:
    """The offer as both sides are told of it."""
    return MeetingChange(offer.model_copy(update={"lapses_at": lapses_at}), contract.MeetingRequested)


def accept(meeting: Meeting, *, side: str, meant: Meant, now: dt.datetime) -> MeetingChange:
    """A side accepts; with the other one it is booked. Accepting twice changes nothing. Raises InvalidState (lapsed,
    another-ask, fixed-place)."""
    if meeting.lapses_at is not None and now >= meeting.lapses_at:
        raise InvalidState("lapsed", "The time to accept this offer is over.", extra={"state": "expired"})
    must_mean(meant, meeting.ask, ())
    if is_another_venue(meant.venue, meeting.venue):
        detail = "The forum offers this time with its place; accept it as it is, or cancel it."
        raise InvalidState("fixed-place", detail, extra={"state": meeting.state})
    before = meeting.accepted_by or []
    if side in before:
        return MeetingChange(meeting, None)
    accepted = meeting.model_copy(update={"accepted_by": sorted([*before, side])})
    if set(meeting.parties) - {*before, side}:
        return MeetingChange(accepted, contract.MeetingRequested)
    return MeetingChange(accepted.model_copy(update={"state": "booked", "lapses_at": None}), contract.MeetingBooked)


def taken(meeting: Meeting) -> MeetingChange:
    """The end of an offer that both have accepted, but whose time is not free any more."""
    ended = {"state": "expired", "reason": TAKEN, "lapses_at": None}
    return MeetingChange(meeting.model_copy(update=ended), contract.MeetingExpired)
