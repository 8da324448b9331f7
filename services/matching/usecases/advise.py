"""What keeps a profile from being found: for its owner alone (docs/rules.md, section 4)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.chassis.model import Caller
from services.chassis.mongo import Database

from .. import store
from ..domain import advice
from ..domain.advice import Finding, Surroundings
from ..domain.desk import Desk
from ..domain.indexed_profile import IndexedProfile
from ..domain.pair import pair_id
from ..domain.pair_score import Scorer
from ..domain.profile_row import ProfileRow
from ..settings import MatchingSettings
from ..store import DESKS, PROFILES
from ..vector_index import VectorIndex, View
from .access import not_there
from .policies import stored_policy

NEAR_SHARE = 0.6
"""Others are near from this share of the minimum score on."""
MAX_SEARCHED = 12
"""Entries for which others are searched. Each is a scan of all vectors."""
AT_ONCE = 1
"""Searches for an advice that run at the same time, in a thread each; others wait."""


@dataclass(frozen=True)
class Advice:
    """What an owner is told. `fitting` and `near` are counts as they may be told; None where nothing was searched."""

    row: ProfileRow
    findings: Sequence[Finding]
    fitting: int | None = None
    near: int | None = None


@dataclass(frozen=True)
class Advise:
    """Reads only; it decides nothing, and writes nothing."""

    database: Database
    index: VectorIndex
    scorer: Scorer
    settings: MatchingSettings
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def advice(self, caller: Caller, profile_id: str) -> Advice:
        """The advice to the profile's owner. Raises NotFound for all others, organisers too."""
        row = await self.database.one(PROFILES, profile_id)
        if row is None or not caller.owns(row.owner):
            raise not_there("profile", profile_id=profile_id)
        now, rules = self.database.now(), (await stored_policy(self.database, self.settings)).rules
        desk = await self.database.one(DESKS, row.id) or Desk(id=row.id)
        findings = list(advice.of_profile(row, desk, rules.max_open, now))
        if not row.is_public:
            return Advice(row, findings)
        view = self.index.view(row.id)
        if view is None or view.me.sequence != row.sequence:
            return Advice(row, [Finding("being_read"), *findings])
        async with self.turns:
            found = await asyncio.to_thread(surroundings, view, self.scorer, now, rules.minimum_score)
        is_of_trade = self.scorer.bridge.common.says_nothing
        findings += advice.of_entries(row, view.me, self.scorer.taxonomy, now, is_of_trade=is_of_trade)
        findings += advice.of_surroundings(
            searched(view.me, now), found, rests=await self._rests(row, found, now), now=now
        )
        return Advice(row, advice.bounded(findings), advice.at_least(found.fitting), advice.at_least(found.near))

    async def _rests(self, row: ProfileRow, found: Surroundings, now: dt.datetime) -> bool:
        """Whether an organisation that fits rests with the owner's; both know of it."""
        pairs = sorted(pair_id(row.owner, owner) for owner in found.owners)
        return bool(await store.resting(self.database, pairs, now))


def searched(me: IndexedProfile, now: dt.datetime) -> IndexedProfile:
    """The profile with the entries for which others are searched, all of them as if they were new."""
    live = me.live_entries(now)
    ids = list(dict.fromkeys(entry.id for entry in live))[:MAX_SEARCHED]
    return me.model_copy(update={"entries": [entry for entry in live if entry.id in ids], "unproposed": ids})


def surroundings(view: View, scorer: Scorer, now: dt.datetime, minimum: float) -> Surroundings:
    """The public profiles that are nearest. What they exclude, and whom, is not looked at. CPU work: call it in a
    thread."""
    me = searched(view.me, now)
    others = replace(view, me=me).candidates(now)
    scored = scorer.fitting(me, others, now, NEAR_SHARE * minimum)
    fitting = [other for other, score in scored if score.score >= minimum]
    near = [other for other, score in scored if score.score < minimum]
    offered = {(entry.kind, entry.side) for other in others for entry in other.live_entries(now)}
    return Surroundings(
        fitting=len(fitting),
        near=len(near),
        met=frozenset(e.id for e in me.entries if (e.kind, "need" if e.side == "offer" else "offer") in offered),
        understood=not (fitting or near) or any(set(me.languages) & set(other.languages) for other in fitting + near),
        owners=frozenset(other.owner for other in fitting),
    )
