"""One proposal of the platform, of a publication or of a round: every rule that a pair must pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis.commit import UnitOfWork
from services.chassis.model import Ref

from ..domain.budget import proposals_id
from ..domain.indexed_profile import IndexedProfile
from ..domain.match import COMPLEMENTARY, Match
from ..domain.pair import pair_id
from ..domain.pair_score import PairScore, Scorer
from ..domain.policy import Policy
from ..domain.profile_row import ProfileRow, may_be_proposed
from ..settings import MatchingSettings
from ..store import BUDGETS, DESKS, INDEXED, MATCHES, ORG_PAIRS, PAIRS, PROFILES
from .create_match import MatchDraft, create_match, is_excluded, match_id
from .spend_budget import count_proposal, may_propose


@dataclass(frozen=True)
class ScoredPair:
    """Two profiles that fit, with the revisions in which they were scored, and by what. It is proposed on behalf of
    `mine`."""

    mine: str
    other: str
    sequences: Mapping[str, int]
    score: PairScore
    basis: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, me: IndexedProfile, other: IndexedProfile, score: PairScore, now: dt.datetime) -> ScoredPair:
        """As they are indexed."""
        both = (me, other)
        sequences, basis = {one.id: one.sequence for one in both}, {one.id: one.basis(now) for one in both}
        return cls(me.id, other.id, sequences, score, basis)

    def was_of(self, rows: Iterable[ProfileRow]) -> bool:
        """Whether these are the revisions in which they were scored."""
        return all(self.sequences[row.id] == row.sequence for row in rows)


@dataclass(frozen=True)
class Proposer:
    """By which rules proposals are made, and where they come from: `live` or `round`. `is_must`: an organiser has
    chosen the pair."""

    scorer: Scorer
    settings: MatchingSettings
    policy: Policy
    origin: str = "live"
    is_must: bool = False


def refs_of(pairs: Sequence[ScoredPair]) -> list[Ref]:
    """The documents that several pairs need, as far as their ids tell. What is indexed of them is needed only where one
    was revised meanwhile."""
    ids = sorted({id for pair in pairs for id in (pair.mine, pair.other)})
    refs = [ref for id in ids for ref in (PROFILES.ref(id), DESKS.ref(id))]
    return refs + [PAIRS.ref(pair_id(pair.mine, pair.other)) for pair in pairs]


async def load_pairs(uow: UnitOfWork, pairs: Sequence[ScoredPair]) -> None:
    """Reads at once what several pairs need: documents read one by one would take most of the time."""
    await uow.load(refs_of(pairs))
    await uow.load(refs_of_rows(uow, pairs))


def refs_of_rows(uow: UnitOfWork, pairs: Sequence[ScoredPair]) -> list[Ref]:
    """What those pairs need whose rows are loaded: owners are known by these."""
    refs = list[Ref]()
    for pair in pairs:
        mine, other = uow.known(PROFILES, pair.mine), uow.known(PROFILES, pair.other)
        if mine is not None and other is not None:
            refs.append(MATCHES.ref(match_id(uow, pair.mine, pair.other)))
            refs.append(ORG_PAIRS.ref(pair_id(mine.owner, other.owner)))
            refs.append(BUDGETS.ref(proposals_id(mine.owner, other.owner, uow.now)))
    return refs


async def propose_pair(uow: UnitOfWork, pair: ScoredPair, by: Proposer) -> Match | None:
    """Proposes the two to each other if they are public, may be proposed, have no open match, exclude each other not,
    reach the minimum, do not rest and have room. Else None."""
    mine, other = await uow.get(PROFILES, pair.mine), await uow.get(PROFILES, pair.other)
    if mine is None or other is None or not (mine.is_public and other.is_public and may_be_proposed(mine, other)):
        return None
    known = await uow.get(PAIRS, pair_id(pair.mine, pair.other))
    if (known is not None and known.match_id) or await is_excluded(uow, mine, other, by.scorer.taxonomy):
        return None
    orgs = {"org": mine.owner, "other": other.owner}
    if not await may_propose(uow, **orgs, settings=by.settings):
        return None
    score = await _present_score(uow, pair, mine, other, by.scorer)
    if score is None or score.score < by.policy.rules.minimum_score:
        return None
    labels = (COMPLEMENTARY,) if score.complementary else ()
    rows = {row.id: row for row in (mine, other)}
    basis = pair.basis if pair.was_of(rows.values()) else {}
    draft = MatchDraft(rows, score, origin=by.origin, labels=labels, is_must=by.is_must, basis=basis)
    match = await create_match(uow, draft, by.policy)
    if match is not None:
        await count_proposal(uow, **orgs)
    return match


async def _present_score(
    uow: UnitOfWork, pair: ScoredPair, mine: ProfileRow, other: ProfileRow, scorer: Scorer
) -> PairScore | None:
    """The score of the work, unless one of the two was revised since. Its new entries have a job of their own; what
    remains is scored again. None if one of them is not indexed any more."""
    if pair.was_of((mine, other)):
        return pair.score
    me, them = await uow.get(INDEXED, mine.id), await uow.get(INDEXED, other.id)
    if me is None or them is None:
        return None
    return scorer.score(me.restricted_to(mine), them.restricted_to(other), uow.now)
