"""A meeting of a plan as it is booked: by the same claims as any other, and by no one's request."""

from __future__ import annotations

import datetime as dt

from schemas import meetings as contract
from schemas.meetings import Venue
from services.chassis.model import fold

from ..calendar import LENGTH
from ..claim import Places
from ..forums.setup import ForumSetup
from ..forums.venue import Room, Table
from ..match import Match
from ..meeting import Meeting, MeetingChange
from .plan import ForumPlan, PlannedMeeting

LINK_ID = "{id}"
"""Stands in the link of a publication for the id of the meeting."""


def planned_booking(
    id: str, match: Match, planned: PlannedMeeting, *, plan: ForumPlan, setup: ForumSetup, link: str | None
) -> MeetingChange:
    """The booked meeting of a match that both sides have agreed to; the forum's organiser has chosen the time."""
    meeting = meeting_at(id, match, planned, forum_id=plan.forum_id, setup=setup, link=link)
    return MeetingChange(meeting.model_copy(update={"plan": plan.number}), contract.MeetingBooked)


def meeting_at(
    id: str, match: Match, planned: PlannedMeeting, *, forum_id: str, setup: ForumSetup, link: str | None
) -> Meeting:
    """A booked meeting of a forum, at its place and with its interpreter. By convention the first side has asked."""
    side = match.parties[0]
    return Meeting(
        id=id,
        match_id=match.id,
        parties=match.parties,
        owners=match.owners,
        sides=planned.sides,
        asked_by=side,
        asked_by_member=planned.sides[side],
        start=planned.start,
        end=planned.start + LENGTH,
        venue=venue_of(planned, id, link),
        state="booked",
        countries=match.countries,
        matched_at=match.made_at,
        forum_id=forum_id,
        resources=resources_of(planned, forum_id, setup),
        change_over=setup.change_over,
    )


def venue_of(planned: PlannedMeeting, id: str, link: str | None) -> Venue:
    """The place, and the link where a side or the interpreter is remote."""
    url = link.replace(LINK_ID, id) if planned.online and link else None
    if planned.place is None:
        return Venue(kind="online", url=url)
    return Venue(kind="onsite", place=planned.place, url=url)


def resources_of(planned: PlannedMeeting, forum_id: str, setup: ForumSetup) -> list[str]:
    """The table or room, and the interpreter, as claims name them."""
    found = list[str]()
    if planned.place is not None:
        kind = "room" if any(room.id == planned.place for room in setup.rooms) else "table"
        found.append(f"{kind}/{forum_id}/{planned.place}")
    if planned.interpreter is not None:
        found.append(f"interpreter/{forum_id}/{planned.interpreter}")
    return found


def places_of(setup: ForumSetup, forum_id: str) -> Places:
    """Its tables and rooms, as claims name them: by their signs, and by what people type for these, with their hall
    before it (`대연회장 A-1`) or without."""
    signs: dict[str | None, str] = {one.id: f"table/{forum_id}/{one.id}" for one in setup.tables}
    signs |= {one.id: f"room/{forum_id}/{one.id}" for one in setup.rooms}
    named = {hall.id: [hall.id, *filter(None, hall.names.model_dump().values())] for hall in setup.halls}
    places: list[Table | Room] = [*setup.tables, *setup.rooms]
    with_hall = {
        fold(f"{name}{blank}{one.id}"): signs[one.id]
        for one in places
        for name in named[one.hall]
        for blank in (" ", "")
    }
    # A sign comes first: that of one table may read as the hall and the sign of another.
    return with_hall | {fold(sign): claims for sign, claims in signs.items() if sign is not None} | signs


def is_past(planned: PlannedMeeting, now: dt.datetime) -> bool:
    """Whether it is too late to book it."""
    return planned.start <= now
