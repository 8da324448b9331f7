"""Profiles whose search has never come to its end are searched for once more: their job has died, or is gone.

A pair that such a search would have found is found by no other: the partner has been searched for long ago."""

from __future__ import annotations

import asyncio
import datetime as dt
from functools import partial

from services.chassis.commit import Commands, UnitOfWork, still_planned
from services.chassis.mongo import Database, explain
from services.chassis.ops import Backoff, logger, run_forever

from ..job_kinds import PROPOSE, ProfileJob
from ..store import INDEXED, PROFILES, unproposed

log = logger(__name__)
SWEEP_SECONDS = 300.0
MAX_SWEEPS = 6
"""For one profile, with pauses of 5, 20, 80 minutes and so on between them: then its dead job waits for a person."""
MAX_LOOKED_AT = 1000


async def sweep_forever(database: Database, commands: Commands) -> None:
    """Runs until cancelled. Several replicas may do it: each search is planned once."""

    async def turn() -> None:
        await asyncio.sleep(SWEEP_SECONDS)
        log.info("swept", planned=await sweep(database, commands))

    def report(error: BaseException) -> None:
        log.warning("not_swept", error=explain(error))

    await run_forever(turn, backoff=Backoff(1.0, 60.0), report=report)


async def sweep(database: Database, commands: Commands) -> int:
    """Plans the searches that are missing. Returns how many."""
    ids = await unproposed(database, limit=MAX_LOOKED_AT)
    waiting = await still_planned(database, PROPOSE, "profile_id", ids)
    planned = [await commands.run(partial(plan_search, id=id), patient=True) for id in ids if id not in waiting]
    return sum(planned)


async def plan_search(uow: UnitOfWork, *, id: str) -> bool:
    """Plans one more search, unless it is too early, or the profile has a later revision, which has a job of its
    own."""
    indexed, row = await uow.get(INDEXED, id), await uow.get(PROFILES, id)
    if indexed is None or row is None or not row.is_public or row.sequence != indexed.sequence:
        return False
    if not indexed.unproposed or indexed.sweeps >= MAX_SWEEPS:
        return False
    if indexed.sweep_at is not None and indexed.sweep_at > uow.now:
        return False
    pause = dt.timedelta(seconds=SWEEP_SECONDS * 4**indexed.sweeps)
    uow.put(INDEXED, indexed.model_copy(update={"sweeps": indexed.sweeps + 1, "sweep_at": uow.now + pause}))
    job = ProfileJob(profile_id=id, sequence=row.sequence)
    uow.enqueue(PROPOSE, job, cause=f"sweep:{id}:{row.sequence}:{indexed.sweeps}", owner=row.owner)
    return True
