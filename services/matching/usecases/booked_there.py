"""The booked meetings that hold any of some claims."""

from __future__ import annotations

from collections.abc import Iterable

from services.chassis.commit import UnitOfWork
from services.chassis.ops import Slices

from ..domain.meeting import Meeting
from ..store import CLAIMS, MEETINGS


async def booked_there(uow: UnitOfWork, claims: Iterable[str]) -> list[Meeting]:
    """Those to come, by id. The caller writes something that a booking there expects, or one at the same moment is
    missed."""
    ids = sorted(claims)
    await uow.load(CLAIMS.ref(id) for id in ids)
    held, slices = set[str](), Slices()
    for id in ids:
        claim = await uow.get(CLAIMS, id)
        held |= {claim.meeting_id} if claim is not None else set()
        await slices.turn()
    await uow.load(MEETINGS.ref(id) for id in held)
    found = [await uow.get(MEETINGS, id) for id in sorted(held)]
    return [one for one in found if one is not None and one.start > uow.now]
