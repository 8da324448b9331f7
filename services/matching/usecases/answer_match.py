"""Accept, decline or expire a match (docs/rules.md, section 6)."""

from __future__ import annotations

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, IfMatch

from ..domain import match as matches
from ..domain.match import Match
from ..job_kinds import MatchJob
from ..store import MATCHES
from .access import match_of, must_be_public
from .end_match import end_match
from .save_match import save_match


async def accept_match(uow: UnitOfWork, *, caller: Caller, match_id: str, if_match: IfMatch) -> Match:
    """The caller accepts for its side, and represents it from now on. Raises NotFound, StaleRevision, InvalidState."""
    match, side = await match_of(uow, caller, match_id)
    if_match.must_match(match.revision, required=False)
    change = matches.accept(match, side=side, member_id=caller.sub, now=uow.now)
    # Accepting twice writes nothing, so it depends on nothing either.
    if change.event is not None:
        await must_be_public(uow, match.parties)
    return await save_match(uow, change)


async def decline_match(uow: UnitOfWork, *, caller: Caller, match_id: str, reason: str, if_match: IfMatch) -> Match:
    """The caller declines for its side; the pair rests for six months. Raises NotFound, StaleRevision, InvalidState."""
    match, _ = await match_of(uow, caller, match_id)
    if_match.must_match(match.revision, required=False)
    change = matches.decline(match, reason=reason, now=uow.now)
    return await end_match(uow, change, meetings_end="match_declined", rest_until=uow.now + matches.REST)


async def expire_match(uow: UnitOfWork, job: Claimed[MatchJob]) -> None:
    """Ends a match that two sides have not answered in time; nothing if they have."""
    match = await uow.get(MATCHES, job.payload.match_id)
    if match is not None:
        await end_match(uow, matches.expire(match, now=job.payload.due(uow.now)), meetings_end="match_expired")
