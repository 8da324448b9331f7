"""frozen_relay.py BOOTSTRAP URI DATABASE PREFIX fenced|plain: a relay that stops itself (SIGSTOP) with its first batch
in hand. `plain` takes the fence away: an idempotent producer without a transactional id, as most relays have it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from services.chassis.kafka_out.relay import Relay, RelayOptions
from services.chassis.mongo.database import Database
from services.chassis.ops import KafkaConnection
from services.chassis.ops.health import Heartbeat

BOOTSTRAP, URI, DATABASE, PREFIX, FENCE = sys.argv[1:6]


class FrozenOnce(Relay):
    frozen = False

    async def _publish(self, producer: AIOKafkaProducer, rows: list[Any]) -> None:
        if not self.frozen:
            self.frozen = True
            os.kill(os.getpid(), signal.SIGSTOP)
        await self._send_all(producer, rows)

    async def _send_all(self, producer: AIOKafkaProducer, rows: list[Any]) -> None:
        await super()._publish(producer, rows)


class FrozenOncePlain(FrozenOnce):
    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(**self._options.connection.options(), acks="all", enable_idempotence=True)
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()

    async def _send_all(self, producer: AIOKafkaProducer, rows: list[Any]) -> None:
        await self._acknowledged(rows, [await self._send(producer, row) for row in rows])
        self._published = [row["_id"] for row in rows]


async def main() -> None:
    kind = FrozenOnce if FENCE == "fenced" else FrozenOncePlain
    database = Database(URI, DATABASE, source="/magpie/test")
    options = RelayOptions(connection=KafkaConnection(BOOTSTRAP), transactional_id=f"{PREFIX}.relay", lease_seconds=1.0)
    relay = kind(database, options, heartbeat=Heartbeat("relay"))
    await relay.serve()


asyncio.run(main())
