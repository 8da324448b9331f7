"""Forums are public: their events are passed on to webhooks, once each."""

from __future__ import annotations

from schemas.envelope import Event
from services.chassis.commit import UnitOfWork
from services.chassis.model import Incoming, Ref, is_newer

from ..domain.projections import ForumRow
from ..store import FORUMS


def forum_reads(event: Incoming[Event]) -> list[Ref]:
    """What `project_forum` will read."""
    return [FORUMS.ref(event.key)]


async def project_forum(uow: UnitOfWork, event: Incoming[Event]) -> None:
    """Stores how far a forum, or a part of a plan, was read. A repeated or older event changes nothing."""
    before = await uow.get_or(FORUMS, ForumRow(id=event.key))
    if is_newer(event.sequence, before):
        uow.put(FORUMS, before.model_copy(update={"sequence": event.sequence}))
