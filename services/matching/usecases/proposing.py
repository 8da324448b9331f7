"""The job `propose`: whom a profile's news fits, decided on the rows as they stand at its end; and whether the open
matches still fit."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.database import Database
from services.chassis.jobs import Claimed
from services.chassis.uow import UnitOfWork

from .. import store
from ..domain.candidate import ProfileRow
from ..domain.indexed import IndexedProfile
from ..domain.match import COMPLEMENTARY, Match, Pair, pair_id
from ..domain.scoring import Judgement, Scorer
from ..index import VectorIndex, View
from ..settings import MatchingSettings
from ..store import DESKS, INDEXED, PAIRS, PROFILES
from .judging import judge_open_matches
from .placing import New, is_excluded, place_match

PROPOSE = "propose"
LOOKED_AT = 200
"""Of those who fit, so many of the best are asked whether they are free."""
MORE = 4
"""Candidates kept per proposal wanted: some will turn out to have full desks, or to have moved on."""


@dataclass(frozen=True)
class Candidate:
    profile_id: str
    sequence: int
    judged: Judgement


@dataclass(frozen=True)
class Proposing:
    """The work of `propose`: who fits, best first. The index has seen everything that was committed before."""

    database: Database
    index: VectorIndex
    scorer: Scorer
    settings: MatchingSettings

    async def work(self, job: Claimed) -> list[Candidate]:
        view = self.index.view(job.payload["profile_id"])
        if view is None or not view.me.unproposed:
            return []
        found = await asyncio.to_thread(ranked, view, self.scorer, self.database.now(), self.settings.minimum_score)
        return await self._free(view.me, found)

    async def _free(self, me: IndexedProfile, found: Sequence[Candidate]) -> list[Candidate]:
        """Those with whom nothing is open, who do not rest and are not excluded: so far as can be seen from here. The
        best, and the best of a complementary sector."""
        ids = [candidate.profile_id for candidate in found]
        now = self.database.now()
        pairs = {pair.id: pair for pair in await store.pairs(self.database, [pair_id(me.id, id) for id in ids])}
        rows = await store.rows(self.database, [me.id, *ids])
        desk = await self.database.one(DESKS, me.id)
        free = [
            candidate
            for candidate, id in zip(found, ids, strict=True)
            if not is_taken(pairs.get(pair_id(me.id, id)), now)
            and not (desk is not None and id in rows and desk.excluded.exclude(rows[id]))
        ]
        kept = free[: self.settings.proposals * MORE]
        others = [candidate for candidate in free[len(kept) :] if candidate.judged.complementary]
        return kept + others[:MORE]


def is_taken(pair: Pair | None, now: dt.datetime) -> bool:
    """The two have an open match, or rest after one."""
    if pair is None:
        return False
    return pair.match_id is not None or (pair.rest_until is not None and now < pair.rest_until)


def ranked(view: View, scorer: Scorer, now: dt.datetime, minimum: float) -> list[Candidate]:
    """Those at or above the minimum score that something new of mine fits, best first; ties by id."""
    judged = [Candidate(other.id, other.sequence, scorer.judge(view.me, other, now)) for other in view.candidates(now)]
    news = set(view.me.unproposed)
    good = [
        candidate
        for candidate in judged
        if candidate.judged.score >= minimum
        and any({fit.need.id, fit.offer.id} & news for fit in candidate.judged.evidence)
    ]
    return sorted(good, key=lambda c: (-c.judged.score, c.profile_id))[:LOOKED_AT]


def in_turn(candidates: Sequence[Candidate], made: int, complementary: int, most: int) -> Candidate | None:
    """Whom to try next: the best; for the last place, while none of a complementary sector has one, the best of those,
    if there is any."""
    if made >= most or not candidates:
        return None
    if made == most - 1 and not complementary:
        return next((candidate for candidate in candidates if candidate.judged.complementary), candidates[0])
    return candidates[0]


@dataclass(frozen=True)
class Proposal:
    """The decision of `propose`."""

    scorer: Scorer
    settings: MatchingSettings

    async def settle(self, uow: UnitOfWork, job: Claimed, candidates: list[Candidate]) -> None:
        """Open matches that no longer fit end; then matches with the best who are free, at most `proposals`."""
        row = await uow.get(PROFILES, job.payload["profile_id"])
        me = await uow.get(INDEXED, job.payload["profile_id"])
        if row is None or me is None or not row.is_public or not row.sequence == me.sequence == job.payload["sequence"]:
            return
        await judge_open_matches(uow, row, me, self.scorer, self.settings)
        await uow.load([ref for c in candidates for ref in (DESKS.ref(c.profile_id), INDEXED.ref(c.profile_id))])
        left, made = list(candidates), list[Match]()
        while candidate := in_turn(left, len(made), _complementary(made), self.settings.proposals):
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
        if is_taken(await uow.get(PAIRS, pair_id(row.id, other.id)), uow.now) or await is_excluded(uow, row, other):
            return None
        judged = candidate.judged
        if not candidate.sequence == indexed.sequence == other.sequence:
            # It has moved on while this was worked on. What it has new will look for me; what it still says is judged.
            judged = self.scorer.judge(me, indexed.as_said_in(other), uow.now)
            if judged.score < self.settings.minimum_score:
                return None
        labels = (COMPLEMENTARY,) if judged.complementary else ()
        return await place_match(uow, New({row.id: row, other.id: other}, judged, labels=labels), self.settings)


def _complementary(made: Sequence[Match]) -> int:
    return sum(COMPLEMENTARY in match.labels for match in made)
