"""A participant requests a named partner: a match that one side has accepted already (docs/rules.md, section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller, Invalid, InvalidState, NotFound

from ..domain.match import Match
from ..domain.pair import pair_id
from ..domain.pair_score import PairScore, Scorer
from ..domain.profile_row import ProfileRow
from ..settings import MatchingSettings
from ..store import INDEXED, MATCHES, PAIRS, PROFILES
from .access import RETRY_AFTER_SECONDS, must_be_public, owned_row
from .create_match import MatchDraft, create_match, is_excluded
from .policies import policy_of
from .spend_budget import spend_act

UNAVAILABLE = (
    "This partner cannot be asked now: one of the two sides has no room for it, rests after an earlier match, or does "
    "not want it. Answer what waits for you, choose another partner, or ask again in some weeks."
)


@dataclass(frozen=True)
class PartnerResult:
    """The open match of the two, and whether this call has created it."""

    match: Match
    is_new: bool


@dataclass(frozen=True)
class PartnerRequest:
    """For which profile of the caller, and with whom."""

    profile_id: str
    partner_id: str


async def request_partner(
    uow: UnitOfWork, *, caller: Caller, request: PartnerRequest, scorer: Scorer, settings: MatchingSettings
) -> PartnerResult:
    """Requests a match with a partner of any country, whatever the score, once also while the two organisations rest. A
    pair that has an open match gets that one.

    Raises NotFound, Invalid (an own profile), InvalidState (withdrawn, unavailable), QuotaReached."""
    mine = await owned_row(uow, caller, request.profile_id)
    other = await _partner(uow, mine, request.partner_id)
    existing = await _open_match(uow, mine, other)
    if existing is not None:
        return PartnerResult(existing, is_new=False)
    await must_be_public(uow, [mine.id, other.id])
    # Before anything private is looked at: what is refused for it costs as much as what is not.
    await spend_act(uow, org=mine.owner, other=other.owner, settings=settings)
    score = await _score(uow, mine, other, scorer)
    draft = MatchDraft({mine.id: mine, other.id: other}, score, origin="request", accepted_by={mine.id: caller.sub})
    policy = await policy_of(uow, settings)
    match = None if await is_excluded(uow, mine, other, scorer.taxonomy) else await create_match(uow, draft, policy)
    if match is None:
        # One refusal for all reasons, because one of them, an exclusion by the other side, is private.
        raise InvalidState("unavailable", UNAVAILABLE)
    return PartnerResult(match, is_new=True)


async def _partner(uow: UnitOfWork, mine: ProfileRow, partner_id: str) -> ProfileRow:
    other = await uow.get(PROFILES, partner_id)
    if other is None or not other.is_public:
        raise NotFound(
            "There is no such partner, or it is not published.",
            retry_after=RETRY_AFTER_SECONDS,
            awaits=PROFILES.ref(partner_id),
        )
    if mine.owner == other.owner:
        raise Invalid("A partner is somebody else's profile.", pointer="/partner_id")
    return other


async def _open_match(uow: UnitOfWork, mine: ProfileRow, other: ProfileRow) -> Match | None:
    pair = await uow.get(PAIRS, pair_id(mine.id, other.id))
    match = await uow.get(MATCHES, pair.match_id) if pair is not None and pair.match_id is not None else None
    return match if match is not None and match.is_open else None


async def _score(uow: UnitOfWork, mine: ProfileRow, other: ProfileRow, scorer: Scorer) -> PairScore:
    """0 while one of the two is not embedded yet: a requested match needs no reason."""
    me, them = await uow.get(INDEXED, mine.id), await uow.get(INDEXED, other.id)
    if me is None or them is None:
        return PairScore(0.0, {mine.id: 0.0, other.id: 0.0}, (), ())
    return scorer.score(me.restricted_to(mine), them.restricted_to(other), uow.now)
