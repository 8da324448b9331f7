"""The job `forget_answers`: what an erasure leaves beside the documents of the profile (docs/rules.md, section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.commit import Claimed, UnitOfWork, forget_answers, forget_answers_of
from services.chassis.mongo import Database

from .. import store
from ..job_kinds import ErasedJob
from ..store import AGENDAS


@dataclass(frozen=True)
class ForgetProfile:
    """Both halves of the job: stored answers hold exclusions, busy times and venues; agendas hold busy times."""

    database: Database

    async def work(self, job: Claimed[ErasedJob]) -> list[str]:
        """Removes the answers to the organisation, and those to others about its matches and meetings. Returns the
        agendas of its members if that was its last profile."""
        erased = job.payload
        await forget_answers_of(self.database, erased.org)
        subjects = await store.subjects_of(self.database, erased.profile_id)
        await forget_answers(self.database, subjects)
        if await store.has_profile(self.database, erased.org):
            return []
        return await store.agenda_ids(self.database, erased.org)

    async def apply(self, uow: UnitOfWork, job: Claimed[ErasedJob], agendas: Sequence[str]) -> None:
        """Removes the agendas. One that is in use again, because the organisation has come back meanwhile, loses only
        what was there before."""
        await uow.load([AGENDAS.ref(id) for id in agendas])
        for id in agendas:
            agenda = await uow.get(AGENDAS, id)
            if agenda is None:
                continue
            if agenda.is_in_use(uow.now):
                uow.put(AGENDAS, agenda.model_copy(update={"busy": []}))
            else:
                uow.delete(AGENDAS, agenda)
