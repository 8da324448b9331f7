"""Profiles that were never encoded, or never completed by the second encoder, because that job has died, are encoded
once more; those whose search has never come to its end, because its job has died or is gone, are searched for once
more; linked calendars whose reading is overdue are read.

A pair that such a search would have found is found by no other: the partner has been searched for long ago."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

from services.chassis.commit import Commands, JobKind, Payload, UnitOfWork, dead_about, still_planned
from services.chassis.mongo import Database, explain
from services.chassis.ops import Backoff, logger, run_forever

from ..domain.indexed_profile import IndexedProfile
from ..domain.profile_row import ProfileRow
from ..job_kinds import EMBED, EMBED_SECOND, PROPOSE, READ_CALENDAR, ProfileJob
from ..link_store import overdue_links
from ..store import INDEXED, PROFILES, unproposed
from .embed_profile import lacking
from .linked_calendars import OVERDUE, plan_reading

log = logger(__name__)
SWEEP_SECONDS = 300.0
MAX_SWEEPS = 6
"""For one profile, with pauses of 5, 20, 80 minutes and so on between them: then its dead job waits for a person."""
MAX_LOOKED_AT = 1000
P = TypeVar("P", bound=Payload)
Plan = Callable[..., Awaitable[bool]]


async def sweep_forever(database: Database, commands: Commands) -> None:
    """Runs until cancelled. Several replicas may do it: each search is planned once."""

    async def turn() -> None:
        await asyncio.sleep(SWEEP_SECONDS)
        log.info("swept", planned=await sweep(database, commands))

    def report(error: BaseException) -> None:
        log.warning("not_swept", error=explain(error))

    await run_forever(turn, backoff=Backoff(1.0, 60.0), report=report)


async def sweep(database: Database, commands: Commands) -> int:
    """Plans what is missing. Returns how many jobs."""
    unencoded = await dead_about(database, EMBED, "profile_id", limit=MAX_LOOKED_AT)
    planned = await _planned(database, commands, EMBED, unencoded, plan_embedding)
    incomplete = await dead_about(database, EMBED_SECOND, "profile_id", limit=MAX_LOOKED_AT)
    planned += await _planned(database, commands, EMBED_SECOND, incomplete, plan_completing)
    unsearched = await unproposed(database, limit=MAX_LOOKED_AT)
    planned += await _planned(database, commands, PROPOSE, unsearched, plan_search)
    overdue = await overdue_links(database, database.now() - OVERDUE, limit=MAX_LOOKED_AT)
    return planned + await _planned(database, commands, READ_CALENDAR, overdue, plan_reading, field="link_id")


async def _planned(
    database: Database,
    commands: Commands,
    kind: JobKind[P],
    ids: Sequence[str],
    plan: Plan,
    *,
    field: str = "profile_id",
) -> int:
    waiting = await still_planned(database, kind, field, ids)
    return sum([await commands.run(partial(plan, id=id), patient=True) for id in ids if id not in waiting])


async def plan_embedding(uow: UnitOfWork, *, id: str) -> bool:
    """Plans that a profile is encoded once more, unless it was, or it is too early. A later revision that is encoded
    makes up for those before."""
    indexed, row = await uow.get(INDEXED, id), await uow.get(PROFILES, id)
    if row is None or not row.is_public or (indexed is not None and indexed.sequence == row.sequence):
        return False
    if not _is_due(row, uow.now):
        return False
    uow.put(PROFILES, row.model_copy(update=_once_more(row, uow.now)))
    _plan(uow, EMBED, row, row.sweeps)
    return True


async def plan_completing(uow: UnitOfWork, *, id: str) -> bool:
    """Plans that the second encoder completes a profile once more, unless it has, or it is too early."""
    indexed, row = await uow.get(INDEXED, id), await uow.get(PROFILES, id)
    if indexed is None or row is None or not row.is_public or row.sequence != indexed.sequence:
        return False
    if not indexed.completing or not lacking(indexed, row, indexed.completing) or not _is_due(row, uow.now):
        return False
    uow.put(PROFILES, row.model_copy(update=_once_more(row, uow.now)))
    _plan(uow, EMBED_SECOND, row, row.sweeps)
    return True


async def plan_search(uow: UnitOfWork, *, id: str) -> bool:
    """Plans one more search, unless it is too early, or the profile has a later revision, which has a job of its
    own."""
    indexed, row = await uow.get(INDEXED, id), await uow.get(PROFILES, id)
    if indexed is None or row is None or not row.is_public or row.sequence != indexed.sequence:
        return False
    if not indexed.unproposed or not _is_due(indexed, uow.now):
        return False
    uow.put(INDEXED, indexed.model_copy(update=_once_more(indexed, uow.now)))
    _plan(uow, PROPOSE, row, indexed.sweeps)
    return True


def _is_due(swept: ProfileRow | IndexedProfile, now: dt.datetime) -> bool:
    return swept.sweeps < MAX_SWEEPS and (swept.sweep_at is None or swept.sweep_at <= now)


def _once_more(swept: ProfileRow | IndexedProfile, now: dt.datetime) -> dict[str, object]:
    """What is noted of it."""
    pause = dt.timedelta(seconds=SWEEP_SECONDS * 4**swept.sweeps)
    return {"sweeps": swept.sweeps + 1, "sweep_at": now + pause}


def _plan(uow: UnitOfWork, kind: JobKind[ProfileJob], row: ProfileRow, sweeps: int) -> None:
    job = ProfileJob(profile_id=row.id, sequence=row.sequence)
    uow.enqueue(kind, job, cause=f"sweep:{row.id}:{row.sequence}:{sweeps}", owner=row.owner)
