"""relay_alone.py DATABASE PREFIX BATCH: a process that runs the relay of the chassis and nothing else."""

from __future__ import annotations

import sys

import uvloop

from services.chassis.kafka_out.relay import Relay, RelayOptions
from services.chassis.mongo.database import Database
from services.chassis.ops import logs
from services.chassis.ops.garbage import collect_garbage_less_often
from services.chassis.ops.health import Heartbeat
from services.chassis.ops.settings import ChassisSettings


async def relay(name: str, prefix: str, batch: int) -> None:
    """Sends what the outbox of the database `name` holds, until the process is stopped."""
    settings = ChassisSettings()
    database = Database(settings.mongo_uri, name, source="/bench")
    await database.clock.refresh(database.client)
    collect_garbage_less_often()
    options = RelayOptions(
        connection=settings.kafka,
        transactional_id=f"{prefix}.relay.{name}",
        batch=batch,
        lease_seconds=settings.relay_lease_seconds,
    )
    await Relay(database, options, heartbeat=Heartbeat("relay")).serve()


if __name__ == "__main__":
    logs.configure("relay", "WARNING")
    uvloop.run(relay(sys.argv[1], sys.argv[2], int(sys.argv[3])))
