"""A forum is not changed under the meetings that are booked there: what they hold stays until they have been moved or
cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from services.chassis.commit import UnitOfWork
from services.chassis.model import InvalidState

from ..domain.calendar import STEP
from ..domain.forum_plans.closures import Closure
from ..domain.forum_plans.plan import PlanBook
from ..domain.forum_plans.taken_away import taken_away
from ..domain.forums.forum import Forum
from ..domain.forums.setup import ForumSetup
from ..domain.meeting import Meeting
from ..store import PLAN_BOOKS
from .booked_there import booked_there

MAX_CLAIMS, MAX_NAMED = 20_000, 20
"""Claims that one change may take away: 250 tables for a day of ten hours, or 35 of them for a week. Meetings that an
answer names."""


async def must_keep_booked(uow: UnitOfWork, forum: Forum, setup: ForumSetup) -> None:
    """Raises InvalidState (in-use) where the other setup takes away what a booked meeting holds, (publishing) while a
    plan is booked by the present one, (too-much-at-once)."""
    taken = taken_away(forum.setup, setup, forum.id)
    if not taken:
        return
    book = await uow.get_or(PLAN_BOOKS, PlanBook(id=forum.id))
    book.must_not_publish()
    using = await _using(uow, taken)
    if using:
        detail = (
            f"{len(using)} booked meetings hold what this change takes away. Say first that it is away "
            "(POST /v1/forums/{id}/changes), which moves them, or cancel them; then change the forum."
        )
        named = sorted(one.id for one in using)[:MAX_NAMED]
        raise InvalidState("in-use", detail, extra={"count": len(using), "meetings": named})
    # Each booking there expects the book: of two at the same moment, one is decided again.
    uow.put(PLAN_BOOKS, book.after_a_change())


async def _using(uow: UnitOfWork, taken: Sequence[Closure]) -> list[Meeting]:
    """The booked meetings to come that are hit. Raises InvalidState (too-much-at-once)."""
    if sum(len(one.holders) * ((one.end - one.first_slot) // STEP) for one in taken) > MAX_CLAIMS:
        detail = "This takes away more than can be looked through at once; change the forum in several steps."
        raise InvalidState("too-much-at-once", detail)
    # In a thread: thousands of claims take longer to write down than others should wait for.
    ids = await asyncio.to_thread(lambda: [id for one in taken for id in one.claims()])
    found = await booked_there(uow, ids)
    return [one for one in found if any(closure.hits(one.holders, one.start, one.end) for closure in taken)]
