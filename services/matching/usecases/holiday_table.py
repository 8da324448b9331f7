"""The table of holidays, which is loaded while running; what it touches is told at once (docs/rules.md, section 7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model import IfMatch
from services.chassis.mongo import Database

from .. import store
from ..domain.calendar import HolidayTable, WorkCalendar, closed_country, to_event
from ..job_kinds import RECHECK, RECHECK_ALL, MeetingJob, TableJob
from ..store import HOLIDAYS, HOLIDAYS_ID

SECOND_LOOK_AFTER = dt.timedelta(seconds=60)
"""Longer than a command may take."""


async def calendar_of(uow: UnitOfWork) -> WorkCalendar:
    """The calendar by which this decision is judged. It is not expected at the commit, because all bookings of all
    replicas would meet there; a booking that has seen the table before is found by the second look of `load_table`."""
    table = await uow.get(HOLIDAYS, HOLIDAYS_ID)
    return (table or HolidayTable(id=HOLIDAYS_ID)).calendar()


async def loaded_table(database: Database) -> HolidayTable:
    """The table that is loaded now; an empty one if there is none."""
    return await database.one(HOLIDAYS, HOLIDAYS_ID) or HolidayTable(id=HOLIDAYS_ID)


async def load_table(uow: UnitOfWork, *, table: HolidayTable, if_match: IfMatch) -> HolidayTable:
    """Replaces the whole table. A job looks at all bookings at once, and once more when every decision that was under
    way has been committed. Raises StaleRevision."""
    before = await uow.get(HOLIDAYS, HOLIDAYS_ID)
    if_match.must_match(before.revision if before else 0, required=False)
    fields = {"version": table.version, "days": table.days, "announced": table.announced}
    loaded = (before or table).model_copy(update=fields)
    saved = uow.put(HOLIDAYS, loaded, to_event(loaded))
    if before is not None and saved.revision == before.revision:
        return saved  # the same table again
    for look, wait in enumerate((dt.timedelta(), SECOND_LOOK_AFTER)):
        cause = f"{HOLIDAYS_ID}:{saved.revision}:{look}"
        uow.enqueue(RECHECK_ALL, TableJob(revision=saved.revision), cause=cause, run_at=uow.now + wait)
    return saved


@dataclass(frozen=True)
class RecheckAll:
    """The job `recheck_all`: plans a check of each booking on a day that one country does not work any more."""

    database: Database

    async def work(self, job: Claimed[TableJob]) -> list[str]:
        """Ids of the bookings that the table touches. Those that are confirmed later have seen it."""
        calendar = (await loaded_table(self.database)).calendar()
        booked = await store.booked_after(self.database, self.database.now())
        touched = ((meeting, closed_country(meeting.start, calendar)) for meeting in booked)
        return [meeting.id for meeting, country in touched if country and country not in meeting.conflicts]

    async def apply(self, uow: UnitOfWork, job: Claimed[TableJob], touched: Sequence[str]) -> None:
        """One job for each, so that a large forum is no large transaction."""
        for meeting_id in touched:
            uow.enqueue(RECHECK, MeetingJob(meeting_id=meeting_id), cause=f"{meeting_id}:table:{job.payload.revision}")
