"""commanded.py VARIANT PREFIX: one process that counts by HTTP and tells each count as an event.

naive     what people write: FastAPI, find_one_and_update, then aiokafka's send_and_wait; no tokens, no guards
magpie    a service of ours: its gate, its commands, its unit of work and relay
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
from services.chassis.documents import Collection, Document
from services.chassis.http import Acting, Answer, Input, StrictRoute
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings
from services.chassis.uow import UnitOfWork

VARIANT, PREFIX = sys.argv[1:3]


class Counted(Event):
    event_type: ClassVar[str] = "bench.counter.counted"
    topic: ClassVar[str] = "counters"
    id: str
    total: int
    note: str


class Counter(Document):
    total: int
    note: str


COUNTERS = Collection("counters", Counter, topic="counters")


class Add(Input):
    amount: int
    note: str


class Shown(BaseModel):
    id: str
    total: int
    note: str


# -- ours

router = APIRouter(route_class=StrictRoute)


@router.post("/v1/counters/{counter_id}", response_model=Shown)
async def add(counter_id: str, body: Add, acting: Acting) -> Response:
    return await acting.run(count, answer=answered, reads=[COUNTERS.ref(counter_id)], id=counter_id, body=body)


async def count(uow: UnitOfWork, *, id: str, body: Add) -> Counter:
    known = await uow.get(COUNTERS, id) or Counter(id=id, total=0, note=body.note)
    counter = known.model_copy(update={"total": known.total + body.amount, "note": body.note})
    return uow.put(COUNTERS, counter, Counted(id=id, total=counter.total, note=counter.note))


def answered(counter: Counter) -> Answer:
    shown = Shown(id=counter.id, total=counter.total, note=counter.note)
    return Answer.of(shown, subject=counter.id, revision=counter.revision)


def ours(settings: ChassisSettings) -> Service:
    database = open_database("bench", settings)
    return Service("bench", settings, database=database, port=0, api=router, collections=[COUNTERS])


# -- as people write it


def naive(settings: ChassisSettings) -> FastAPI:
    client: Any = AsyncIOMotorClient(settings.mongo_uri)
    counters = client[f"{settings.database_prefix}bench"].counters
    topic = settings.topic("counters")
    started: list[AIOKafkaProducer] = []

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap, acks="all") as producer:
            started.append(producer)
            yield

    app = FastAPI(lifespan=life)

    @app.get("/readyz")
    async def readyz() -> Response:
        return Response()

    @app.post("/v1/counters/{counter_id}", response_model=Shown)
    async def add(counter_id: str, body: Add) -> Shown:
        doc = await counters.find_one_and_update(
            {"_id": counter_id},
            {"$inc": {"total": body.amount}, "$set": {"note": body.note}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        shown = Shown(id=counter_id, total=doc["total"], note=doc["note"])
        await started[0].send_and_wait(topic, shown.model_dump_json().encode(), key=counter_id.encode())
        return shown

    return app


def main() -> None:
    settings = ChassisSettings(topic_prefix=PREFIX, database_prefix=f"{PREFIX}_", log_level="WARNING")
    run = partial(uvicorn.run, host=settings.http_host, port=settings.http_port or 0, loop="uvloop", http="httptools")
    if VARIANT == "magpie":
        ours(settings).run()
    else:
        run(naive(settings), access_log=False, log_level="warning")


main()
