"""The jobs of a round: scores in tiles, the ranking, proposals in steps. The end of each step plans the next one in the
same transaction, so a kill at any time loses nothing and doubles nothing."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Doc
from services.chassis.mongo import Database

from .. import store
from ..domain.desk import Desk
from ..domain.indexed_profile import IndexedProfile
from ..domain.pair import pair_id
from ..domain.pair_score import Scorer
from ..domain.rounds.judging import Ranking, best_ranking
from ..domain.rounds.market import Market, Mask, Matrix
from ..domain.rounds.planning import Edge, RoundPlan, Table, plan_round
from ..domain.rounds.round import COUNTRIES, OpenRounds, Round, StoredPlan, Tile, next_step, tile_id
from ..domain.taxonomy import Taxonomy
from ..job_kinds import ROUND_PROPOSE, ROUND_RANK, ROUND_SCORE, RoundJob
from ..settings import MatchingSettings
from ..store import DESKS, INDEXED, OPEN_ROUNDS, OPEN_ROUNDS_ID, PLANS, PROFILES, ROUNDS, TILES
from .propose_pair import Proposer, ScoredPair, load_pairs, propose_pair

ORIGIN = "round"
HEAD = ("state", "owner", "group", "offers.topics", "needs.topics")
"""Of a profile, what decides whether it may be ranked; its texts are not needed."""


@dataclass(frozen=True)
class ScoredTile:
    """The interests of the pairs of one tile, shape (left, right), and which are complementary."""

    to_right: Matrix
    to_left: Matrix
    complementary: Mask


@dataclass(frozen=True)
class Ranked:
    """What the ranking of a round gives."""

    ranking: Ranking
    plan: RoundPlan
    with_candidates: int


@dataclass(frozen=True)
class Pairs:
    """What a step proposes, and how much of the plan is done after it. The pairs in `musts` need not reach the
    minimum, because an organiser has chosen them."""

    scored: list[ScoredPair]
    done: int
    musts: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class RunRound:
    """Both halves of the three jobs."""

    database: Database
    scorer: Scorer
    settings: MatchingSettings

    # -- scores

    async def score(self, job: Claimed[RoundJob]) -> ScoredTile | None:
        """The scores of one tile, as of the opening of the round. A profile that is not indexed has none."""
        found = await self._round(job.payload, "scoring")
        if found is None:
            return None
        rows, columns = found.tiles[job.payload.step]
        left, right = found.left[rows], found.right[columns]
        docs = await store.documents(self.database, INDEXED, [*left, *right])
        return await asyncio.to_thread(score_tile, docs, left, right, self.scorer, found.opened_at)

    async def keep_scores(self, uow: UnitOfWork, job: Claimed[RoundJob], tile: ScoredTile | None) -> None:
        """Stores them, and plans the next tile or the ranking."""
        found = await uow.get(ROUNDS, job.payload.round_id)
        if tile is None or found is None or found.state != "scoring":
            return
        id, step = found.id, job.payload.step
        await uow.create(TILES, Tile.of(tile_id(id, step), tile.to_right, tile.to_left, tile.complementary, uow.now))
        after = uow.put(ROUNDS, found.scored(step))
        kind, next_one = (ROUND_SCORE, step + 1) if after.state == "scoring" else (ROUND_RANK, 0)
        uow.enqueue(kind, RoundJob(round_id=id, step=next_one), cause=f"{id}:{next_one}", owner=found.opened_by)

    # -- the ranking

    async def rank(self, job: Claimed[RoundJob]) -> Ranked | None:
        """Ranks all of them at once, without pairs that no proposal may be made of, as far as can be seen here."""
        found = await self._round(job.payload, "ranking")
        if found is None:
            return None
        tiles = [await self.database.one(TILES, tile_id(found.id, step)) for step in range(len(found.tiles))]
        whole = await asyncio.to_thread(whole_of, found, tiles)
        ids, now = found.profiles, self.database.now()
        rows = await store.documents(self.database, PROFILES, ids, fields=HEAD)
        desks = await store.documents(self.database, DESKS, ids)
        fits = await asyncio.to_thread(fitting, found, whole, rows, desks, self.scorer.taxonomy)
        taken = await store.open_pairs(self.database, ids)
        owners = {doc["_id"]: doc.get("owner", "") for doc in rows}
        pairs = await asyncio.to_thread(_owner_pairs, found, fits, owners)
        rest = await store.resting(self.database, pairs, now)
        musts = await store.must_meets(self.database, found.forum_id) if found.forum_id else []
        return await asyncio.to_thread(ranked, found, whole, _Barred(fits, taken, rest, owners), desks, musts)

    async def keep_ranking(self, uow: UnitOfWork, job: Claimed[RoundJob], found: Ranked | None) -> None:
        """Stores the plan, and plans the first proposals."""
        ranked_ = await uow.get(ROUNDS, job.payload.round_id)
        if found is None or ranked_ is None or ranked_.state != "ranking":
            return
        id = ranked_.id
        await uow.create(PLANS, StoredPlan.of(id, found.plan, uow.now))
        uow.put(ROUNDS, ranked_.ranked(found.ranking.name, found.ranking.judged, found.with_candidates))
        uow.enqueue(ROUND_PROPOSE, RoundJob(round_id=id), cause=f"{id}:0", owner=ranked_.opened_by)

    # -- proposals

    async def choose(self, job: Claimed[RoundJob]) -> Pairs | None:
        """The pairs of the next step with their scores and evidence."""
        found = await self._round(job.payload, "proposing")
        stored = await self.database.one(PLANS, job.payload.round_id)
        if found is None or stored is None:
            return None
        ids = found.profiles
        made = {number: found.made.get(id, 0) for number, id in enumerate(ids)}
        plan = stored.plan()
        edges, done = next_step(plan, job.payload.step, made)
        pairs = [(ids[one], ids[other]) for one, other in edges]
        docs = await store.documents(self.database, INDEXED, sorted({id for pair in pairs for id in pair}))
        scored = await asyncio.to_thread(score_pairs, docs, pairs, self.scorer, self.database.now())
        musts = frozenset((ids[one], ids[other]) for one, other in plan.pairs[: plan.musts])
        return Pairs(scored, done if edges else -1, musts)

    async def propose(self, uow: UnitOfWork, job: Claimed[RoundJob], pairs: Pairs | None) -> None:
        """Proposes them by the rules of any proposal, and plans the next step; after the last one the round ends."""
        found = await uow.get(ROUNDS, job.payload.round_id)
        if pairs is None or found is None or found.state != "proposing":
            return
        by = Proposer(self.scorer, self.settings, found.policy, ORIGIN)
        await load_pairs(uow, pairs.scored)
        wanted = replace(by, policy=found.policy.without_minimum(), is_must=True)
        made = [
            pair
            for pair in pairs.scored
            if await propose_pair(uow, pair, wanted if (pair.mine, pair.other) in pairs.musts else by) is not None
        ]
        after = found.proposing((pair.mine, pair.other) for pair in made)
        if pairs.done >= 0:
            uow.put(ROUNDS, after)
            payload = RoundJob(round_id=found.id, step=pairs.done)
            uow.enqueue(ROUND_PROPOSE, payload, cause=f"{found.id}:{pairs.done}", owner=found.opened_by)
            return
        uow.put(ROUNDS, after.ended(uow.now))
        open_rounds = await uow.get_or(OPEN_ROUNDS, OpenRounds(id=OPEN_ROUNDS_ID))
        uow.put(OPEN_ROUNDS, open_rounds.without(found.id))

    async def _round(self, payload: RoundJob, state: str) -> Round | None:
        """The round, unless this step of it is done."""
        found = await self.database.one(ROUNDS, payload.round_id)
        return found if found is not None and found.state == state else None


# -- CPU work: call these in a thread


def score_tile(
    docs: Sequence[Doc], left: Sequence[str], right: Sequence[str], scorer: Scorer, now: dt.datetime
) -> ScoredTile:
    """The scores of each left profile with each right one; 0 where one is not indexed, or they may not be proposed."""
    known = {doc["_id"]: IndexedProfile.model_validate(doc) for doc in docs}
    shape = (len(left), len(right))
    tile = ScoredTile(np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_))
    for i, a in enumerate(map(known.get, left)):
        if a is None:
            continue
        allowed = [j for j, id in enumerate(right) if (b := known.get(id)) is not None and a.may_be_proposed(b)]
        for j, found in zip(allowed, scorer.scores(a, [known[right[j]] for j in allowed], now), strict=True):
            tile.to_right[i, j], tile.to_left[i, j] = found.interest[a.id], found.interest[right[j]]
            tile.complementary[i, j] = found.complementary
    return tile


def score_pairs(
    docs: Sequence[Doc], pairs: Sequence[tuple[str, str]], scorer: Scorer, now: dt.datetime
) -> list[ScoredPair]:
    """The pairs of which both are indexed, scored with their evidence."""
    known = {doc["_id"]: IndexedProfile.model_validate(doc) for doc in docs}
    return [
        ScoredPair.of(a, b, scorer.score(a, b, now), now)
        for a, b in ((known.get(one), known.get(other)) for one, other in pairs)
        if a is not None and b is not None
    ]


def whole_of(found: Round, tiles: Sequence[Tile | None]) -> ScoredTile:
    """All tiles of a round in their places."""
    shape = (len(found.left), len(found.right))
    whole = ScoredTile(np.zeros(shape), np.zeros(shape), np.zeros(shape, np.bool_))
    for (rows, columns), tile in zip(found.tiles, tiles, strict=True):
        if tile is not None:
            size = (rows.stop - rows.start, columns.stop - columns.start)
            for target, part in zip(_matrices(whole), tile.matrices(size), strict=True):
                target[rows, columns] = part
    return whole


def _matrices(tile: ScoredTile) -> tuple[Matrix, Matrix, Mask]:
    return tile.to_right, tile.to_left, tile.complementary


def fitting(found: Round, whole: ScoredTile, rows: Sequence[Doc], desks: Sequence[Doc], taxonomy: Taxonomy) -> Mask:
    """The pairs that reach the minimum, and that neither side excludes."""
    total = whole.to_right + whole.to_left
    score = np.round(2 * whole.to_right * whole.to_left / np.where(total > 0, total, 1), 4)
    fits: Mask = score >= found.rules.minimum_score
    public = {doc["_id"]: doc for doc in rows if doc.get("state") == "published"}
    kept = {doc["_id"]: Desk.model_validate(doc).excluded for doc in desks}
    for i, j in np.argwhere(fits):
        one, other = found.left[i], found.right[j]
        known = one in public and other in public
        sides = ((one, other), (other, one))
        fits[i, j] = known and not any(id in kept and kept[id].exclude_doc(public[by], taxonomy) for id, by in sides)
    return fits


def _owner_pairs(found: Round, fits: Mask, owners: Mapping[str, str]) -> list[str]:
    """The pairs of organisations that could meet."""
    return sorted({pair_id(owners[found.left[i]], owners[found.right[j]]) for i, j in np.argwhere(fits)})


@dataclass(frozen=True)
class _Barred:
    """What must not be proposed: only `fits` may, without pairs that have an open match or whose organisations rest."""

    fits: Mask
    taken: set[str]
    rest: set[str]
    owners: Mapping[str, str]

    def allows(self, one: str, other: str) -> bool:
        rests = pair_id(self.owners[one], self.owners[other]) in self.rest
        return not rests and pair_id(one, other) not in self.taken


def ranked(
    found: Round, whole: ScoredTile, barred: _Barred, desks: Sequence[Doc], musts: Sequence[tuple[str, str]] = ()
) -> Ranked:
    """The ranking that is kept, and which pairs are proposed: those that must meet before all others."""
    allowed = barred.fits.copy()
    for i, j in np.argwhere(allowed):
        allowed[i, j] = barred.allows(found.left[i], found.right[j])
    market = Market(whole.to_right, whole.to_left, allowed)
    ranking = best_ranking(market, COUNTRIES, beta=found.rules.beta)
    table = _table(found, ranking.values, whole.complementary & allowed, desks, barred.owners)
    plan = plan_round(table, found.rules, _edges(found, musts, barred.taken))
    candidates = {n for n, row in enumerate(table.lists) if row} | {n for pair in plan.pairs for n in pair}
    return Ranked(ranking, plan, len(candidates))


def _table(found: Round, values: Matrix, complementary: Mask, desks: Sequence[Doc], owners: Mapping[str, str]) -> Table:
    """What the desks of a round have room for."""
    known = {doc["_id"]: Desk.model_validate(doc) for doc in desks}
    at = [known.get(id) or Desk(id=id) for id in found.profiles]
    room = [max(0, found.rules.max_open - desk.waiting) for desk in at]
    held = [Counter(match.owner for match in desk.matches.values()) for desk in at]
    return Table.of(values, complementary, room, [owners.get(id, id) for id in found.profiles], held)


def _edges(found: Round, musts: Sequence[tuple[str, str]], taken: set[str]) -> Iterator[Edge]:
    """The pairs of these that are in the round, of both countries, and have no open match, by number."""
    number = {id: n for n, id in enumerate(found.profiles)}
    border = len(found.left)
    for one, other in musts:
        a, b = number.get(one), number.get(other)
        if a is not None and b is not None and (a < border) is not (b < border) and pair_id(one, other) not in taken:
            yield a, b
