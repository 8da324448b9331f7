"""victim.py BOOTSTRAP URI DATABASE PREFIX STEP: the whole chain in one process (records in, projection, job, note,
relay), which ends itself with SIGKILL when it comes to STEP; `none` goes on until it is ended. With a sixth word,
`again`, it counts what is sent again, with nothing but the inbox against counting twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from services.chassis.commit import committer, workers
from services.chassis.commit.jobs import Claimed, Job, RunOptions
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in.consumer import Consumer
from services.chassis.kafka_in.group import Membership, connect, subscribe
from services.chassis.kafka_out import relay
from services.chassis.mongo.database import Database
from services.chassis.ops.health import Heartbeat
from tests.integration.chassis.rig import TALLIES, TELL, KeyJob, Rig, Tally, count, project

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
    around(committer, "bulk", before="decided", after="written, not committed")
    around(committer, "commit_with_known_outcome", before="all written", after="committed")
    around(relay.Relay, "_publish", before="rows in hand", after="published, not deleted")
    around(relay.Relay, "_acknowledged", before="sent", after="acknowledged, not committed")
    around(relay.Relay, "_delete", before="to be deleted", after="deleted")
    around(workers.Workers, "_claim", before="to be claimed", after="claimed")


async def work(job: Claimed[KeyJob]) -> int:
    if STEP == "working":
        die()
    return 1


async def told(uow: UnitOfWork, job: Claimed[KeyJob], result: int) -> None:
    tally = await uow.get_or(TALLIES, Tally(id="told"))
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + result}))


async def main() -> None:
    open_windows()
    rig = Rig(BOOTSTRAP, Database(URI, DATABASE, source="/magpie/test"), PREFIX, URI)
    again = sys.argv[6:] == ["again"]
    consumer: Consumer = rig.consumer(count if again else project, max_decisions=20)
    broker = rig.broker()
    group = f"{rig.prefix}.g"
    topics = [rig.again] if again else [rig.incoming]
    subscribe(broker, consumer, topics, Membership(group=group, instance_id=f"{group}-0"))
    async with rig.commands() as lane:
        tell = Job(kind=TELL, work=work, apply=told, options=RunOptions(max_tries=50))
        running = rig.workers(lane, tell, lease_seconds=1.0)
        await connect(broker, Heartbeat("consumer"))
        await asyncio.gather(running.serve(), rig.relay(lease_seconds=1.0, batch=20).serve())


asyncio.run(main())
