"""The job `forget_answers`: what an erasure leaves beside the documents of the profile (docs/rules.md, section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.chassis.commit import Claimed, UnitOfWork, forget_answers, forget_answers_of
from services.chassis.model import Collection, Document
from services.chassis.mongo import Database

from .. import after_store, store
from ..job_kinds import ErasedJob
from ..link_store import LINK_BOOKS, LINKED_CALENDARS, linked_ids
from ..store import AGENDAS, DEBRIEFS, FEEDS, REGISTRATIONS
from .forums import forget_speaker
from .registrations import forget_participant

D = TypeVar("D", bound=Document)


@dataclass(frozen=True)
class Leftovers:
    """What an erasure has not reached yet, by id: agendas of its members, registrations that name the profile, forums
    at which it speaks, its debriefs, feeds and linked calendars of its members, with the book of these."""

    agendas: Sequence[str]
    registrations: Sequence[str]
    forums: Sequence[str]
    debriefs: Sequence[str]
    feeds: Sequence[str]
    linked: Sequence[str]
    books: Sequence[str]


@dataclass(frozen=True)
class ForgetProfile:
    """Both halves of the job: stored answers hold exclusions, busy times and venues; agendas hold busy times;
    registrations at forums that are over hold delegates, debriefs hold notes."""

    database: Database

    async def work(self, job: Claimed[ErasedJob]) -> Leftovers:
        """Removes the answers to the organisation, and those to others about its matches, meetings and registrations.
        Returns what is left; agendas, feeds and linked calendars of its members only if that was its last profile."""
        erased = job.payload
        await forget_answers_of(self.database, erased.org)
        subjects = await store.subjects_of(self.database, erased.profile_id)
        await forget_answers(self.database, subjects)
        is_last = not await store.has_profile(self.database, erased.org)
        return Leftovers(
            await store.agenda_ids(self.database, erased.org) if is_last else [],
            await store.registrations_naming(self.database, erased.profile_id),
            await store.forums_naming(self.database, erased.profile_id),
            await after_store.debrief_ids(self.database, erased.profile_id),
            await after_store.feed_ids(self.database, erased.org) if is_last else [],
            await linked_ids(self.database, erased.org) if is_last else [],
            [erased.org] if is_last else [],
        )

    async def apply(self, uow: UnitOfWork, job: Claimed[ErasedJob], left: Leftovers) -> None:
        """Removes what is left."""
        await _forget_agendas(uow, left.agendas)
        await _delete(uow, DEBRIEFS, left.debriefs)
        await _delete(uow, FEEDS, left.feeds)
        await _delete(uow, LINKED_CALENDARS, left.linked)
        await _delete(uow, LINK_BOOKS, left.books)
        for id in left.forums:
            await forget_speaker(uow, id, job.payload.profile_id)
        await uow.load([REGISTRATIONS.ref(id) for id in left.registrations])
        for id in left.registrations:
            await forget_participant(uow, id, job.payload.profile_id)


async def _forget_agendas(uow: UnitOfWork, agendas: Sequence[str]) -> None:
    """One that is in use again, because the organisation has come back meanwhile, loses only what was there before."""
    await uow.load([AGENDAS.ref(id) for id in agendas])
    for id in agendas:
        agenda = await uow.get(AGENDAS, id)
        if agenda is None:
            continue
        if agenda.is_in_use(uow.now):
            uow.put(AGENDAS, agenda.model_copy(update={"busy": [], "linked": []}))
        else:
            uow.delete(AGENDAS, agenda)


async def _delete(uow: UnitOfWork, collection: Collection[D], ids: Sequence[str]) -> None:
    await uow.load(collection.ref(id) for id in ids)
    for id in ids:
        found = await uow.get(collection, id)
        if found is not None:
            uow.delete(collection, found)
