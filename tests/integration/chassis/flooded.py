"""flooded.py BOOTSTRAP URI DATABASE PREFIX GROUP HOW: a process that consumes the incoming topic, a little work a
record; `hoarding` keeps every record, as a consumer without bounds would."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.model.events import Incoming
from services.chassis.mongo.database import Database
from tests.integration.chassis.group import Group
from tests.integration.chassis.rig import TALLIES, Noted, Rig, Tally

BOOTSTRAP, URI, DATABASE, PREFIX, GROUP, HOW = sys.argv[1:7]
hoard: list[Any] = []


async def weigh(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    if HOW == "hoarding":
        hoard.append(event)
    tally = await uow.get(TALLIES, GROUP) or Tally(id=GROUP)
    moved = {"total": tally.total + 1, "sequence": tally.sequence + event.data.n}
    uow.put(TALLIES, tally.model_copy(update=moved))


async def main() -> None:
    rig = Rig(BOOTSTRAP, Database(URI, DATABASE, source="/magpie/test"), PREFIX, URI)
    async with Group(rig, weigh, group=GROUP):
        await asyncio.Event().wait()


asyncio.run(main())
