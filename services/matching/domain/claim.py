"""Claims: the time of people, tables and all else that is there once (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from schemas.meetings import Venue
from services.chassis.model import Document, fold

from .calendar import STEP

Places = Mapping[str | None, str]
"""By the sign of each table and room of a forum, as it is and folded: what its claims begin with."""
NO_PLACES: Places = {}


class Claim(Document):
    """Ten minutes of a member, a table, a room or an interpreter, held by a booked meeting. Inserting its `_id` is the
    whole lock."""

    meeting_id: str


def slots(start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
    """Starts of the ten-minute slots between two instants that lie on the grid."""
    at = start
    while at < end:
        yield at
        at += STEP


def claim_id(member: str, slot: dt.datetime) -> str:
    """The `_id` of a claim: the same for every meeting that wants this slot of this member, named by its key."""
    return claim_of(member_claims(member), slot)


def claim_of(holder: str, slot: dt.datetime) -> str:
    """The `_id` of a claim on anything that is there once."""
    # In UTC and of fixed width, so that the ids of a member sort by time: `store.claims_of` reads a range of them.
    return f"{holder}/{slot.astimezone(dt.UTC):%Y-%m-%dT%H:%MZ}"


def member_claims(member: str) -> str:
    """What the claims of a member begin with."""
    return f"member/{member}"


def claimed_slot(id: str) -> dt.datetime:
    """The start of the slot that a claim is about, from its `_id`."""
    return dt.datetime.strptime(id.rpartition("/")[2], "%Y-%m-%dT%H:%MZ").replace(tzinfo=dt.UTC)


def resources_at(held: Sequence[str], was: Venue, venue: Venue, places: Places) -> list[str]:
    """What a meeting of a forum holds beside its members when it is moved from one venue to another, as claims name it:
    its interpreter comes along, and a table or room is held by its name."""
    if venue.place == was.place:
        return list(held)
    place = named(venue.place or "", places)
    return ([place] if place else []) + [key for key in held if key.startswith("interpreter/")]


def named(typed: str, places: Places) -> str:
    """The table or room that somebody has typed, as claims name it; empty for another place."""
    return next((places[sign] for sign in (typed, fold(typed)) if sign in places), "")


def at_its_sign(venue: Venue, places: Places) -> Venue:
    """The venue with a table or room as it stands on its sign, by which plans, sheets and the board look for it."""
    sign = named(venue.place or "", places).rpartition("/")[2]
    return venue.model_copy(update={"place": sign}) if sign and sign != venue.place else venue
