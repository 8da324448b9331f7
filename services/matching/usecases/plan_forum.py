"""An organiser has a forum planned: a numbered draft, made by jobs in steps. What was reached is kept after each step,
so a kill at any time loses at most that step."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Caller, Forbidden, NotFound
from services.chassis.mongo import Database

from .. import store
from ..domain.forum_plans import plan as plans
from ..domain.forum_plans.inputs import ASKED, Sources, asked_for
from ..domain.forum_plans.plan import ForumPlan, PlanBook, PlanWork, plan_id
from ..domain.forums.forum import must_be_going_on
from ..job_kinds import PLAN_KINDS, PLAN_PLACE, PLAN_PROVE, PlanJob
from ..plan_maker import PlanLimits, Proved, place, prove
from ..plan_solver import SPOTS
from ..plan_sources import sources_of
from ..settings import MatchingSettings
from ..store import FORUM_PLANS, FORUMS, PLAN_BOOKS, PLAN_WORKS


@dataclass(frozen=True)
class Placed:
    """What the first step gives: what was asked, and the spots, as JSON, with how many pairs there are and stand."""

    asked: bytes
    spots: bytes
    pairs: int
    placed: int


async def begin_plan(uow: UnitOfWork, *, caller: Caller, forum_id: str, seed: int) -> ForumPlan:
    """A new plan of all agreed pairs of a forum; jobs do the rest.

    Raises NotFound, InvalidState (forum-closed, too-many-plans, publishing)."""
    forum = await uow.get(FORUMS, forum_id)
    if forum is None:
        raise NotFound("There is no such forum.")
    must_be_going_on(forum)
    book = (await uow.get_or(PLAN_BOOKS, PlanBook(id=forum_id))).with_plan()
    uow.put(PLAN_BOOKS, book)
    number, id = book.latest, plan_id(forum_id, book.latest)
    plan = ForumPlan(id=id, forum_id=forum_id, number=number, made_by=caller.org, made_at=uow.now, seed=seed)
    saved = await uow.create(FORUM_PLANS, plan)
    uow.enqueue(PLAN_PLACE, PlanJob(forum_id=forum_id, number=number), cause=id, owner=caller.org)
    return saved


async def lock_meeting(uow: UnitOfWork, *, forum_id: str, number: int, match_id: str, is_locked: bool) -> PlanBook:
    """A meeting of a draft stays where it is in the plans to come, or may move again. Raises NotFound, InvalidState
    (not-a-draft)."""
    plan = there(await uow.get(FORUM_PLANS, plan_id(forum_id, number)))
    plans.must_be_draft(plan)
    meeting = plan.meeting_of(match_id)
    if meeting is None:
        raise NotFound("That match has no meeting in this plan.")
    book = await uow.get_or(PLAN_BOOKS, PlanBook(id=forum_id))
    after = book.with_lock(meeting) if is_locked else book.without_lock(match_id)
    return uow.put(PLAN_BOOKS, after) if after != book else book


def there(plan: ForumPlan | None) -> ForumPlan:
    """Raises NotFound without one."""
    if plan is None:
        raise NotFound("There is no such plan.")
    return plan


async def readable_plan(database: Database, caller: Caller, forum_id: str, number: int) -> ForumPlan:
    """A plan, for organisers. Raises Forbidden, NotFound."""
    must_plan(caller)
    return there(await database.one(FORUM_PLANS, plan_id(forum_id, number)))


def must_plan(caller: Caller) -> None:
    """Raises Forbidden."""
    if not caller.is_organiser:
        raise Forbidden("Plans of forums are for organisers.")


async def why_plan_failed(database: Database, plan: ForumPlan) -> str | None:
    """Why a plan does not go on: its job was tried for the last time."""
    if plan.is_settled:
        return None
    about = {"payload.forum_id": plan.forum_id, "payload.number": plan.number}
    return await store.why_dead(database, [kind.name for kind in PLAN_KINDS], about)


@dataclass(frozen=True)
class PlanForum:
    """Both halves of the jobs that make a plan."""

    database: Database
    settings: MatchingSettings

    async def place(self, job: Claimed[PlanJob]) -> Placed | None:
        """Reads all; another process places greedily and repairs."""
        plan = await self._plan(job.payload, "placing")
        forum = await self.database.one(FORUMS, job.payload.forum_id)
        if plan is None or forum is None:
            return None
        sources = await sources_of(self.database, forum, self.database.now())
        asked = await asyncio.to_thread(_asked, sources)
        found = await place(asked, seed=plan.seed, limits=self._limits)
        return Placed(asked, SPOTS.dump_json(found.spots), len(found.spots), found.count)

    async def keep_placed(self, uow: UnitOfWork, job: Claimed[PlanJob], found: Placed | None) -> None:
        """Keeps it, and plans the second step."""
        plan = await uow.get(FORUM_PLANS, _id(job.payload))
        if found is None or plan is None or plan.state != "placing":
            return
        await uow.create(PLAN_WORKS, PlanWork(id=plan.id, asked=found.asked, spots=found.spots, made_at=uow.now))
        uow.put(FORUM_PLANS, plan.placing_done(found.pairs, found.placed))
        uow.enqueue(PLAN_PROVE, job.payload, cause=plan.id, owner=plan.made_by)

    async def prove(self, job: Claimed[PlanJob]) -> Proved | None:
        """The solver, tables, the report, and what would help."""
        plan = await self._plan(job.payload, "proving")
        work = await self.database.one(PLAN_WORKS, _id(job.payload))
        if plan is None or work is None:
            return None
        return await prove(work.asked, work.spots, seed=plan.seed, limits=self._limits)

    @property
    def _limits(self) -> PlanLimits:
        """Of each of the two steps."""
        settings = self.settings
        return PlanLimits(settings.plan_seconds / 2, settings.plan_work, settings.plan_memory_mb)

    async def keep_proved(self, uow: UnitOfWork, job: Claimed[PlanJob], found: Proved | None) -> None:
        """The draft is whole."""
        plan = await uow.get(FORUM_PLANS, _id(job.payload))
        if found is not None and plan is not None and plan.state == "proving":
            uow.put(FORUM_PLANS, plan.drafted(found.meetings, found.report))

    async def _plan(self, payload: PlanJob, state: str) -> ForumPlan | None:
        """The plan, unless this step of it is done."""
        found = await self.database.one(FORUM_PLANS, _id(payload))
        return found if found is not None and found.state == state else None


def _asked(sources: Sources) -> bytes:
    return ASKED.dump_json(asked_for(sources))


def _id(payload: PlanJob) -> str:
    return plan_id(payload.forum_id, payload.number)
