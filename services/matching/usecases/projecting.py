"""A profile's events: keep its public state; a newer one is embedded, one that is gone ends what it was part of."""

from __future__ import annotations

from typing import Any

from schemas.profiles import ProfileState
from services.chassis.documents import Ref, is_news
from services.chassis.events import Incoming
from services.chassis.uow import UnitOfWork

from ..domain.candidate import row_of
from ..store import DESKS, INDEXED, PROFILES
from .embedding import EMBED
from .ending import end_everything


def reads(event: Incoming[Any]) -> list[Ref]:
    return [PROFILES.ref(event.key), DESKS.ref(event.key), INDEXED.ref(event.key)]


async def keep_profile(uow: UnitOfWork, event: Incoming[ProfileState | None]) -> None:
    """Repeats and rewinds change nothing: the row's sequence tells."""
    before = await uow.get(PROFILES, event.key)
    if not is_news(before, event.sequence):
        return
    row = uow.put(PROFILES, row_of(before, event.key, event.sequence, event.data))
    if row.is_public:
        payload = {"profile_id": row.id, "sequence": row.sequence}
        uow.enqueue(EMBED, cause=event.id, payload=payload)
        return
    await end_everything(uow, row.id, reason="profile_erased" if event.data is None else "profile_withdrawn")
