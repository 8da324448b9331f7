"""Open matches are judged again when one side says something else, or excludes the other."""

from __future__ import annotations

from services.chassis.uow import UnitOfWork

from ..domain import match as matches
from ..domain.candidate import ProfileRow
from ..domain.indexed import IndexedProfile
from ..domain.match import Answered, Desk
from ..domain.scoring import Scorer
from ..settings import MatchingSettings
from ..store import DESKS, INDEXED, MATCHES, PROFILES
from .ending import end_match
from .placing import is_excluded


async def judge_open_matches(
    uow: UnitOfWork, row: ProfileRow, me: IndexedProfile, scorer: Scorer, settings: MatchingSettings
) -> None:
    """Those of one profile: withdrawn, marked, or told with their new reasons; nothing where nothing changes."""
    desk = await uow.get(DESKS, row.id) or Desk(id=row.id)
    await uow.load([MATCHES.ref(id) for id in desk.matches])
    for match_id in sorted(desk.matches):
        match = await uow.get(MATCHES, match_id)
        if match is None or not match.is_open:
            continue
        other = await uow.get(PROFILES, match.other(row.id))
        indexed = await uow.get(INDEXED, match.other(row.id))
        if other is None or indexed is None:  # its vectors are still being computed: it will judge this match then
            continue
        if await is_excluded(uow, row, other) or not (match.origin == "request" or me.may_be_proposed(indexed)):
            # What somebody has answered goes on unmarked: a mark would tell of the exclusion.
            if match.state == "proposed":
                await end_match(uow, matches.withdraw(match, reason="no_longer_fits"), meetings_end="no_longer_fits")
            continue
        found = scorer.judge(me, indexed.as_said_in(other), uow.now)
        revisions = {row.id: row.sequence, other.id: other.sequence}
        answered = matches.rejudge(match, found, minimum=settings.minimum_score, revisions=revisions)
        if answered.event is not None:
            await _save(uow, answered)


async def _save(uow: UnitOfWork, answered: Answered) -> None:
    if not answered.match.is_open:
        await end_match(uow, answered, meetings_end="no_longer_fits")
        return
    assert answered.event
    saved = uow.put(MATCHES, answered.match, matches.told(answered.match, answered.event))
    for party in saved.parties:
        desk = await uow.get(DESKS, party)
        if desk is not None:
            uow.put(DESKS, desk.with_match(saved))
