"""Accept, decline, expire."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.http import IfMatch
from services.chassis.jobs import Claimed
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from ..domain import match as matches
from ..domain.match import Match
from ..store import DESKS, MATCHES
from .ending import end_match
from .parties import match_of, must_be_public


async def accept_match(uow: UnitOfWork, *, caller: Caller, match_id: str, if_match: IfMatch) -> Match:
    """Whoever answers for a side represents it. Raises NotFound, Contrary."""
    match, side = await match_of(uow, caller, match_id)
    if_match.must_match(match.revision, required=False)
    answered = matches.accept(match, side=side, member_id=caller.sub, now=uow.now)
    if answered.event is None:
        return match
    await must_be_public(uow, match.parties)
    saved = uow.put(MATCHES, answered.match, matches.told(answered.match, answered.event))
    for party in match.parties:
        desk = await uow.get(DESKS, party)
        if desk is not None:
            uow.put(DESKS, desk.with_match(saved))
    return saved


async def decline_match(uow: UnitOfWork, *, caller: Caller, match_id: str, reason: str, if_match: IfMatch) -> Match:
    """The pair rests; the reason stays here. Raises NotFound, Contrary."""
    match, _ = await match_of(uow, caller, match_id)
    if_match.must_match(match.revision, required=False)
    answered = matches.decline(match, reason=reason, now=uow.now)
    return await end_match(uow, answered, meetings_end="match_declined", rest_until=uow.now + matches.REST)


@dataclass(frozen=True)
class Expiring:
    """The job `expire`: nothing to prepare, everything to decide."""

    async def work(self, job: Claimed) -> None:
        """The time has come; whether it still matters is the decision's to see."""

    async def settle(self, uow: UnitOfWork, job: Claimed, result: None) -> None:
        match = await uow.get(MATCHES, job.payload["match_id"])
        if match is not None:
            await end_match(uow, matches.expire(match, now=uow.now), meetings_end="match_expired")
