"""After a change of the encoders, or of what was learnt for them: profiles of before are encoded again, in the
background."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from services.chassis.commit import Commands, UnitOfWork
from services.chassis.mongo import Database

from ..job_kinds import EMBED, EMBED_SECOND, ProfileJob
from ..store import INDEXED, PROFILES, encoded_otherwise, to_be_completed

BATCH = 100


async def reencode_all(database: Database, commands: Commands, encoders: Sequence[str]) -> None:
    """Plans a job for each profile that has entries of another encoder, or lacks the first one; and for each one that
    the second has still to complete. Returns when none is left. Several replicas may do it at once: each profile is
    planned once."""
    while ids := await encoded_otherwise(database, encoders, limit=BATCH):
        for id in ids:
            await commands.run(partial(plan_encoding, id=id, encoders=encoders), patient=True)
    for second in encoders[1:]:
        while ids := await to_be_completed(database, second, limit=BATCH):
            for id in ids:
                await commands.run(partial(plan_completion, id=id, second=second), patient=True)


async def plan_encoding(uow: UnitOfWork, *, id: str, encoders: Sequence[str]) -> None:
    """Takes the old entries away, which no other entry can be compared with, and plans the encoding. Open matches
    stay; they are scored again afterwards. Nothing is planned where every entry has the first encoding beside."""
    indexed, row = await uow.get(INDEXED, id), await uow.get(PROFILES, id)
    if indexed is None:
        return
    kept = [entry for entry in indexed.entries if entry.encoder in encoders]
    has_first = {entry.id for entry in kept if entry.encoder == encoders[0]}
    if all(entry.id in has_first for entry in indexed.entries):
        uow.put(INDEXED, indexed.model_copy(update={"entries": kept}))
        return
    uow.put(INDEXED, indexed.model_copy(update={"entries": [], "unproposed": []}))
    if row is not None and row.is_public:
        job = ProfileJob(profile_id=id, sequence=row.sequence)
        uow.enqueue(EMBED, job, cause=f"{encoders[0]}:{id}:{row.sequence}", owner=row.owner)


async def plan_completion(uow: UnitOfWork, *, id: str, second: str) -> None:
    """Plans that the second encoder completes a profile."""
    indexed, row = await uow.get(INDEXED, id), await uow.get(PROFILES, id)
    if indexed is None or indexed.completing == second:
        return
    uow.put(INDEXED, indexed.model_copy(update={"completing": second}))
    if row is not None and row.is_public:
        job = ProfileJob(profile_id=id, sequence=indexed.sequence)
        uow.enqueue(EMBED_SECOND, job, cause=f"{second}:{id}:{indexed.sequence}", owner=row.owner)
