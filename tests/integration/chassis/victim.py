"""victim.py BOOTSTRAP URI DATABASE PREFIX STEP: the whole chain in one process (records in, projection, job, note,
relay), which ends itself with SIGKILL when it comes to STEP; `none` goes on until it is ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from services.chassis import jobs, relay, settle
from services.chassis.consume import Consumer
from services.chassis.database import Database
from services.chassis.health import Heartbeat
from services.chassis.jobs import Claimed, Job
from services.chassis.listen import connect, subscribe
from services.chassis.uow import UnitOfWork
from tests.integration.chassis.rig import TALLIES, Rig, Tally, project

BOOTSTRAP, URI, DATABASE, PREFIX, STEP = sys.argv[1:6]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def around(owner: Any, name: str, *, before: str, after: str) -> None:
    """Opens two windows at a function of the chassis; the victim dies when it comes by, with work in hand."""
    original: Callable[..., Any] = getattr(owner, name)

    async def windowed(*args: Any, **more: Any) -> Any:
        if before == STEP:
            die()
        result = await original(*args, **more)
        if after == STEP and result is not False and result != []:
            die()
        return result

    setattr(owner, name, windowed)


def open_windows() -> None:
    around(settle, "bulk", before="decided", after="written, not committed")
    around(settle, "commit_for_certain", before="all written", after="committed")
    around(relay.Relay, "_publish", before="rows in hand", after="published, not deleted")
    around(relay.Relay, "_acknowledged", before="sent", after="acknowledged, not committed")
    around(relay.Relay, "_delete", before="to be deleted", after="deleted")
    around(jobs.Workers, "_claim", before="to be claimed", after="claimed")


async def work(job: Claimed) -> int:
    if STEP == "working":
        die()
    return 1


async def told(uow: UnitOfWork, job: Claimed, result: int) -> None:
    tally = await uow.get(TALLIES, "told") or Tally(id="told")
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + result}))


async def main() -> None:
    open_windows()
    rig = Rig(BOOTSTRAP, Database(URI, DATABASE, source="/magpie/test"), PREFIX, URI)
    consumer: Consumer = rig.consumer(project, most=20)
    broker = rig.broker()
    group = f"{rig.prefix}.g"
    subscribe(broker, consumer, [rig.incoming], group=group, session_timeout_ms=6000, group_instance_id=f"{group}-0")
    async with rig.commands() as lane:
        workers = rig.workers(lane, Job("tell", work, told, tries=50), lease_seconds=1.0)
        await connect(broker, Heartbeat("consumer"))
        await asyncio.gather(workers.serve(), rig.relay(lease_seconds=1.0, batch=20).serve())


asyncio.run(main())
