"""`python -m tests.chaos.witness`: a service of the product's chassis whose only effect is to count. Nothing but a
guard keeps a count right, where the product's own effects have a second one behind the first.

records  of profiles, by the cursor alone: one for each record that stands on the topic, repeats too
events   of matches, with the inbox: one for each event
jobs     of matches, a job for each event: one for each event"""

from __future__ import annotations

from fastapi import APIRouter

from schemas.catalogue import EVENTS
from services.chassis.commit.job_kind import JobKind, Payload
from services.chassis.commit.jobs import Claimed, Job
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.kafka_in.subscriptions import AnyHandler, Subscription, on
from services.chassis.model.documents import Collection, Document
from services.chassis.model.events import Incoming
from services.chassis.mongo.database import open_database
from services.chassis.ops.settings import ChassisSettings
from services.chassis.service import Definition, HttpApi, Service

NAME = "witness"
COUNT = JobKind("count", Payload)


class Tally(Document):
    total: int = 0


TALLIES = Collection("tallies", Tally)


async def add(uow: UnitOfWork, id: str) -> None:
    tally = await uow.get_or(TALLIES, Tally(id=id))
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + 1}))


async def count_record(uow: UnitOfWork, event: Incoming[object]) -> None:
    """All partitions at one document: they must see each other."""
    await add(uow, "records")


async def count_event(uow: UnitOfWork, event: Incoming[object]) -> None:
    await add(uow, "events")
    uow.enqueue(COUNT, Payload(), cause=event.id)


async def count_job(uow: UnitOfWork, job: Claimed[Payload]) -> None:
    await add(uow, "jobs")


def listening(topic: str, handler: AnyHandler, *, inbox: bool) -> Subscription:
    routes = [route for event in EVENTS.values() if event.topic == topic for route in on(event, handle=handler)]
    return Subscription(topic, routes, inbox=inbox)


def build(settings: ChassisSettings) -> Service:
    subscriptions = [
        listening("profiles", count_record, inbox=False),
        listening("matches", count_event, inbox=True),
    ]
    return Service(
        Definition(NAME, [TALLIES], subscriptions, [Job.deciding(COUNT, count_job)]),
        settings,
        open_database(NAME, settings),
        HttpApi(APIRouter(), port=8105),
    )


if __name__ == "__main__":
    build(ChassisSettings()).run()
