"""relay_alone.py DATABASE PREFIX BATCH: the product's relay and nothing else, in a process of its own."""

from __future__ import annotations

import sys

import uvloop

from services.chassis import logs
from services.chassis.database import Database
from services.chassis.health import Heartbeat
from services.chassis.relay import Relay
from services.chassis.service import collect_less_often
from services.chassis.settings import ChassisSettings


async def relay(name: str, prefix: str, batch: int) -> None:
    settings = ChassisSettings()
    database = Database(settings.mongo_uri, name, source="/bench")
    await database.clock.refresh(database.client)
    collect_less_often()
    await Relay(
        database,
        bootstrap=settings.kafka_bootstrap,
        transactional_id=f"{prefix}.relay.{name}",
        heartbeat=Heartbeat("relay"),
        batch=batch,
        lease_seconds=settings.relay_lease_seconds,
    ).serve()


if __name__ == "__main__":
    logs.configure("relay", "WARNING")
    uvloop.run(relay(sys.argv[1], sys.argv[2], int(sys.argv[3])))
