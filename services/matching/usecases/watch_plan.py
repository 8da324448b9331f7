"""How a plan comes on, for server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from services.chassis.model import Caller, QuotaReached
from services.chassis.mongo import Database

from ..domain.forum_plans.plan import ForumPlan
from ..store import PUBLICATIONS
from .plan_forum import readable_plan, why_plan_failed

LOOK_SECONDS = 0.5
ALIVE_LOOKS = 20
"""Looks without a change after which a sign of life is sent."""
MAX_SECONDS = 600.0
MAX_WATCHERS = 20


class Watchers:
    """How many watch at this process; each looks again and again."""

    def __init__(self) -> None:
        """No one yet."""
        self.now = 0

    def must_have_room(self) -> None:
        """Raises QuotaReached (too-many-streams)."""
        if self.now >= MAX_WATCHERS:
            detail = "All places for streams are taken; ask again later, or read the plan itself."
            raise QuotaReached("too-many-streams", detail, retry_after=30)


WATCHERS = Watchers()


async def watch_plan(database: Database, caller: Caller, forum_id: str, number: int) -> AsyncIterator[ForumPlan | None]:
    """The plan at once, and at every change; None as a sign of life. Ends when it changes no more by itself."""
    seen, idle, end = None, 0, asyncio.get_running_loop().time() + MAX_SECONDS
    WATCHERS.now += 1
    try:
        while asyncio.get_running_loop().time() < end:
            plan = await readable_plan(database, caller, forum_id, number)
            progress = await database.one(PUBLICATIONS, plan.id)
            now, idle = (plan.revision, progress.revision if progress else 0), idle + 1
            if now != seen:
                seen, idle = now, 0
                yield plan
            elif idle % ALIVE_LOOKS == 0:
                yield None
            if plan.is_settled or await why_plan_failed(database, plan):
                return
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        WATCHERS.now -= 1
