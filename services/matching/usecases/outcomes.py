"""What became of a match: reported by its sides, and by meetings that were held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.chassis.commit import UnitOfWork
from services.chassis.model import Caller
from services.chassis.mongo import Database

from ..domain.after import outcome as rules
from ..domain.after.outcome import Outcome, outcome_of
from ..domain.diary import Diary
from ..domain.meeting import Meeting
from ..store import DIARIES, MATCHES, OUTCOMES
from .access import match_of, readable_match


async def report_outcome(uow: UnitOfWork, *, caller: Caller, match_id: str, steps: Sequence[str]) -> Outcome:
    """The steps that the caller's side reports now, as a whole. Raises NotFound, InvalidState (not-agreed)."""
    match, side = await match_of(uow, caller, match_id)
    before = await uow.get_or(OUTCOMES, outcome_of(match))
    return _save(uow, before, rules.reported(before, side=side, steps=steps, now=uow.now))


async def met(uow: UnitOfWork, meeting: Meeting, *, sides: Sequence[str]) -> None:
    """A meeting was held, and these sides were there; it stands in the diary already."""
    match = await uow.get(MATCHES, meeting.match_id)
    if match is None:
        return
    diary = await uow.get_or(DIARIES, Diary(id=match.id))
    before = await uow.get_or(OUTCOMES, outcome_of(match))
    _save(uow, before, rules.after_meetings(before, sides=sides, held=len(diary.held), now=uow.now))


def _save(uow: UnitOfWork, before: Outcome, after: Outcome) -> Outcome:
    """A side that reports nothing, and one that repeats itself, changes nothing."""
    return before if _told(after) == _told(before) else uow.put(OUTCOMES, after, rules.to_event(after))


def _told(outcome: Outcome) -> dict[str, dict[str, dt.datetime]]:
    # A side that has taken everything back is stored with no steps; it says what one says that never said anything.
    return {side: steps for side, steps in outcome.said.items() if steps}


async def outcome_read(database: Database, caller: Caller, match_id: str) -> Outcome:
    """What is reported about a match, for its sides and organisers. Raises NotFound, InvalidState (not-agreed)."""
    match = await readable_match(database, caller, match_id)
    return await database.one(OUTCOMES, match.id) or outcome_of(match)
