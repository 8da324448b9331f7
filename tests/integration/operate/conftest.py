"""An installation of a test's own: topics of the registry, and the database of matching with its consumer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from services.chassis.kafka_in.consumer import Consumer, Reader
from services.chassis.kafka_in.retries import RetryReader
from services.chassis.kafka_in.subscriptions import AnyHandler, RecordReader, Subscription, on
from services.chassis.mongo.database import Database
from services.chassis.ops import ChassisSettings
from services.chassis.ops.health import Heartbeat
from services.chassis.topics import apply
from services.operate import commands
from services.operate.arguments import parser
from services.operate.installation import Installation
from tests.integration.chassis.rig import ALL, Noted, Rig
from tests.support.kafka import ce_headers, read_all, send


@dataclass
class Place:
    """The installation, and matching as a service of the rig's world."""

    installation: Installation
    rig: Rig

    @property
    def dead_letters(self) -> str:
        return self.rig.topics.dead_letters("matching")

    @property
    def profiles(self) -> str:
        return self.rig.topics.topic("profiles")

    @property
    def retries(self) -> str:
        return self.rig.topics.retries("matching")

    def consumer(self, handler: AnyHandler) -> Consumer:
        group = self.rig.topics.group("matching")
        reader = RecordReader(Subscription("profiles", on(Noted, handle=handler)), group, self.dead_letters)
        readers: dict[str, Reader] = {
            self.profiles: reader,
            self.retries: RetryReader({self.profiles: reader}, group, self.dead_letters),
        }
        return Consumer(
            self.rig.database,
            self.rig.committer(),
            readers,
            group=group,
            heartbeat=Heartbeat("consumer"),
        )

    async def take(self, topic: str, handler: AnyHandler) -> None:
        """All of a topic, by the service's consumer; what it publishes is sent."""
        await self.rig.apply(self.consumer(handler), await read_all(self.rig.bootstrap, topic))
        await self.rig.drain()

    async def fill(self, n: int) -> None:
        """`n` events on the topic of profiles."""
        body = [
            (b"k%d" % i, b'{"n": %d, "text": "SECRET"}' % i, ce_headers(f"e{i}", Noted.event_type, 1)) for i in range(n)
        ]
        await send(self.rig.bootstrap, self.profiles, body)

    async def run(self, *words: str) -> None:
        """The command, in this process."""
        await commands.run(parser().parse_args(words), self.installation)

    def environment(self) -> dict[str, str]:
        settings = self.installation.settings
        return {
            "MAGPIE_MONGO_URI": settings.mongo_uri,
            "MAGPIE_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
            "MAGPIE_TOPIC_PREFIX": settings.topic_prefix,
            "MAGPIE_DATABASE_PREFIX": settings.database_prefix,
        }


@pytest.fixture
async def place(servers: Any, run_id: str) -> AsyncIterator[Place]:
    settings = ChassisSettings(
        mongo_uri=servers.uri,
        kafka_bootstrap=servers.bootstrap,
        topic_prefix=run_id,
        database_prefix=f"{run_id}_",
    )
    await apply(settings.kafka, run_id)
    database = Database(servers.uri, f"{run_id}_matching", source="/magpie/matching")
    await database.prepare(ALL)
    yield Place(Installation(settings), Rig(servers.bootstrap, database, run_id, servers.uri))
    await database.client.drop_database(database.db.name)
    database.close()
