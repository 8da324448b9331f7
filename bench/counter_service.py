"""counter_service.py VARIANT PREFIX: a process with counters. An HTTP command adds to one, and emits an event.

naive     the usual way: FastAPI, find_one_and_update, then aiokafka's send_and_wait; no tokens, no guards
magpie    written with the chassis: middleware, commands, unit of work, relay
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar

import uvicorn
from aiokafka import AIOKafkaProducer
from fastapi import APIRouter, FastAPI, Response
from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import BaseModel
from pymongo import ReturnDocument

from schemas.envelope import Event
from services.chassis.commit import Answer, UnitOfWork
from services.chassis.http import CommandRequest, Input, StrictRoute
from services.chassis.model import Collection, Document
from services.chassis.mongo import open_database
from services.chassis.ops import ChassisSettings
from services.chassis.service import Definition, HttpApi, Service

VARIANT, PREFIX = sys.argv[1:3]


class CounterChanged(Event):
    """The new total of a counter."""

    event_type: ClassVar[str] = "bench.counter.counted"
    topic: ClassVar[str] = "counters"
    id: str
    total: int
    note: str


class Counter(Document):
    """A counter, and the note of the command that changed it last."""

    total: int
    note: str


COUNTERS = Collection("counters", Counter, topic="counters")


class AddIn(Input):
    """Body of the command."""

    amount: int
    note: str


class CounterOut(BaseModel):
    """Body of the answer."""

    id: str
    total: int
    note: str


# -- with the chassis

router = APIRouter(route_class=StrictRoute)


class Command(CommandRequest[None]):
    """A command without dependencies."""


@router.post("/v1/counters/{counter_id}", response_model=CounterOut)
async def add(counter_id: str, body: AddIn, command: Command) -> Response:
    """Adds to a counter."""
    return await command.run(
        lambda uow: add_to(uow, id=counter_id, body=body), answer=counter_answer, reads=[COUNTERS.ref(counter_id)]
    )


async def add_to(uow: UnitOfWork, *, id: str, body: AddIn) -> Counter:
    """The use case: loads or creates the counter, and saves it with its event."""
    known = await uow.get_or(COUNTERS, Counter(id=id, total=0, note=body.note))
    counter = known.model_copy(update={"total": known.total + body.amount, "note": body.note})
    return uow.put(COUNTERS, counter, CounterChanged(id=id, total=counter.total, note=counter.note))


def counter_answer(counter: Counter) -> Answer:
    """The answer of the command, with the counter's revision."""
    out = CounterOut(id=counter.id, total=counter.total, note=counter.note)
    return Answer.of(out, subject=counter.id, revision=counter.revision)


def magpie_service(settings: ChassisSettings) -> Service:
    """The variant `magpie`."""
    database = open_database("bench", settings)
    return Service(Definition("bench", [COUNTERS]), settings, database, HttpApi(router, port=0))


# -- the usual way


def naive_app(settings: ChassisSettings) -> FastAPI:
    """The variant `naive`: a crash between write and send loses the event."""
    client: Any = AsyncIOMotorClient(settings.mongo_uri)
    counters = client[f"{settings.database_prefix}bench"].counters
    topic = settings.names.topic("counters")
    started: list[AIOKafkaProducer] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap, acks="all") as producer:
            started.append(producer)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/readyz")
    async def readyz() -> Response:
        return Response()

    @app.post("/v1/counters/{counter_id}", response_model=CounterOut)
    async def add(counter_id: str, body: AddIn) -> CounterOut:
        doc = await counters.find_one_and_update(
            {"_id": counter_id},
            {"$inc": {"total": body.amount}, "$set": {"note": body.note}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        out = CounterOut(id=counter_id, total=doc["total"], note=doc["note"])
        await started[0].send_and_wait(topic, out.model_dump_json().encode(), key=counter_id.encode())
        return out

    return app


def main() -> None:
    """Runs the variant that the command line names."""
    settings = ChassisSettings(topic_prefix=PREFIX, database_prefix=f"{PREFIX}_", log_level="WARNING")
    run = partial(uvicorn.run, host=settings.http_host, port=settings.http_port or 0, loop="uvloop", http="httptools")
    # Both run on uvloop and httptools, so that only the code of the variants differs.
    if VARIANT == "magpie":
        magpie_service(settings).run()
    else:
        run(naive_app(settings), access_log=False, log_level="warning")


main()
