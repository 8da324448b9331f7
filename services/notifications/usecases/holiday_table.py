"""The table of holidays that matching has loaded: it is kept, and what waits is planned again (docs/rules.md,
section 11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.calendars import HOLIDAYS_ID, CalendarUpdated
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import Incoming, Ref, is_newer
from services.chassis.mongo import Database

from .. import store
from ..domain.projections import HolidayRow, holiday_row
from ..job_kinds import REPLAN, ReplanJob
from ..store import HOLIDAYS, RECIPIENTS
from .plan_mail import replan_waiting

REPLAN_AFTER = dt.timedelta(seconds=60)
"""Longer than any decision takes that has seen the table before."""
AT_ONCE = 25
"""Recipients in one decision, so that a large forum is no large transaction."""


def holiday_reads(event: Incoming[CalendarUpdated]) -> list[Ref]:
    """What `project_holidays` will read."""
    return [HOLIDAYS.ref(event.key)]


async def project_holidays(uow: UnitOfWork, event: Incoming[CalendarUpdated]) -> None:
    """Stores the table. A minute later what waits is planned again; what is decided meanwhile has seen the new one.

    A table with another key means something that this version does not know, and is not kept."""
    if event.key != HOLIDAYS_ID:
        return
    before = await uow.get_or(HOLIDAYS, HolidayRow(id=event.key))
    if is_newer(event.sequence, before):
        uow.put(HOLIDAYS, holiday_row(before, event.sequence, event.data))
        job = ReplanJob(sequence=event.sequence)
        uow.enqueue(REPLAN, job, cause=str(event.sequence), run_at=uow.now + REPLAN_AFTER)


@dataclass(frozen=True)
class ReplanWaiting:
    """The job `replan`: some recipients for whom mail waits; the next job goes on with those behind them."""

    database: Database

    async def work(self, job: Claimed[ReplanJob]) -> list[str]:
        """Ids of the next recipients."""
        return await store.waiting_recipients(self.database, after=job.payload.after, limit=AT_ONCE)

    async def apply(self, uow: UnitOfWork, job: Claimed[ReplanJob], ids: Sequence[str]) -> None:
        """Mail may leave earlier now, or has to wait longer: it is decided by the table that is loaded."""
        sequence = job.payload.sequence
        await uow.load([RECIPIENTS.ref(id) for id in ids])
        for id in ids:
            recipient = await uow.get(RECIPIENTS, id)
            if recipient is not None:
                await replan_waiting(uow, recipient, cause=f"{HOLIDAYS_ID}/{sequence}")
        if len(ids) == AT_ONCE:
            uow.enqueue(REPLAN, ReplanJob(sequence=sequence, after=ids[-1]), cause=f"{sequence}/{ids[-1]}")
