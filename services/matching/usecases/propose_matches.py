"""The job `propose`: candidates for what is new in a profile, decided on the rows as they are at its end; and whether
the open matches still fit (docs/rules.md, sections 4 and 5)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.mongo import Database

from .. import store
from ..domain.indexed_profile import IndexedProfile
from ..domain.match import COMPLEMENTARY, Match, complementary
from ..domain.pair import pair_id
from ..domain.pair_score import PairScore, Scorer
from ..domain.profile_row import ProfileRow
from ..job_kinds import ProfileJob
from ..settings import MatchingSettings
from ..store import DESKS, INDEXED, PAIRS, PROFILES
from ..vector_index import VectorIndex, View
from .create_match import MatchDraft, create_match, is_excluded
from .rescore_matches import rescore_open_matches
from .spend_budget import count_proposal, may_propose

MAX_CANDIDATES = 200
"""The best candidates that are checked for open matches, rests and exclusions."""
KEPT_PER_PROPOSAL = 4
"""Candidates kept for each proposal that may be made: some will have full desks, or a later revision."""


@dataclass(frozen=True)
class Candidate:
    """A profile that fits, in the revision in which it was scored."""

    profile_id: str
    sequence: int
    score: PairScore


@dataclass(frozen=True)
class ProposeMatches:
    """Both halves of the job."""

    database: Database
    index: VectorIndex
    scorer: Scorer
    settings: MatchingSettings

    async def work(self, job: Claimed[ProfileJob]) -> list[Candidate]:
        """The best candidates, in order. The index has seen everything that was committed before the job was claimed,
        so of two profiles that are published at the same time, the later one finds the other."""
        view = self.index.view(job.payload.profile_id)
        if view is None or not view.me.unproposed:
            return []
        found = await asyncio.to_thread(ranked, view, self.scorer, self.database.now(), self.settings.minimum_score)
        return await self._free(view.me, found)

    async def _free(self, me: IndexedProfile, found: Sequence[Candidate]) -> list[Candidate]:
        """Those without an open match, a rest or an exclusion, as far as can be seen here; `apply` decides. The best,
        and the best of a complementary sector."""
        ids = [candidate.profile_id for candidate in found]
        rows = await store.rows(self.database, ids)
        taken = await self._taken(me, rows)
        free = [candidate for candidate in found if candidate.profile_id in rows.keys() - taken]
        kept = free[: self.settings.proposals * KEPT_PER_PROPOSAL]
        others = [candidate for candidate in free[len(kept) :] if candidate.score.complementary]
        return kept + others[:KEPT_PER_PROPOSAL]

    async def _taken(self, me: IndexedProfile, rows: Mapping[str, ProfileRow]) -> set[str]:
        """Profiles that have an open match with this one, are excluded by it, or whose organisation rests with its
        own."""
        now = self.database.now()
        pairs = await store.pairs(self.database, [pair_id(me.id, id) for id in rows])
        orgs = await store.org_pairs(self.database, sorted({pair_id(me.owner, row.owner) for row in rows.values()}))
        matched, resting = {pair.id for pair in pairs if pair.match_id}, {pair.id for pair in orgs if pair.rests(now)}
        desk = await self.database.one(DESKS, me.id)
        return {
            id
            for id, row in rows.items()
            if pair_id(me.id, id) in matched
            or pair_id(me.owner, row.owner) in resting
            or (desk is not None and desk.excluded.exclude(row))
        }

    async def apply(self, uow: UnitOfWork, job: Claimed[ProfileJob], candidates: Sequence[Candidate]) -> None:
        """Ends open matches that no longer fit, then proposes the best candidates that are free, at most `proposals`.
        Nothing is decided if the profile has a later revision."""
        row = await uow.get(PROFILES, job.payload.profile_id)
        me = await uow.get(INDEXED, job.payload.profile_id)
        if row is None or me is None or not row.is_public or not row.sequence == me.sequence == job.payload.sequence:
            return
        await rescore_open_matches(uow, row, me, self.scorer, self.settings)
        await uow.load([ref for c in candidates for ref in (DESKS.ref(c.profile_id), INDEXED.ref(c.profile_id))])
        left, made = list(candidates), list[Match]()
        while candidate := next_candidate(left, len(made), complementary(made), self.settings.proposals):
            left.remove(candidate)
            match = await self._propose(uow, row, me, candidate)
            if match is not None:
                made.append(match)
        uow.put(INDEXED, me.model_copy(update={"unproposed": []}))

    async def _propose(
        self, uow: UnitOfWork, row: ProfileRow, me: IndexedProfile, candidate: Candidate
    ) -> Match | None:
        other = await uow.get(PROFILES, candidate.profile_id)
        indexed = await uow.get(INDEXED, candidate.profile_id)
        if other is None or not other.is_public or indexed is None or not me.may_be_proposed(indexed):
            return None
        pair = await uow.get(PAIRS, pair_id(row.id, other.id))
        if (pair is not None and pair.match_id) or await is_excluded(uow, row, other):
            return None
        if not await may_propose(uow, org=row.owner, other=other.owner, settings=self.settings):
            return None
        score = candidate.score
        if not candidate.sequence == indexed.sequence == other.sequence:
            # It was revised during the work. Its new entries have a job of their own; what remains is scored again.
            score = self.scorer.score(me, indexed.restricted_to(other), uow.now)
            if score.score < self.settings.minimum_score:
                return None
        labels = (COMPLEMENTARY,) if score.complementary else ()
        match = await create_match(uow, MatchDraft({row.id: row, other.id: other}, score, labels=labels), self.settings)
        if match is not None:
            await count_proposal(uow, org=row.owner, other=other.owner)
        return match


def ranked(view: View, scorer: Scorer, now: dt.datetime, minimum: float) -> list[Candidate]:
    """Candidates at or above the minimum score whose evidence has something new of this profile; best first, ties by
    id. CPU work: call it in a thread."""
    found = [Candidate(other.id, other.sequence, scorer.score(view.me, other, now)) for other in view.candidates(now)]
    unproposed = set(view.me.unproposed)
    good = [
        candidate
        for candidate in found
        if candidate.score.score >= minimum
        and any({fit.need.id, fit.offer.id} & unproposed for fit in candidate.score.evidence)
    ]
    return sorted(good, key=lambda c: (-c.score.score, c.profile_id))[:MAX_CANDIDATES]


def next_candidate(
    candidates: Sequence[Candidate], made: int, made_complementary: int, max_proposals: int
) -> Candidate | None:
    """The candidate to try next: the best one. The last place goes to the best of a complementary sector, if there is
    one and none of them has a place yet."""
    if made >= max_proposals or not candidates:
        return None
    if made == max_proposals - 1 and not made_complementary:
        return next((candidate for candidate in candidates if candidate.score.complementary), candidates[0])
    return candidates[0]
