"""`python -m tests.chaos.witness`: a service of the product's chassis whose only effect is to count. Nothing but a
guard keeps a count right, where the product's own effects have a second one behind the first.

records  of profiles, by the cursor alone: one for each record that stands on the topic, repeats too
events   of matches, with the inbox: one for each event
jobs     of matches, a job for each event: one for each event"""

from __future__ import annotations

from fastapi import APIRouter

from schemas.catalogue import EVENTS
from services.chassis.documents import Collection, Document
from services.chassis.events import Incoming
from services.chassis.jobs import Claimed, Job
from services.chassis.records import Handler, Subscription
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings
from services.chassis.uow import UnitOfWork

NAME = "witness"
KIND = "count"


class Tally(Document):
    total: int = 0


TALLIES = Collection("tallies", Tally)


async def add(uow: UnitOfWork, id: str) -> None:
    tally = await uow.get(TALLIES, id) or Tally(id=id)
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + 1}))


async def count_record(uow: UnitOfWork, event: Incoming[object]) -> None:
    """All partitions at one document: they must see each other."""
    await add(uow, "records")


async def count_event(uow: UnitOfWork, event: Incoming[object]) -> None:
    await add(uow, "events")
    uow.enqueue(KIND, cause=event.id)


async def work(job: Claimed) -> None:
    """What takes time elsewhere; here only the window after it matters."""


async def settle(uow: UnitOfWork, job: Claimed, result: None) -> None:
    await add(uow, "jobs")


def listening(topic: str, handler: Handler, *, inbox: bool) -> Subscription:
    handlers = {event: handler for event in EVENTS.values() if event.topic == topic}
    return Subscription(topic, handlers, inbox=inbox)


def build(settings: ChassisSettings) -> Service:
    return Service(
        NAME,
        settings,
        database=open_database(NAME, settings),
        port=8105,
        api=APIRouter(),
        collections=[TALLIES],
        subscriptions=[
            listening("profiles", count_record, inbox=False),
            listening("matches", count_event, inbox=True),
        ],
        jobs=[Job(KIND, work, settle)],
    )


if __name__ == "__main__":
    build(ChassisSettings()).run()
