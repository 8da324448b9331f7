"""A new match: if both profiles are public and still what was scored, their organisations do not rest, and both desks
have room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import matches as contract
from services.chassis.commit import UnitOfWork

from ..domain import match as matches
from ..domain.desk import Desk, find_room
from ..domain.match import Match, MatchChange
from ..domain.pair import OrgPair, org_pair_id, pair_id
from ..domain.pair_score import PairScore
from ..domain.profile_row import ProfileRow
from ..job_kinds import EXPIRE, MatchJob
from ..settings import MatchingSettings
from ..store import DESKS, MATCHES, ORG_PAIRS, PROFILES
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
    """Creates the match, and withdraws the weaker ones that it displaces. Returns None if the two organisations rest,
    or if a desk has no room for it."""
    match = _match(uow, draft, settings)
    if await _must_rest(uow, match):
        return None
    displaced = await _find_rooms(uow, match, settings.max_open)
    if displaced is None:
        return None
    # Only now, when both desks have room: a match that is not made must displace none.
    for id in sorted(displaced):
        weaker = await uow.get(MATCHES, id)
        if weaker is not None:
            await end_match(uow, matches.withdraw(weaker, reason="displaced"), meetings_end="displaced")
    return await _save(uow, match)


def _match(uow: UnitOfWork, draft: MatchDraft, settings: MatchingSettings) -> Match:
    parties = sorted(draft.rows)
    return Match(
        # One job may make several matches, so the pair is part of the id; a job that runs again makes the same ones.
        id=uow.secret_id("match", pair_id(*parties)),
        parties=parties,
        owners={id: draft.rows[id].owner for id in parties},
        revisions={id: draft.rows[id].sequence for id in parties},
        labels=list(draft.labels),
        accepted_by=sorted(draft.accepted_by),
        representatives=dict(draft.accepted_by),
        origin=draft.origin,
        expires_at=uow.now + dt.timedelta(days=settings.days_open),
        **matches.score_fields(draft.score),
    )


async def _must_rest(uow: UnitOfWork, match: Match) -> bool:
    """Whether the organisations rest; one of them may still ask for the other by name, once."""
    orgs = await uow.get_or(ORG_PAIRS, OrgPair(id=org_pair_id(match.owners)))
    # A decline between two other profiles of theirs, at the same moment, must be seen by one of the two decisions.
    uow.expect(ORG_PAIRS, orgs.id)
    return orgs.is_closed(uow.now) if match.asker else orgs.rests(uow.now)


async def _find_rooms(uow: UnitOfWork, match: Match, max_open: int) -> set[str] | None:
    """The weaker matches that must leave for it, at both desks; None if one of the desks has no room."""
    displaced = set[str]()
    for party in match.parties:
        desk = await uow.get_or(DESKS, Desk(id=party))
        room = find_room(desk, desk.seen(match), max_open=max_open)
        if not room.is_free:
            return None
        displaced |= {room.displaces} if room.displaces else set()
    return displaced


async def _save(uow: UnitOfWork, match: Match) -> Match:
    saved = await save_match(uow, MatchChange(match, contract.MatchProposed))
    for id in match.parties:
        uow.expect(PROFILES, id)  # a profile that is withdrawn at the same moment must find this match on its desk
    uow.enqueue(EXPIRE, MatchJob(match_id=saved.id, at=saved.expires_at), cause=saved.id, run_at=saved.expires_at)
    return saved
