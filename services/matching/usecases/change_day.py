"""An organiser says what is away on the day, is shown what follows, and then has just that done."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from services.chassis.commit import UnitOfWork
from services.chassis.model import InvalidState, NotFound
from services.chassis.mongo import Database

from ..domain import meeting as meetings
from ..domain.forum_plans.closures import Closure
from ..domain.forum_plans.day_change import Consequences, DayChange, closure_of, consequences, moved_to, overrun
from ..domain.forum_plans.plan import PlanBook, PlannedMeeting
from ..domain.forums.forum import Forum, must_be_going_on
from ..domain.meeting import Meeting, MeetingChange
from ..plan_sources import booked_at_forum, link_of, sources_of
from ..store import DESKS, FORUMS, MEETINGS, PLAN_BOOKS
from .booked_there import booked_there
from .look_again import plan_another_look
from .save_meeting import free_time, load_around, save_meeting

REASON = "cancelled"


@dataclass(frozen=True)
class Foreseen:
    """A forum, what is away there, and what follows."""

    forum: Forum
    closure: Closure
    found: Consequences
    link: str | None = None
    """Where remote meetings of the forum take place."""

    def moved(self, meeting: Meeting, planned: PlannedMeeting) -> MeetingChange:
        """A meeting at its new place."""
        return moved_to(meeting, planned, self.forum.setup, self.link)


async def foresee(database: Database, forum_id: str, change: DayChange) -> Foreseen:
    """What would follow, as it is now. Raises NotFound for a forum, or for what has no meetings because it is not
    there, and InvalidState (forum-closed, over)."""
    forum, now = await _forum(database, forum_id), database.now()
    must_be_going_on(forum)
    if change.end <= now:
        raise InvalidState("over", "That time is over, so nothing can be changed about it. Look at its date.")
    sources, booked = await sources_of(database, forum, now), await booked_at_forum(database, forum_id)
    closure = closure_of(change, forum_id, forum.setup, sources.registrations, booked)
    if closure is None:
        raise NotFound(f"This forum has no such {change.kind}.")
    found = await asyncio.to_thread(consequences, closure, sources, booked)
    return Foreseen(forum, closure, found, await link_of(database, forum_id))


async def talk_that_overruns(database: Database, forum_id: str, talk_id: str, minutes: int) -> DayChange:
    """Raises NotFound."""
    forum = await _forum(database, forum_id)
    talk = next((one for one in forum.setup.talks if one.id == talk_id), None)
    if talk is None:
        raise NotFound("This forum has no such talk.")
    return overrun(talk, minutes)


async def _forum(database: Database, forum_id: str) -> Forum:
    forum = await database.one(FORUMS, forum_id)
    if forum is None:
        raise NotFound("There is no such forum.")
    return forum


async def apply_change(uow: UnitOfWork, foreseen: Foreseen, confirmed: str) -> Consequences:
    """Does what was foreseen and confirmed, all of it or nothing; what is made later keeps off what is away. Raises
    InvalidState (another-consequence) if that is not what follows any more."""
    found = foreseen.found
    if found.fingerprint != confirmed:
        raise _changed(found)
    concerned = [*(one for one, _ in found.moved), *found.lost]
    await uow.load([PLAN_BOOKS.ref(foreseen.forum.id), *(MEETINGS.ref(one.id) for one in concerned)])
    now = {one.id: await uow.get(MEETINGS, one.id) for one in concerned}
    if any((present := now[one.id]) is None or present.revision != one.revision for one in concerned):
        raise _changed(found)
    await _must_be_all(uow, foreseen, {one.id for one in concerned})
    book = await uow.get_or(PLAN_BOOKS, PlanBook(id=foreseen.forum.id))
    uow.put(PLAN_BOOKS, book.with_closure(foreseen.closure, uow.now))
    await uow.load(DESKS.ref(party) for one in concerned for party in one.parties)
    await load_around(uow, [*concerned, *(foreseen.moved(one, at).meeting for one, at in found.moved)])
    # First all of them give up their time: two that exchange their places must not stand in each other's way.
    for one, _ in found.moved:
        await free_time(uow, one)
    for one in found.lost:
        await save_meeting(uow, one, meetings.cancel(one, side=None, reason=REASON, now=uow.now))
    for one, planned in found.moved:
        try:
            await save_meeting(uow, one, foreseen.moved(one, planned))
        except InvalidState as taken:  # since it was foreseen; what that says is meant for the sides of a meeting
            raise _changed(found) from taken
    return found


async def _must_be_all(uow: UnitOfWork, foreseen: Foreseen, concerned: Collection[str]) -> None:
    """Raises InvalidState (another-consequence) where the forum has booked something since that is hit, too: plans are
    published, and offers accepted, meanwhile. What is booked from now on expects the book that this decision writes."""
    closure, span = foreseen.closure, foreseen.forum.setup.span
    for one in await booked_there(uow, closure.claims_within(span.start, span.end)):
        is_new = one.id not in concerned and one.forum_id == foreseen.forum.id
        if is_new and closure.hits(one.holders, one.start, one.end):
            raise _changed(foreseen.found)


async def reopen(uow: UnitOfWork, *, forum_id: str, kind: str, id: str, profile_id: str | None) -> PlanBook:
    """What was away is there again: for plans and offers to come. Raises NotFound, or InvalidState (which-profile)."""
    book = await uow.get(PLAN_BOOKS, forum_id)
    after = book.without_closure(kind, id, profile_id) if book is not None else None
    if after is None or after == book:
        raise NotFound("Nothing like that is away at this forum.")
    saved = uow.put(PLAN_BOOKS, after)
    plan_another_look(uow, forum_id)
    return saved


def _changed(found: Consequences) -> InvalidState:
    detail = "Something else would follow by now; look at it again, and confirm that."
    return InvalidState("another-consequence", detail, extra={"confirm": found.fingerprint})
