"""order_service.py VARIANT PREFIX: a process that turns each order into an effect in MongoDB and an event.

naive          the usual way: one record at a time, FastStream's defaults (at most once), insert_one, publish
at_least_once  the same with NACK_ON_ERROR
workers4       the same with NACK_ON_ERROR and max_workers=4
magpie         written with the chassis: subscription, unit of work, relay
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

from services.chassis.commit import UnitOfWork
from services.chassis.kafka_in import Subscription, on
from services.chassis.model import Incoming
from services.chassis.mongo import open_database
from services.chassis.ops import ChassisSettings
from services.chassis.service import Definition, HttpApi, Service

from .world import EFFECTS, Effect, OrderChanged

VARIANT, PREFIX = sys.argv[1:3]
OPTIONS: dict[str, dict[str, Any]] = {
    "naive": {},
    "at_least_once": {"ack_policy": AckPolicy.NACK_ON_ERROR},
    "workers4": {"ack_policy": AckPolicy.NACK_ON_ERROR, "max_workers": 4},
}


async def apply(uow: UnitOfWork, event: Incoming[OrderChanged]) -> None:
    """Saves the effect of an order with its event, once per order."""
    if await uow.get(EFFECTS, event.data.id) is None:
        uow.put(EFFECTS, Effect(id=event.data.id, order=event.data), event.data)


async def run_naive(settings: ChassisSettings) -> None:
    """The variants written in the usual way: a crash between write and publish loses the event."""
    client: Any = AsyncIOMotorClient(settings.mongo_uri)
    effects = client[f"{settings.database_prefix}bench"].effects
    broker = KafkaBroker(settings.kafka_bootstrap, logger=None)
    out = settings.names.topic("effects")

    orders = settings.names.topic("orders")

    @broker.subscriber(orders, group_id=PREFIX, auto_offset_reset="earliest", **OPTIONS[VARIANT])  # type: ignore[untyped-decorator]
    async def handle(event: OrderChanged) -> None:
        await effects.insert_one({"_id": event.id, **event.model_dump()})
        await broker.publish(event.model_dump(), out, key=event.key.encode())

    await broker.start()
    print("READY", flush=True)
    await asyncio.Event().wait()


def magpie_service(settings: ChassisSettings) -> Service:
    """The variant `magpie`."""
    routes = on(OrderChanged, handle=apply, reads=lambda event: [EFFECTS.ref(event.data.id)])
    return Service(
        Definition("bench", [EFFECTS], [Subscription("orders", routes)]),
        settings,
        open_database("bench", settings),
        HttpApi(APIRouter(), port=0),
    )


def main() -> None:
    """Runs the variant that the command line names."""
    settings = ChassisSettings(topic_prefix=PREFIX, database_prefix=f"{PREFIX}_", log_level="WARNING")
    if VARIANT == "magpie":
        magpie_service(settings).run()
    else:
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        asyncio.run(run_naive(settings))


main()
