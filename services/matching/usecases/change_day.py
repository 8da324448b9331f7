"""An organiser says what is away on the day, is shown what follows, and then has just that done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from services.chassis.commit import UnitOfWork
from services.chassis.model import InvalidState, NotFound
from services.chassis.mongo import Database

from ..domain import meeting as meetings
from ..domain.forum_plans.day_change import Consequences, DayChange, consequences, moved_to
from ..domain.forums.forum import Forum
from ..plan_sources import booked_at_forum, sources_of
from ..store import FORUMS, MEETINGS
from .save_meeting import free_time, save_meeting

REASON = "cancelled"


@dataclass(frozen=True)
class Foreseen:
    """A forum, and what a change would do there."""

    forum: Forum
    found: Consequences


async def foresee(database: Database, forum_id: str, change: DayChange) -> Foreseen:
    """What would follow, as it is now. Raises NotFound for a forum, or for what has no meetings because it is not
    there."""
    forum = await database.one(FORUMS, forum_id)
    if forum is None:
        raise NotFound("There is no such forum.")
    sources, booked = await sources_of(database, forum, database.now()), await booked_at_forum(database, forum_id)
    owner = next((one.owner for one in sources.registrations if one.profile_id == change.profile_id), None)
    _must_be_known(forum, change, owner)
    return Foreseen(forum, await asyncio.to_thread(consequences, change, sources, booked, owner))


def _must_be_known(forum: Forum, change: DayChange, owner: str | None) -> None:
    setup = forum.setup
    known = {
        "table": [*(table.id for table in setup.tables), *(room.id for room in setup.rooms)],
        "interpreter": [one.id for one in setup.interpreters],
        "delegate": [change.id] if owner is not None else [],
    }
    if change.id not in known[change.kind]:
        raise NotFound(f"This forum has no such {change.kind}.")


async def apply_change(uow: UnitOfWork, foreseen: Foreseen, confirmed: str) -> Consequences:
    """Does what was foreseen and confirmed, all of it or nothing. Raises InvalidState (another-consequence) if that is
    not what follows any more."""
    found = foreseen.found
    if found.fingerprint != confirmed:
        raise _changed(found)
    concerned = [*(one for one, _ in found.moved), *found.lost]
    await uow.load(MEETINGS.ref(one.id) for one in concerned)
    now = {one.id: await uow.get(MEETINGS, one.id) for one in concerned}
    if any((present := now[one.id]) is None or present.revision != one.revision for one in concerned):
        raise _changed(found)
    # First all of them give up their time: two that exchange their places must not stand in each other's way.
    for one, _ in found.moved:
        await free_time(uow, one)
    for one in found.lost:
        await save_meeting(uow, one, meetings.cancel(one, side=None, reason=REASON, now=uow.now))
    for one, planned in found.moved:
        await save_meeting(uow, one, moved_to(one, planned, foreseen.forum.setup))
    return found


def _changed(found: Consequences) -> InvalidState:
    detail = "Something else would follow by now; look at it again, and confirm that."
    return InvalidState("another-consequence", detail, extra={"confirm": found.fingerprint})
