"""A match is made: both sides are public and still what was judged, their pair is free, both desks have room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import matches as contract
from services.chassis.uow import UnitOfWork

from ..domain import match as matches
from ..domain.candidate import ProfileRow
from ..domain.match import Desk, Match, Pair, pair_id, place, told
from ..domain.scoring import Judgement
from ..settings import MatchingSettings
from ..store import DESKS, MATCHES, PAIRS, PROFILES
from .ending import end_match

EXPIRE = "expire"


@dataclass(frozen=True)
class New:
    """A match to be made of two profiles, as they stand now."""

    rows: Mapping[str, ProfileRow]
    judged: Judgement
    origin: str = "live"
    accepted_by: Mapping[str, str] = field(default_factory=dict)
    """By side, who asks for it."""
    labels: tuple[str, ...] = ()


async def is_excluded(uow: UnitOfWork, a: ProfileRow, b: ProfileRow) -> bool:
    """By either side. Whoever goes on writes both desks, so an exclusion that crosses this is not missed."""
    for mine, other in ((a, b), (b, a)):
        desk = await uow.get(DESKS, mine.id)
        if desk is not None and desk.excluded.exclude(other):
            return True
    return False


async def place_match(uow: UnitOfWork, new: New, settings: MatchingSettings) -> Match | None:
    """None where a desk is full of better ones, or of such as somebody has answered."""
    asked, displaced = new.origin == "request", set()
    for id in new.rows:
        desk = await uow.get(DESKS, id) or Desk(id=id)
        found = place(desk, score=new.judged.score, most=settings.most_open, asked=asked)
        if not found.is_free:
            return None
        if found.displaces is not None:
            displaced.add(found.displaces)
    for id in sorted(displaced):
        weaker = await uow.get(MATCHES, id)
        if weaker is not None:
            await end_match(uow, matches.withdraw(weaker, reason="displaced"), meetings_end="displaced")
    return await _save(uow, new, settings)


async def _save(uow: UnitOfWork, new: New, settings: MatchingSettings) -> Match:
    parties = sorted(new.rows)
    pair = await uow.get(PAIRS, pair_id(*parties)) or Pair(id=pair_id(*parties))
    match = Match(
        id=uow.derived_id("match", pair.id),
        parties=parties,
        revisions={id: new.rows[id].sequence for id in parties},
        labels=list(new.labels),
        accepted_by=sorted(new.accepted_by),
        representatives=dict(new.accepted_by),
        origin=new.origin,
        expires_at=uow.now + dt.timedelta(days=settings.days_open),
        **matches.judged(new.judged),
    )
    await uow.get(MATCHES, match.id)
    saved = uow.put(MATCHES, match, told(match, contract.MatchProposed))
    uow.put(PAIRS, pair.model_copy(update={"match_id": match.id}))
    for id in parties:
        desk = await uow.get(DESKS, id) or Desk(id=id)
        uow.put(DESKS, desk.with_match(match))
        uow.expect(PROFILES, id)
    uow.enqueue(EXPIRE, cause=match.id, payload={"match_id": match.id}, run_at=match.expires_at)
    return saved
