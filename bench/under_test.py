"""under_test.py VARIANT PREFIX: one process that turns each order into an effect in MongoDB and an event.

naive          what people write: one by one, FastStream's defaults (at most once), insert_one, publish
at_least_once  the same with NACK_ON_ERROR; workers4 the same with max_workers=4
magpie         a service of ours: its own subscribe, unit of work and relay
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

from fastapi import APIRouter
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from motor.motor_asyncio import AsyncIOMotorClient

from services.chassis.events import Incoming
from services.chassis.records import Subscription
from services.chassis.service import Service, open_database
from services.chassis.settings import ChassisSettings
from services.chassis.uow import UnitOfWork

from .world import EFFECTS, Effect, Ordered

VARIANT, PREFIX = sys.argv[1:3]
OPTIONS: dict[str, dict[str, Any]] = {
    "naive": {},
    "at_least_once": {"ack_policy": AckPolicy.NACK_ON_ERROR},
    "workers4": {"ack_policy": AckPolicy.NACK_ON_ERROR, "max_workers": 4},
}


async def apply(uow: UnitOfWork, event: Incoming[Ordered]) -> None:
    if await uow.get(EFFECTS, event.data.id) is None:
        uow.put(EFFECTS, Effect(id=event.data.id, order=event.data), event.data)


async def as_people_write_it(settings: ChassisSettings) -> None:
    client: Any = AsyncIOMotorClient(settings.mongo_uri)
    effects = client[f"{settings.database_prefix}bench"].effects
    broker = KafkaBroker(settings.kafka_bootstrap, logger=None)
    out = settings.topic("effects")

    @broker.subscriber(settings.topic("orders"), group_id=PREFIX, auto_offset_reset="earliest", **OPTIONS[VARIANT])  # type: ignore[untyped-decorator]
    async def handle(event: Ordered) -> None:
        await effects.insert_one({"_id": event.id, **event.model_dump()})
        await broker.publish(event.model_dump(), out, key=event.key.encode())

    await broker.start()
    print("READY", flush=True)
    await asyncio.Event().wait()


def ours(settings: ChassisSettings) -> Service:
    subscription = Subscription("orders", {Ordered: apply}, reads=lambda event: [EFFECTS.ref(event.data.id)])
    return Service(
        "bench",
        settings,
        database=open_database("bench", settings),
        port=0,
        api=APIRouter(),
        collections=[EFFECTS],
        subscriptions=[subscription],
    )


def main() -> None:
    settings = ChassisSettings(topic_prefix=PREFIX, database_prefix=f"{PREFIX}_", log_level="WARNING")
    if VARIANT == "magpie":
        ours(settings).run()
    else:
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        asyncio.run(as_people_write_it(settings))


main()
