"""After a change of the encoder, or of what was learnt for it: profiles of before are encoded again, in the
background."""

from __future__ import annotations

from functools import partial

from services.chassis.commit import Commands, UnitOfWork
from services.chassis.mongo import Database

from ..job_kinds import EMBED, ProfileJob
from ..store import INDEXED, PROFILES, encoded_otherwise

BATCH = 100


async def reencode_all(database: Database, commands: Commands, encoder: str) -> None:
    """Plans a job for each profile that has entries of another encoder, and returns when none is left. Several replicas
    may do it at once: each profile is planned once."""
    while ids := await encoded_otherwise(database, encoder, limit=BATCH):
        for id in ids:
            await commands.run(partial(plan_encoding, id=id, encoder=encoder), patient=True)


async def plan_encoding(uow: UnitOfWork, *, id: str, encoder: str) -> None:
    """Takes the old entries away, which no other entry can be compared with, and plans the encoding. Open matches
    stay; they are scored again afterwards."""
    indexed, row = await uow.get(INDEXED, id), await uow.get(PROFILES, id)
    if indexed is None or all(entry.encoder == encoder for entry in indexed.entries):
        return
    uow.put(INDEXED, indexed.model_copy(update={"entries": [], "unproposed": []}))
    if row is not None and row.is_public:
        job = ProfileJob(profile_id=id, sequence=row.sequence)
        uow.enqueue(EMBED, job, cause=f"{encoder}:{id}:{row.sequence}", owner=row.owner)
