"""A new match: if both profiles are public and still what was scored, and both desks have room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import matches as contract
from services.chassis.commit import UnitOfWork

from ..domain import match as matches
from ..domain.match import Desk, Match, MatchChange, find_room, pair_id
from ..domain.pair_score import PairScore
from ..domain.profile_row import ProfileRow
from ..job_kinds import EXPIRE, MatchJob
from ..settings import MatchingSettings
from ..store import DESKS, MATCHES, PROFILES
from .end_match import end_match
from .save_match import save_match


@dataclass(frozen=True)
class MatchDraft:
    """A match to be made of two profiles. `accepted_by`: the member that requested it, by its side. `origin`: `live` or
    `request`."""

    rows: Mapping[str, ProfileRow]
    score: PairScore
    origin: str = "live"
    accepted_by: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()


async def is_excluded(uow: UnitOfWork, a: ProfileRow, b: ProfileRow) -> bool:
    """Whether either profile excludes the other. A caller that goes on to create a match writes both desks, so it
    cannot miss an exclusion that is set at the same time."""
    for mine, other in ((a, b), (b, a)):
        desk = await uow.get(DESKS, mine.id)
        if desk is not None and desk.excluded.exclude(other):
            return True
    return False


async def create_match(uow: UnitOfWork, draft: MatchDraft, settings: MatchingSettings) -> Match | None:
    """Creates the match, and withdraws the weaker ones that it displaces. Returns None if a desk is full of matches
    that are better, or that one side has answered."""
    requested, displaced = draft.origin == "request", set[str]()
    for id in draft.rows:
        desk = await uow.get_or(DESKS, Desk(id=id))
        room = find_room(desk, score=draft.score.score, max_open=settings.max_open, requested=requested)
        if not room.is_free:
            return None
        if room.displaces is not None:
            displaced.add(room.displaces)
    for id in sorted(displaced):
        weaker = await uow.get(MATCHES, id)
        if weaker is not None:
            await end_match(uow, matches.withdraw(weaker, reason="displaced"), meetings_end="displaced")
    return await _save(uow, draft, settings)


async def _save(uow: UnitOfWork, draft: MatchDraft, settings: MatchingSettings) -> Match:
    parties = sorted(draft.rows)
    match = Match(
        id=uow.derived_id("match", pair_id(*parties)),
        parties=parties,
        revisions={id: draft.rows[id].sequence for id in parties},
        labels=list(draft.labels),
        accepted_by=sorted(draft.accepted_by),
        representatives=dict(draft.accepted_by),
        origin=draft.origin,
        expires_at=uow.now + dt.timedelta(days=settings.days_open),
        **matches.score_fields(draft.score),
    )
    saved = await save_match(uow, MatchChange(match, contract.MatchProposed))
    for id in parties:
        uow.expect(PROFILES, id)  # a profile that is withdrawn at the same moment must find this match on its desk
    uow.enqueue(EXPIRE, MatchJob(match_id=saved.id), cause=saved.id, run_at=saved.expires_at)
    return saved
