"""The job `forget_plans`: who would have met for an erased profile is taken out of drafts, locks and works."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.mongo import Database

from ..job_kinds import FORGET_PLANS, PLAN_PLACE, ErasedJob, PlanJob
from ..plan_sources import books_naming, plans_naming, works_naming
from ..store import FORUM_PLANS, PLAN_BOOKS, PLAN_WORKS

ONCE_MORE = dt.timedelta(minutes=20)
"""Longer than a plan is worked on: one that had been read before the erasure is found the second time."""


@dataclass(frozen=True)
class Naming:
    """Ids of what names a profile."""

    plans: Sequence[str]
    books: Sequence[str]
    works: Sequence[str]


def plan_forgetting(uow: UnitOfWork, erased: ErasedJob, *, cause: str) -> None:
    """At once, and once more later."""
    uow.enqueue(FORGET_PLANS, erased, cause=cause, owner=erased.org)
    uow.enqueue(FORGET_PLANS, erased, cause=f"{cause}:later", owner=erased.org, run_at=uow.now + ONCE_MORE)


@dataclass(frozen=True)
class ForgetInPlans:
    """Both halves of the job."""

    database: Database

    async def work(self, job: Claimed[ErasedJob]) -> Naming:
        """Finds what names the profile."""
        id = job.payload.profile_id
        return Naming(
            await plans_naming(self.database, id),
            await books_naming(self.database, id),
            await works_naming(self.database, id),
        )

    async def apply(self, uow: UnitOfWork, job: Claimed[ErasedJob], found: Naming) -> None:
        """Takes the profile out of it. A meeting keeps its place in the plan, or a publication that goes on would miss
        the next ones; a plan whose work goes is placed again."""
        profile_id = job.payload.profile_id
        for id in found.plans:
            plan = await uow.get(FORUM_PLANS, id)
            if plan is not None:
                uow.put(FORUM_PLANS, plan.without_people_of(profile_id))
        for id in found.books:
            book = await uow.get(PLAN_BOOKS, id)
            if book is not None:
                uow.put(PLAN_BOOKS, book.without_profile(profile_id))
        for id in found.works:
            await self._forget_work(uow, id)

    async def _forget_work(self, uow: UnitOfWork, id: str) -> None:
        work, plan = await uow.get(PLAN_WORKS, id), await uow.get(FORUM_PLANS, id)
        if work is not None:
            uow.delete(PLAN_WORKS, work)
        if plan is not None and plan.state == "proving":
            again = uow.put(FORUM_PLANS, plan.model_copy(update={"state": "placing"}))
            payload = PlanJob(forum_id=plan.forum_id, number=plan.number)
            uow.enqueue(PLAN_PLACE, payload, cause=f"{id}:{again.revision}", owner=plan.made_by)
