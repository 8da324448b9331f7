"""Asking for a named partner: a match proposed with the asker in `accepted_by` (rules 6)."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.errors import Contrary, Invalid, NotFound
from services.chassis.tokens import Caller
from services.chassis.uow import UnitOfWork

from ..domain.candidate import ProfileRow
from ..domain.match import Match, pair_id
from ..domain.scoring import Judgement, Scorer
from ..settings import MatchingSettings
from ..store import INDEXED, MATCHES, PAIRS, PROFILES
from .parties import NOT_YET, must_be_public
from .placing import New, is_excluded, place_match


@dataclass(frozen=True)
class Asked:
    match: Match
    is_new: bool


async def ask_for_partner(
    uow: UnitOfWork, *, caller: Caller, profile_id: str, partner_id: str, scorer: Scorer, settings: MatchingSettings
) -> Asked:
    """Of any country, whatever the score, and before a rest is over. A pair with an open match gets that. Raises
    NotFound, Invalid, Contrary (withdrawn, unavailable, desk-full)."""
    mine, other = await _mine(uow, caller, profile_id), await uow.get(PROFILES, partner_id)
    if other is None or not other.is_public:
        raise NotFound("There is no such partner, or it is not published.", retry_after=NOT_YET)
    if mine.owner == other.owner:
        raise Invalid("A partner is somebody else's profile.", pointer="/partner_id")
    pair = await uow.get(PAIRS, pair_id(mine.id, other.id))
    if pair is not None and pair.match_id is not None:
        existing = await uow.get(MATCHES, pair.match_id)
        if existing is not None and existing.is_open:
            return Asked(existing, is_new=False)
    await must_be_public(uow, [mine.id, other.id])
    if await is_excluded(uow, mine, other):
        # The same words whichever side excludes the other: exclusions are private.
        raise Contrary("unavailable", "This partner cannot be asked.")
    judged = await _judged(uow, mine, other, scorer)
    new = New({mine.id: mine, other.id: other}, judged, origin="request", accepted_by={mine.id: caller.sub})
    match = await place_match(uow, new, settings)
    if match is None:
        raise Contrary("desk-full", "Too many matches wait for an answer on one of the two sides; answer some first.")
    return Asked(match, is_new=True)


async def _mine(uow: UnitOfWork, caller: Caller, profile_id: str) -> ProfileRow:
    row = await uow.get(PROFILES, profile_id)
    if row is None:
        raise NotFound("There is no such profile, or it is not yours.", retry_after=NOT_YET)
    if not caller.owns(row.owner):
        raise NotFound("There is no such profile, or it is not yours.")
    return row


async def _judged(uow: UnitOfWork, mine: ProfileRow, other: ProfileRow, scorer: Scorer) -> Judgement:
    """As far as both are searchable yet; a named request stands without a reason, too."""
    me, them = await uow.get(INDEXED, mine.id), await uow.get(INDEXED, other.id)
    if me is None or them is None:
        return Judgement(0.0, {mine.id: 0.0, other.id: 0.0}, (), ())
    return scorer.judge(me.as_said_in(mine), them.as_said_in(other), uow.now)
