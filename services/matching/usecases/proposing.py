"""Vectors, candidates, proposals: two jobs, `embed` and `propose`, decided on the rows as they stand at their end."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from schemas import matches as contract
from schemas.matches import Evidence, EvidenceEntry
from services.chassis.database import Database
from services.chassis.jobs import Claimed
from services.chassis.uow import UnitOfWork

from ..domain.candidate import ProfileRow
from ..domain.indexed import indexed
from ..domain.match import Desk, Match, Pair, pair_id, told
from ..domain.scoring import Fit, Score, against, score
from ..embedding import Embedder
from ..index import VectorIndex, View
from ..settings import MatchingSettings
from ..store import DESKS, INDEXED, MATCHES, PAIRS, PROFILES

EMBED, PROPOSE, EXPIRE = "embed", "propose", "expire"
MORE = 4
"""Candidates kept per proposal wanted: some will have met, or have full desks."""


# -- embed


@dataclass(frozen=True)
class Embedding:
    """The work of `embed`: a vector for each text of a profile."""

    database: Database
    embedder: Embedder
    index: VectorIndex

    async def work(self, job: Claimed) -> dict[str, bytes] | None:
        """By text_id; None when the profile has moved on, and a later job does it."""
        row = await self.database.one(PROFILES, job.payload["profile_id"])
        if row is None or row.sequence != job.payload["sequence"]:
            return None
        known = self.index.known_vectors(row.id)
        new = {said.text_id: said.text.text for said in row.said() if said.text_id not in known}
        kept = {said.text_id: known[said.text_id] for said in row.said() if said.text_id in known}
        return kept | await asyncio.to_thread(self._embed, new)

    def _embed(self, texts: Mapping[str, str]) -> dict[str, bytes]:
        if not texts:
            return {}
        rows = self.embedder.embed(list(texts.values()))
        return {id: row.astype(np.float16).tobytes() for id, row in zip(texts, rows, strict=True)}


async def embedded(uow: UnitOfWork, job: Claimed, vectors: dict[str, bytes] | None) -> None:
    """The profile is searchable; then it is proposed. Nothing where it has moved on meanwhile."""
    row = await uow.get(PROFILES, job.payload["profile_id"])
    if vectors is None or row is None or row.sequence != job.payload["sequence"]:
        return
    before = await uow.get(INDEXED, row.id)
    uow.put(INDEXED, indexed(before, row, vectors))
    uow.enqueue(PROPOSE, cause=uow.derived_id(PROPOSE), payload=job.payload)


# -- propose


@dataclass(frozen=True)
class Candidate:
    profile_id: str
    sequence: int
    score: Score
    against: list[str]


@dataclass(frozen=True)
class Proposing:
    """The work of `propose`: who fits, best first. The index has seen everything that was committed before."""

    database: Database
    index: VectorIndex
    settings: MatchingSettings

    async def work(self, job: Claimed) -> list[Candidate]:
        view = self.index.view(job.payload["profile_id"])
        if view is None or view.me.sequence != job.payload["sequence"]:
            return []
        return await asyncio.to_thread(ranked, view, self.database.now(), self.settings)


def ranked(view: View, now: dt.datetime, settings: MatchingSettings) -> list[Candidate]:
    """Those at or above the minimum score, best first; ties by id."""
    found = [
        Candidate(
            other.id,
            other.sequence,
            score(view.me.id, other.id, view.fits(other, now)),
            against(view.me.languages, other.languages),
        )
        for other in view.candidates(now)
    ]
    good = [c for c in found if c.score.score >= settings.minimum_score]
    return sorted(good, key=lambda c: (-c.score.score, c.profile_id))[: settings.proposals * MORE]


@dataclass(frozen=True)
class Proposal:
    """The decision of `propose`."""

    settings: MatchingSettings

    async def settle(self, uow: UnitOfWork, job: Claimed, candidates: list[Candidate]) -> None:
        """Matches with the best who are free to meet, at most `proposals`; on the rows that were judged, or not."""
        me = await uow.get(PROFILES, job.payload["profile_id"])
        if me is None or not me.is_public or me.sequence != job.payload["sequence"]:
            return
        await uow.load([DESKS.ref(id) for id in (me.id, *(c.profile_id for c in candidates))])
        made = 0
        for candidate in candidates:
            if made == self.settings.proposals:
                return
            made += await self._propose(uow, me, candidate)

    async def _propose(self, uow: UnitOfWork, me: ProfileRow, candidate: Candidate) -> bool:
        other = await uow.get(PROFILES, candidate.profile_id)
        if other is None or not other.is_public or other.sequence != candidate.sequence:
            return False
        pair = await uow.get(PAIRS, pair_id(me.id, other.id)) or Pair(id=pair_id(me.id, other.id))
        if pair.match_id is not None or (pair.rest_until is not None and uow.now < pair.rest_until):
            return False
        desks = [await uow.get(DESKS, id) or Desk(id=id) for id in (me.id, other.id)]
        if any(desk.waiting >= self.settings.most_open for desk in desks):
            return False
        match = self._match(uow, me, other, candidate)
        await uow.get(MATCHES, match.id)
        uow.put(MATCHES, match, told(match, contract.MatchProposed))
        uow.put(PAIRS, pair.model_copy(update={"match_id": match.id}))
        for desk in desks:
            uow.put(DESKS, desk.with_match(match))
        for row in (me, other):
            uow.expect(PROFILES, row.id)
        uow.enqueue(EXPIRE, cause=match.id, payload={"match_id": match.id}, run_at=match.expires_at)
        return True

    def _match(self, uow: UnitOfWork, me: ProfileRow, other: ProfileRow, candidate: Candidate) -> Match:
        rows = {me.id: me, other.id: other}
        return Match(
            id=uow.derived_id("match", pair_id(me.id, other.id)),
            parties=sorted(rows),
            revisions={id: row.sequence for id, row in rows.items()},
            score=round(candidate.score.score, 4),
            interest={id: round(x, 4) for id, x in candidate.score.interest.items()},
            evidence=[_evidence(rows, fit) for fit in candidate.score.evidence],
            against=candidate.against,
            expires_at=uow.now + dt.timedelta(days=self.settings.days_open),
        )


def _evidence(rows: Mapping[str, ProfileRow], fit: Fit) -> Evidence:
    texts = {said.id: said.text_id for row in rows.values() for said in row.said()}
    return Evidence(
        need=EvidenceEntry(profile_id=fit.need_of, id=fit.need_id, text_id=texts[fit.need_id]),
        offer=EvidenceEntry(profile_id=fit.offer_of, id=fit.offer_id, text_id=texts[fit.offer_id]),
        fit=fit.fit,
        parts={"cosine": fit.fit},
    )
