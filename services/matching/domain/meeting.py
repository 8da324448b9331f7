"""Booking without double booking: a request holds nothing, a confirmation claims the time of all members
(docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.model import Document, Invalid, InvalidState

from .agenda import Booked
from .asks import Ask, Meant, Move, is_another_venue, must_mean, with_ask
from .calendar import LENGTH, ZONES, must_be_to_come
from .claim import NO_PLACES, Places, claim_of, member_claims, resources_at, slots
from .match import Match
from .members import member_key

State = Literal["requested", "booked", "cancelled", "expired", "completed", "no_show"]
ANSWER_TIME = dt.timedelta(hours=48)
ANSWER_TIME_SAME_DAY = dt.timedelta(minutes=20)


class Meeting(Document):
    """A meeting of the two representatives of an agreed match, requested or booked, or ended."""

    match_id: str
    parties: list[str]
    owners: dict[str, str]
    """The organisation of each party; private to this service."""
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
    """Members who are no longer free at that time, or a country that does not work. Only people cancel a booking."""
    asked: dict[str, list[str]] = {}
    """What each side was asked to confirm, as keys; private to this service."""
    countries: str = ""
    """Those of its match, and when that was made; private, for the metrics."""
    matched_at: dt.datetime | None = None
    forum_id: str | None = None
    """The forum whose plan has booked it, or that has offered it, and the number of that plan."""
    plan: int | None = None
    accepted_by: list[str] | None = None
    """Of an offer: which sides have accepted. The forum has asked both of them; None where one side asks the other."""
    opening: str | None = None
    """Of an offer: which time became free, as the forum's book of openings names it."""
    resources: list[str] = []
    """What it holds beside its members, as claims name it: `table/<forum>/A-1`, `interpreter/<forum>/lee`."""
    change_over: int = 0
    """Minutes after its end, a multiple of ten, in which all of these change over: taken like the meeting itself."""

    @property
    def members(self) -> list[str]:
        """The pseudonyms of both representatives, in order, as others see them."""
        return sorted(set(self.sides.values()))

    @property
    def member_keys(self) -> list[str]:
        """Both representatives as members of their organisations: who is taken when it is booked."""
        return sorted({member_key(self.owners[side], member) for side, member in self.sides.items()})

    @property
    def ask(self) -> Ask:
        """What is asked for now, or else what it is."""
        what = self.move or self
        return Ask(what.start, what.venue, self.state)

    def asking(self, side: str) -> Meeting:
        """With the present ask, made by this side, remembered for the other one."""
        other = next(party for party in self.parties if party != side)
        return self.model_copy(update={"asked": with_ask(self.asked, other, self.ask)})

    @property
    def is_offer(self) -> bool:
        """Whether a forum has offered it to both sides, instead of one side asking the other."""
        return self.accepted_by is not None

    @property
    def is_open(self) -> bool:
        """Whether it may still take place."""
        return self.state in ("requested", "booked")

    def has_been_held(self, now: dt.datetime) -> bool:
        """Whether it was booked and its end has passed, or it is known that it took place."""
        return self.state == "completed" or (self.state == "booked" and now >= self.end)

    @property
    def requesters(self) -> set[str]:
        """Keys of the members whose request, for the meeting or for a move, waits for an answer."""
        asking = [(self.asked_by, self.asked_by_member)] if self.state == "requested" and not self.is_offer else []
        asking += [(self.move.asked_by, self.move.asked_by_member)] if self.move else []
        return {member_key(self.owners[side], member) for side, member in asking}

    @property
    def time(self) -> Booked:
        """As agendas have it."""
        change_over = self.change_over if self.forum_id is not None else None
        return Booked(start=self.start, end=self.end, change_over=change_over)

    def claim_ids(self) -> list[str]:
        """The claims that it needs when it is booked, with the time to change over."""
        end = self.end + dt.timedelta(minutes=self.change_over)
        return [claim_of(holder, slot) for holder in self.holders for slot in slots(self.start, end)]

    @property
    def holders(self) -> list[str]:
        """What its claims begin with: its members, and what else it needs."""
        return [*(member_claims(key) for key in self.member_keys), *self.resources]


def request(
    id: str, match: Match, *, side: str, member_id: str, start: dt.datetime, venue: Venue, now: dt.datetime
) -> Meeting:
    """A new request to the other side. Raises InvalidState if the match is not agreed, and Invalid for the start."""
    if match.state != "agreed":
        raise InvalidState(
            "not-agreed", "Both sides must accept the match before they meet.", extra={"state": match.state}
        )
    must_be_to_come(start, now)
    requested = Meeting(
        id=id,
        match_id=match.id,
        parties=match.parties,
        owners=match.owners,
        sides=match.representatives,
        asked_by=side,
        asked_by_member=member_id,
        start=start,
        end=start + LENGTH,
        venue=venue,
        lapses_at=_lapses(start, now),
        countries=match.countries,
        matched_at=match.made_at,
    )
    return requested.asking(side)


def _lapses(start: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The end of the time to answer: after 48 h, or 20 min if the meeting is on the same day, and at its start at the
    latest."""
    # Seoul's date for both sides. In China it is still the day before until 01:00 Korean time.
    zone = ZONES["KR"]
    same_day = start.astimezone(zone).date() == now.astimezone(zone).date()
    return min(start, now + (ANSWER_TIME_SAME_DAY if same_day else ANSWER_TIME))


@dataclass(frozen=True)
class MeetingChange:
    """A meeting after an act, and the event that reports it; None if the act changed nothing."""

    meeting: Meeting
    event: type[contract.MeetingState] | None


def confirm(
    meeting: Meeting, *, side: str, member_id: str, meant: Meant, now: dt.datetime, places: Places = NO_PLACES
) -> MeetingChange:
    """The side that did not ask confirms. With another venue it asks back instead of booking. Confirming twice changes
    nothing. `places`: those of its forum.

    Raises InvalidState if the meeting has ended, the time to answer is over, it is the side's own request, or it is not
    what the confirmation means."""
    # A move first: a meeting with a move is booked, and would otherwise count as confirmed already.
    if meeting.move is not None:
        return _confirm_move(meeting, meeting.move, places, side=side, member_id=member_id, meant=meant, now=now)
    if meeting.state == "booked":
        must_mean(meant, meeting.ask, meeting.asked.get(side, ()))
        return MeetingChange(meeting, None)
    if meeting.state != "requested":
        raise _not_in_this_state(meeting)
    _must_be_in_time(meeting.lapses_at, now)
    # Before the venue: turning one's own request round would be more time for it, as often as one likes.
    _must_not_be_own(meeting, meeting.asked_by, side)
    must_mean(meant, meeting.ask, meeting.asked.get(side, ()))
    if meant.venue is not None and is_another_venue(meant.venue, meeting.venue):
        return _turned_round(meeting, side=side, member_id=member_id, venue=meant.venue, now=now)
    return MeetingChange(meeting.model_copy(update={"state": "booked", "lapses_at": None}), contract.MeetingBooked)


def _turned_round(meeting: Meeting, *, side: str, member_id: str, venue: Venue, now: dt.datetime) -> MeetingChange:
    asked = {"venue": venue, "asked_by": side, "asked_by_member": member_id, "lapses_at": _lapses(meeting.start, now)}
    return MeetingChange(meeting.model_copy(update=asked).asking(side), contract.MeetingRequested)


def _confirm_move(
    meeting: Meeting, move: Move, places: Places, *, side: str, member_id: str, meant: Meant, now: dt.datetime
) -> MeetingChange:
    _must_be_in_time(move.lapses_at, now)
    _must_not_be_own(meeting, move.asked_by, side)
    must_mean(meant, meeting.ask, meeting.asked.get(side, ()))
    if meant.venue is not None and is_another_venue(meant.venue, move.venue):
        return ask_move(meeting, side=side, member_id=member_id, start=move.start, venue=meant.venue, now=now)
    changed = {
        "start": move.start,
        "end": move.end,
        "venue": move.venue,
        "resources": resources_at(meeting.resources, meeting.venue, move.venue, places),
        "move": None,
        # They were about the old time; the new one is claimed for all members in the same commit.
        "conflicts": [],
        "ical_sequence": meeting.ical_sequence + 1,
    }
    return MeetingChange(meeting.model_copy(update=changed), contract.MeetingRescheduled)


def _must_be_in_time(lapses_at: dt.datetime | None, now: dt.datetime) -> None:
    if lapses_at is not None and now >= lapses_at:
        raise InvalidState("lapsed", "The time to confirm is over; ask for another time.", extra={"state": "expired"})


def _must_not_be_own(meeting: Meeting, asked_by: str, side: str) -> None:
    if side == asked_by:
        raise InvalidState("own-request", "The other side confirms it.", extra={"state": meeting.state})


def ask_move(
    meeting: Meeting, *, side: str, member_id: str, start: dt.datetime, venue: Venue | None, now: dt.datetime
) -> MeetingChange:
    """Asks to move a booked meeting, instead of any move that was asked for before. Raises InvalidState, and Invalid
    for a start that cannot be booked or is the present one."""
    if meeting.state != "booked":
        raise _not_in_this_state(meeting)
    if now >= meeting.start:
        raise InvalidState("started", "The meeting has begun; ask for a new one.", extra={"state": meeting.state})
    must_be_to_come(start, now)
    new_venue = venue or meeting.venue
    if (start, new_venue) == (meeting.start, meeting.venue):
        raise Invalid("The meeting is at that time and place already.", pointer="/start")
    lapses_at = min(meeting.start, _lapses(start, now))
    move = Move(
        start=start, end=start + LENGTH, venue=new_venue, asked_by=side, asked_by_member=member_id, lapses_at=lapses_at
    )
    before = meeting.move
    # The same move asked for twice must not get more time for its answer.
    if before is not None and before.model_copy(update={"lapses_at": lapses_at}) == move:
        return MeetingChange(meeting, None)
    asked = meeting.model_copy(update={"move": move}).asking(side)
    return MeetingChange(asked, contract.MeetingMoveRequested)


def cancel(meeting: Meeting, *, side: str | None, reason: str, now: dt.datetime) -> MeetingChange:
    """Cancels, by a side or, with None, because a profile or the match has ended. Cancelling twice changes nothing.

    Raises InvalidState if the meeting has been held or has ended otherwise."""
    if meeting.state == "cancelled":
        return MeetingChange(meeting, None)
    if meeting.has_been_held(now):
        raise InvalidState("over", "The meeting has been held; it cannot be cancelled.", extra={"state": meeting.state})
    if not meeting.is_open:
        raise _not_in_this_state(meeting)
    ended = {
        "state": "cancelled",
        "reason": reason,
        "ended_by": side,
        "lapses_at": None,
        "move": None,
        # Only a booking is in calendars, and a CANCEL needs a higher SEQUENCE than what it cancels (RFC 5546).
        "ical_sequence": meeting.ical_sequence + (1 if meeting.state == "booked" else 0),
    }
    return MeetingChange(meeting.model_copy(update=ended), contract.MeetingCancelled)


def lapse(meeting: Meeting, *, now: dt.datetime) -> MeetingChange:
    """What was not answered in time ends: a requested meeting expires, a requested move is dropped."""
    if meeting.move is not None and now >= meeting.move.lapses_at:
        return MeetingChange(meeting.model_copy(update={"move": None}), contract.MeetingMoveLapsed)
    if meeting.state != "requested" or meeting.lapses_at is None or now < meeting.lapses_at:
        return MeetingChange(meeting, None)
    ended = {"state": "expired", "reason": "lapsed", "lapses_at": None}
    return MeetingChange(meeting.model_copy(update=ended), contract.MeetingExpired)


def conflicting(meeting: Meeting, who: str, *, now: dt.datetime) -> MeetingChange:
    """Marks a booked meeting at whose time a member is busy, or a country does not work. People choose whether to keep,
    move or cancel it. One that has been held stays as it is."""
    if meeting.state != "booked" or meeting.has_been_held(now) or who in meeting.conflicts:
        return MeetingChange(meeting, None)
    changed = meeting.model_copy(update={"conflicts": sorted([*meeting.conflicts, who])})
    return MeetingChange(changed, contract.MeetingConflictDetected)


def _not_in_this_state(meeting: Meeting) -> InvalidState:
    return InvalidState(
        "not-in-this-state", f"The meeting is {meeting.state}; ask for a new one.", extra={"state": meeting.state}
    )
