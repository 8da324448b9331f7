"""Times of a forum for which no pair was found are looked at again when something has changed that could help: another
pair has agreed, another time became free, what was away is there again, somebody has time who had none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from services.chassis.commit import Claimed, UnitOfWork

from ..domain.agenda import Busy
from ..domain.forum_plans.openings import OpeningBook
from ..domain.forums.programme import MAX_CHANGE_OVER
from ..job_kinds import LOOK_AGAIN, OFFER, ForumJob, OpeningJob
from ..store import FORUMS, OPENING_BOOKS

AT_MOST_EVERY = dt.timedelta(minutes=10)
"""At one forum: what changes meanwhile is looked at together."""
AROUND = dt.timedelta(minutes=MAX_CHANGE_OVER)


def plan_another_look(uow: UnitOfWork, forum_id: str) -> None:
    """At the end of these ten minutes; whatever else changes in them at this forum has the same job."""
    passed = dt.timedelta(seconds=uow.now.timestamp() % AT_MOST_EVERY.total_seconds())
    at = uow.now - passed + AT_MOST_EVERY
    uow.enqueue(LOOK_AGAIN, ForumJob(forum_id=forum_id, at=at), cause=f"{forum_id}@{at:%Y-%m-%dT%H:%M}", run_at=at)


async def plan_looks_for(uow: UnitOfWork, forums: Iterable[str], freed: Sequence[Busy]) -> None:
    """Somebody who takes part in these forums has time then: those that go on at that time, or so soon before or after
    it that one has to change over, are looked at."""
    ids = sorted(forums) if freed else []
    await uow.load(FORUMS.ref(id) for id in ids)
    for forum_id in ids:
        forum = await uow.get(FORUMS, forum_id)
        if forum is None or forum.is_closed:
            continue
        start, end = forum.setup.span.start - AROUND, forum.setup.span.end + AROUND
        if any(time.overlaps(start, end) for time in freed):
            plan_another_look(uow, forum_id)


async def look_again(uow: UnitOfWork, job: Claimed[ForumJob]) -> None:
    """Plans an offer of each of them that is far enough ahead, after the quiet hours of the forum."""
    now, forum_id = job.payload.due(uow.now), job.payload.forum_id
    forum = await uow.get(FORUMS, forum_id)
    book = (await uow.get_or(OPENING_BOOKS, OpeningBook(id=forum_id))).to_come(now)
    if forum is None or forum.is_closed or not forum.setup.offers.enabled:
        return
    here, jobs = forum.setup.tz, dict[str, OpeningJob]()
    for id, opening in book.openings.items():
        chance = forum.setup.offers.chance(opening.start, now, here, [here]) if opening.may_be_looked_at_again else None
        if chance is not None:
            about = {"start": opening.start, "place": opening.place}
            jobs[id] = OpeningJob(forum_id=forum_id, opening_id=id, at=chance.at, **about)
            book = book.with_opening(id, opening.looked_at_again())
    if jobs:
        uow.put(OPENING_BOOKS, book)
    for id, planned in jobs.items():
        waits_until = planned.at if planned.at != now else None
        uow.enqueue(OFFER, planned, cause=f"{id}:again:{book.openings[id].looks}", run_at=waits_until)
