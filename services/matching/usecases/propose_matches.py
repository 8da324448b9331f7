"""The job `propose`: candidates for what is new in a profile, decided on the rows as they are at its end; and whether
the open matches still fit (docs/rules.md, sections 4 and 5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Ref
from services.chassis.mongo import Database

from .. import store
from ..domain.indexed_profile import IndexedProfile
from ..domain.match import complementary
from ..domain.pair import pair_id
from ..domain.pair_score import Scorer
from ..domain.policy import PolicyRules
from ..domain.profile_row import ProfileRow
from ..job_kinds import ProfileJob
from ..settings import MatchingSettings
from ..store import DESKS, INDEXED, MATCHES, PROFILES
from ..together import Together
from ..vector_index import VectorIndex, View
from .policies import policy_of, stored_policy
from .propose_pair import Proposer, ScoredPair, load_pairs, propose_pair, refs_of, refs_of_rows
from .rescore_matches import refs_of_matches, rescore_open_matches

MAX_CANDIDATES = 200
"""The best candidates that are checked for open matches, rests and exclusions."""
RANKING_AT_ONCE = 2
"""Threads that rank. Each of more would hold the interpreter for 5 ms while the event loop waits for it."""
RANKED_TOGETHER = 8
"""Profiles that are ranked in a thread one after the other, before what is free is read for all of them."""
KEPT_PER_PROPOSAL = 4
"""Candidates kept for each proposal that may be made: some will have full desks, or a later revision."""


class Ranking(NamedTuple):
    """What `ranked` is asked."""

    view: View
    scorer: Scorer
    now: dt.datetime
    minimum: float


@dataclass(frozen=True)
class Search:
    """What was found, best first, and for which encodings of the entries."""

    candidates: Sequence[ScoredPair] = ()
    encodings: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class ProposeMatches:
    """Both halves of the job."""

    database: Database
    index: VectorIndex
    scorer: Scorer
    settings: MatchingSettings
    turns: Together[Ranking, list[ScoredPair]] = field(
        default_factory=lambda: Together(rank_all, limit=lambda: RANKED_TOGETHER, at_once=RANKING_AT_ONCE)
    )

    async def work(self, job: Claimed[ProfileJob]) -> Search:
        """The best candidates, in order. The index has seen everything that was committed before the job was claimed,
        so of two profiles that are published at the same time, the later one finds the other."""
        view = self.index.view(job.payload.profile_id)
        if view is None or not view.me.unproposed:
            return Search()
        rules = (await stored_policy(self.database, self.settings)).rules
        found = await self.turns.ask(Ranking(view, self.scorer, self.database.now(), rules.minimum_score))
        return Search(await self._free(view.me, found, rules), view.me.encodings)

    async def _free(self, me: IndexedProfile, found: Sequence[ScoredPair], rules: PolicyRules) -> list[ScoredPair]:
        """Those without an open match, a rest or an exclusion, as far as can be seen here; `apply` decides. The best,
        and the best of a complementary sector."""
        ids = [candidate.other for candidate in found]
        rows = await store.rows(self.database, ids)
        taken = await self._taken(me, rows)
        free = [candidate for candidate in found if candidate.other in rows.keys() - taken]
        kept = free[: rules.proposals * KEPT_PER_PROPOSAL]
        others = [candidate for candidate in free[len(kept) :] if candidate.score.complementary]
        return kept + others[: rules.complementary_places * KEPT_PER_PROPOSAL]

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
            or (desk is not None and desk.excluded.exclude(row, self.scorer.taxonomy))
        }

    def reads(self, job: Claimed[ProfileJob], search: Search) -> Sequence[Ref]:
        """What `apply` reads, as far as it is known before."""
        id = job.payload.profile_id
        return [PROFILES.ref(id), INDEXED.ref(id), DESKS.ref(id), *refs_of(search.candidates)]

    def follow(self, job: Claimed[ProfileJob], search: Search, uow: UnitOfWork) -> list[Ref]:
        """What the open matches and the candidates need besides."""
        return refs_of_matches(uow, job.payload.profile_id) + refs_of_rows(uow, search.candidates)

    async def apply(self, uow: UnitOfWork, job: Claimed[ProfileJob], search: Search) -> None:
        """Ends open matches that no longer fit, then proposes the best candidates that are free, at most `proposals`
        with those that an earlier search of this publication has proposed and that are open. Nothing is decided if the
        profile has a later revision."""
        row = await uow.get(PROFILES, job.payload.profile_id)
        me = await uow.get(INDEXED, job.payload.profile_id)
        if row is None or me is None or not row.is_public or not row.sequence == me.sequence == job.payload.sequence:
            return
        await rescore_open_matches(uow, row, me, self.scorer, self.settings)
        by = Proposer(self.scorer, self.settings, await policy_of(uow, self.settings))
        await load_pairs(uow, search.candidates)
        await uow.load([MATCHES.ref(id) for id in me.proposed])
        before = [match for id in me.proposed if (match := await uow.get(MATCHES, id)) is not None and match.is_open]
        left, made = list(search.candidates), before
        while candidate := next_candidate(left, len(made), complementary(made), by.policy.rules):
            left.remove(candidate)
            match = await propose_pair(uow, candidate, by)
            if match is not None:
                made.append(match)
        uow.put(INDEXED, me.after_search(search.encodings, [match.id for match in made]))


def rank_all(asked: Sequence[Ranking]) -> list[list[ScoredPair]]:
    """The candidates of each of some profiles. CPU work: call it in a thread."""
    return [ranked(*one) for one in asked]


def ranked(view: View, scorer: Scorer, now: dt.datetime, minimum: float) -> list[ScoredPair]:
    """Candidates at or above the minimum score whose evidence has something new of this profile that reaches it by
    itself; best first, ties by id. CPU work: call it in a thread."""
    me, unproposed = view.me, set(view.me.unproposed)
    good = [
        ScoredPair.of(me, other, score, now)
        for other, score in scorer.fitting(me, view.candidates(now), now, minimum)
        if any(fit.fit >= minimum and {fit.need.id, fit.offer.id} & unproposed for fit in score.evidence)
    ]
    return sorted(good, key=lambda c: (-c.score.score, c.other))[:MAX_CANDIDATES]


def next_candidate(
    candidates: Sequence[ScoredPair], made: int, made_complementary: int, rules: PolicyRules
) -> ScoredPair | None:
    """The candidate to try next: the best one. The last place goes to the best of a complementary sector, if there is
    one and none of them has a place yet; the policy says how many places are kept so."""
    if made >= rules.proposals or not candidates:
        return None
    if rules.keeps_place(made, made_complementary):
        return next((candidate for candidate in candidates if candidate.score.complementary), candidates[0])
    return candidates[0]
