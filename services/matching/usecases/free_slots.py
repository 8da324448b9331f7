"""Starts at which two members can meet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import islice

from services.chassis.mongo import Database

from .. import store
from ..domain.calendar import LENGTH, starts
from ..domain.meeting import claim_id, slots

DAYS_AHEAD = 14
MAX_ALTERNATIVES = 5


async def free_starts(
    database: Database, members: Sequence[str], start: dt.datetime, end: dt.datetime, limit: int
) -> list[dt.datetime]:
    """Starts in the common working hours at which no member is taken or busy, as committed now."""
    agendas = await store.agendas(database, members)
    taken = await store.claimed(database, members, start, end + LENGTH)

    def is_free(at: dt.datetime) -> bool:
        if not all(agenda.is_free(at, at + LENGTH) for agenda in agendas):
            return False
        return not any(claim_id(member, slot) in taken for member in members for slot in slots(at, at + LENGTH))

    return list(islice((at for at in starts(start, end) if at > start and is_free(at)), limit))


async def alternatives(database: Database, meeting_id: str) -> list[dt.datetime]:
    """The next free starts of a meeting's members, after the time that could not be confirmed."""
    wanted = await database.one(store.MEETINGS, meeting_id)
    if wanted is None:
        return []
    start = max(wanted.move.start if wanted.move else wanted.start, database.now())
    end = start + dt.timedelta(days=DAYS_AHEAD)
    return await free_starts(database, wanted.members, start, end, MAX_ALTERNATIVES)
