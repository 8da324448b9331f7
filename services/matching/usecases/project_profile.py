"""Stores what a profile's events say. A newer public state is embedded; a profile that is no longer public ends its
matches."""

from __future__ import annotations

from schemas.profiles import ProfileState
from services.chassis.commit import UnitOfWork
from services.chassis.model import Incoming, Ref, is_newer

from ..domain.profile_row import profile_row_after
from ..job_kinds import EMBED, FORGET_ANSWERS, ErasedJob, ProfileJob
from ..store import DESKS, INDEXED, PROFILES
from .end_match import end_profile
from .forget_in_plans import plan_forgetting


def reads(event: Incoming[object]) -> list[Ref]:
    """The documents that `project_profile` needs."""
    return [PROFILES.ref(event.key), DESKS.ref(event.key), INDEXED.ref(event.key)]


async def project_profile(uow: UnitOfWork, event: Incoming[ProfileState | None]) -> None:
    """Applies an event of a profile; None is an erasure. A repeated or older event changes nothing."""
    before = await uow.get(PROFILES, event.key)
    if not is_newer(event.sequence, before):
        return
    row = profile_row_after(before, event.key, event.sequence, event.data)
    if row.is_public:
        since = before.published_at if before is not None and before.is_public else event.time
        row = row.model_copy(update={"published_at": since})
    row = uow.put(PROFILES, row)
    if row.is_public:
        # The event names the job, so a batch that is decided again plans the same one.
        uow.enqueue(EMBED, ProfileJob(profile_id=row.id, sequence=row.sequence), cause=event.id, owner=row.owner)
        return
    await end_profile(uow, row.id, reason="profile_erased" if event.data is None else "profile_withdrawn")
    if event.data is None and before is not None and before.owner:
        erased = ErasedJob(profile_id=row.id, org=before.owner)
        uow.enqueue(FORGET_ANSWERS, erased, cause=event.id, owner=before.owner)
        plan_forgetting(uow, erased, cause=event.id)
