"""Who may act for which side."""

from __future__ import annotations

from collections.abc import Sequence

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, InvalidState, NotFound
from services.chassis.mongo import Database

from .. import store
from ..domain.match import Match
from ..domain.meeting import Meeting
from ..domain.profile_row import ProfileRow
from ..store import MATCHES, MEETINGS, PROFILES

RETRY_AFTER_SECONDS = 1
"""An id that is unknown here may be on its way."""


def not_there(what: str, *, profile_id: str | None = None) -> NotFound:
    """The one refusal for what does not exist and for what is somebody else's: text and headers do not differ, so that
    a guessed id proves nothing. A profile (`profile_id`) may be on its way, and is waited for."""
    detail = f"There is no such {what}, or it is not yours."
    return NotFound(detail, retry_after=RETRY_AFTER_SECONDS, awaits=PROFILES.ref(profile_id) if profile_id else None)


async def match_of(uow: UnitOfWork, caller: Caller, match_id: str) -> tuple[Match, str]:
    """The match, and the caller's side of it. Raises NotFound."""
    match = await uow.get(MATCHES, match_id)
    if match is None:
        raise not_there("match")
    return match, await _side(uow, caller, match.parties, "match")


async def meeting_of(uow: UnitOfWork, caller: Caller, meeting_id: str) -> tuple[Meeting, str]:
    """The meeting, and the caller's side of it. Raises NotFound."""
    meeting = await uow.get(MEETINGS, meeting_id)
    if meeting is None:
        raise not_there("meeting")
    return meeting, await _side(uow, caller, meeting.parties, "meeting")


async def _side(uow: UnitOfWork, caller: Caller, parties: Sequence[str], what: str) -> str:
    for party in parties:
        row = await uow.get(PROFILES, party)
        if row is not None and caller.owns(row.owner):
            return party
    raise not_there(what)


async def must_be_public(uow: UnitOfWork, parties: Sequence[str]) -> None:
    """Both sides are public now, and will be when this commits. Raises InvalidState (withdrawn)."""
    for party in parties:
        row = await uow.get(PROFILES, party)
        if row is None or not row.is_public:
            raise InvalidState("withdrawn", "One side has withdrawn its profile.", extra={"profile_id": party})
        uow.expect(PROFILES, party)


async def owned_row(uow: UnitOfWork, caller: Caller, profile_id: str) -> ProfileRow:
    """The caller's own profile, in any state. Raises NotFound."""
    row = await uow.get(PROFILES, profile_id)
    if row is None or not caller.owns(row.owner):
        raise not_there("profile", profile_id=profile_id)
    return row


async def readable_match(database: Database, caller: Caller, match_id: str) -> Match:
    """A match of the caller's own profiles, or any for an organiser. Raises NotFound."""
    match = await database.one(store.MATCHES, match_id)
    if match is None or not await _may_read(database, caller, match.parties):
        raise not_there("match")
    return match


async def readable_meeting(database: Database, caller: Caller, meeting_id: str) -> Meeting:
    """A meeting of the caller's own profiles, or any for an organiser. Raises NotFound."""
    meeting = await database.one(store.MEETINGS, meeting_id)
    if meeting is None or not await _may_read(database, caller, meeting.parties):
        raise not_there("meeting")
    return meeting


async def _may_read(database: Database, caller: Caller, parties: Sequence[str]) -> bool:
    rows = await store.rows(database, parties)
    return any(caller.may_read(row.owner) for row in rows.values())


async def readable_row(database: Database, caller: Caller, profile_id: str) -> ProfileRow:
    """For lists: the caller's own profile, or any for an organiser. Raises NotFound."""
    row = await database.one(store.PROFILES, profile_id)
    if row is None or not caller.may_read(row.owner):
        raise not_there("profile", profile_id=profile_id)
    return row
