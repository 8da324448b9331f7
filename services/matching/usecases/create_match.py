"""A new match: if both profiles are public and still what was scored, their organisations do not rest, and both desks
have room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from schemas import matches as contract
from services.chassis.commit import UnitOfWork

from .. import metrics
from ..domain import match as matches
from ..domain.desk import Desk, find_room
from ..domain.match import Match, MatchChange
from ..domain.pair import OrgPair, org_pair_id, pair_id
from ..domain.pair_score import PairScore
from ..domain.policy import Policy
from ..domain.profile_row import ProfileRow
from ..domain.taxonomy import Taxonomy
from ..job_kinds import EXPIRE, MatchJob
from ..store import DESKS, DIARIES, MATCHES, ORG_PAIRS, PROFILES
from .end_match import end_match
from .save_match import save_match


@dataclass(frozen=True)
class MatchDraft:
    """A match to be made of two profiles. `accepted_by`: the member that requested it, by its side. `origin`: `live`,
    `request` or `round`. `is_must`: an organiser has chosen the pair. `basis`: by what it was scored, if it still
    is."""

    rows: Mapping[str, ProfileRow]
    score: PairScore
    origin: str = "live"
    accepted_by: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    is_must: bool = False
    basis: Mapping[str, str] = field(default_factory=dict)


async def is_excluded(uow: UnitOfWork, a: ProfileRow, b: ProfileRow, taxonomy: Taxonomy) -> bool:
    """Whether either profile excludes the other. A caller that goes on to create a match writes both desks, so it
    cannot miss an exclusion that is set at the same time."""
    for mine, other in ((a, b), (b, a)):
        desk = await uow.get(DESKS, mine.id)
        if desk is not None and desk.excluded.exclude(other, taxonomy):
            return True
    return False


async def create_match(uow: UnitOfWork, draft: MatchDraft, policy: Policy) -> Match | None:
    """Creates the match, and withdraws the weaker ones that it displaces. Returns None if the two organisations rest,
    or if a desk has no room for it."""
    match = _match(uow, draft, policy)
    if await _must_rest(uow, match):
        return None
    displaced = await _find_rooms(uow, match, policy.rules.max_open)
    if displaced is None:
        return None
    # Only now, when both desks have room: a match that is not made must displace none.
    await uow.load([ref for id in displaced for ref in (MATCHES.ref(id), DIARIES.ref(id))])
    for id in sorted(displaced):
        weaker = await uow.get(MATCHES, id)
        if weaker is not None:
            await end_match(uow, matches.withdraw(weaker, reason="displaced"), meetings_end="displaced")
    await _count_first(uow, draft)
    return await _save(uow, match)


def match_id(uow: UnitOfWork, a: str, b: str) -> str:
    """The id of a match that this decision makes of two profiles: one may make several, and makes the same ones when it
    runs again."""
    return uow.secret_id("match", pair_id(a, b))


def _match(uow: UnitOfWork, draft: MatchDraft, policy: Policy) -> Match:
    parties = sorted(draft.rows)
    return Match(
        id=match_id(uow, *parties),
        parties=parties,
        owners={id: draft.rows[id].owner for id in parties},
        revisions={id: draft.rows[id].sequence for id in parties},
        labels=list(draft.labels),
        accepted_by=sorted(draft.accepted_by),
        representatives=dict(draft.accepted_by),
        origin=draft.origin,
        is_must=draft.is_must,
        basis=dict(draft.basis),
        policy_version=policy.label,
        expires_at=uow.now + dt.timedelta(days=policy.rules.days_open),
        countries=metrics.pair_of(row.country for row in draft.rows.values()),
        made_at=uow.now,
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


async def _count_first(uow: UnitOfWork, draft: MatchDraft) -> None:
    """Counts how long those have waited who are proposed to somebody for the first time."""
    for id, row in draft.rows.items():
        desk = await uow.get(DESKS, id)
        if row.published_at is not None and not (desk and desk.had_match):
            waited = (uow.now - row.published_at).total_seconds()
            uow.count(partial(metrics.first_proposal.labels(metrics.country_of(row.country)).observe, max(0.0, waited)))


async def _save(uow: UnitOfWork, match: Match) -> Match:
    saved = await save_match(uow, MatchChange(match, contract.MatchProposed))
    for id in match.parties:
        uow.expect(PROFILES, id)  # a profile that is withdrawn at the same moment must find this match on its desk
    uow.enqueue(EXPIRE, MatchJob(match_id=saved.id, at=saved.expires_at), cause=saved.id, run_at=saved.expires_at)
    return saved
