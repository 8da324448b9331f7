"""Open matches are scored again when one side revises its profile or excludes the other."""

from __future__ import annotations

import datetime as dt

from services.chassis.commit import UnitOfWork
from services.chassis.model import Ref

from ..domain import match as matches
from ..domain.desk import Desk
from ..domain.indexed_profile import IndexedProfile
from ..domain.match import Match, MatchChange
from ..domain.pair_score import Scorer
from ..domain.profile_row import ProfileRow
from ..domain.taxonomy import Taxonomy
from ..settings import MatchingSettings
from ..store import DESKS, INDEXED, MATCHES, PROFILES
from .create_match import is_excluded
from .end_match import end_match
from .policies import policy_of
from .registrations import must_meet
from .save_match import save_match

REASON = "no_longer_fits"
EXCLUDED = "displaced"
"""What is told of an exclusion: `no_longer_fits` without a revision of either side would give it away."""


async def rescore_open_matches(
    uow: UnitOfWork, row: ProfileRow, me: IndexedProfile, scorer: Scorer, settings: MatchingSettings
) -> None:
    """Withdraws, marks or updates the open matches of a profile. A match whose score is the same is not written. One of
    which both sides are as they were scored is not scored again: most are, where many publish at once."""
    desk = await uow.get_or(DESKS, Desk(id=row.id))
    await uow.load([MATCHES.ref(id) for id in desk.matches])
    await uow.load(refs_of_matches(uow, row.id))
    found = [await _still_allowed(uow, row, me, id, scorer.taxonomy) for id in sorted(desk.matches)]
    kept = [pair for pair in found if pair is not None and not _is_as_scored(me, *pair, uow.now)]
    scores = scorer.scores(me, [indexed.restricted_to(other) for _, other, indexed in kept], uow.now)
    for (match, other, indexed), score in zip(kept, scores, strict=True):
        revisions, basis = {row.id: row.sequence, other.id: other.sequence}, _basis(me, other, indexed, uow.now)
        minimum = (await policy_of(uow, settings, match.policy_version)).rules.minimum_score
        if score.score < minimum and await must_meet(uow, desk.forums, match):
            minimum = 0.0  # it was proposed below the minimum, and stays
        change = matches.rescore(match, score, minimum=minimum, revisions=revisions, basis=basis)
        await _save(uow, change)


def _is_as_scored(
    me: IndexedProfile, match: Match, other: ProfileRow, indexed: IndexedProfile, now: dt.datetime
) -> bool:
    return bool(match.basis) and match.basis == _basis(me, other, indexed, now)


def _basis(me: IndexedProfile, other: ProfileRow, indexed: IndexedProfile, now: dt.datetime) -> dict[str, str]:
    """By what the two are scored; empty where the other one was revised and is not encoded yet."""
    if indexed.sequence != other.sequence:
        return {}
    return {one.id: one.basis(now) for one in (me, indexed)}


async def _still_allowed(
    uow: UnitOfWork, row: ProfileRow, me: IndexedProfile, match_id: str, taxonomy: Taxonomy
) -> tuple[Match, ProfileRow, IndexedProfile] | None:
    """An open match with the other profile of it, to be scored again; one that may not be any more is withdrawn."""
    match = await uow.get(MATCHES, match_id)
    if match is None or not match.is_open:
        return None
    other = await uow.get(PROFILES, match.other(row.id))
    indexed = await uow.get(INDEXED, match.other(row.id))
    # It is being embedded, for the first time or by a new encoder, and will score this match itself afterwards.
    if other is None or indexed is None or indexed.awaits_encoding(other):
        return None
    if await is_excluded(uow, row, other, taxonomy):
        await _withdraw_unanswered(uow, match, reason=EXCLUDED)
        return None
    if match.origin != "request" and not me.may_be_proposed(indexed):
        await _withdraw_unanswered(uow, match, reason=REASON)
        return None
    return match, other, indexed


def refs_of_matches(uow: UnitOfWork, profile_id: str) -> list[Ref]:
    """What the matches of a profile need, as far as its desk and they are loaded."""
    desk = uow.known(DESKS, profile_id)
    if desk is None:
        return []
    open_matches = [match for id in desk.matches if (match := uow.known(MATCHES, id)) is not None and match.is_open]
    others = [match.other(profile_id) for match in open_matches]
    needed = [ref for id in others for ref in (PROFILES.ref(id), INDEXED.ref(id), DESKS.ref(id))]
    return [MATCHES.ref(id) for id in desk.matches] + needed


async def _withdraw_unanswered(uow: UnitOfWork, match: Match, *, reason: str) -> None:
    """A match that one side has answered, or has asked for, stays as it is: such a one is never displaced, so its end
    or a mark on it would reveal the exclusion."""
    if not match.accepted_by:
        await end_match(uow, matches.withdraw(match, reason=reason), meetings_end=reason)


async def _save(uow: UnitOfWork, change: MatchChange) -> None:
    if change.match.is_open:
        await save_match(uow, change)
    else:
        await end_match(uow, change, meetings_end=REASON)
