"""A service in the test's own loop, on the real servers, with topics and a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from aiokafka import ConsumerRecord
from pymongo import MongoClient

from deploy.local.processes import START_SECONDS
from deploy.local.system import Servers
from schemas.catalogue import EVENTS
from services.chassis.ops.settings import ChassisSettings
from services.chassis.service import Service
from services.chassis.tokens import mint
from tests.support.kafka import make_few_partitions, read_all
from tests.support.waiting import eventually

UNLIMITED: dict[str, Any] = {"rate_per_second": 100_000.0, "rate_burst": 100_000}
"""A test asks more of one org than people do."""


def chassis_settings(servers: Servers, run_id: str, state_dir: Path, **more: Any) -> ChassisSettings:
    return ChassisSettings(
        kafka_bootstrap=servers.bootstrap,
        mongo_uri=servers.uri,
        topic_prefix=run_id,
        database_prefix=f"{run_id}_",
        state_dir=state_dir,
        relay_lease_seconds=2.0,
        operations_port=0,  # tests of one machine side by side would want the same one; see Running.operations
        **(UNLIMITED | more),
    )


@dataclass
class Running:
    """A service that is ready."""

    service: Service
    _clients: list[httpx2.AsyncClient] = field(default_factory=list)

    def client(self, org: str | None, *, role: str = "participant", sub: str | None = None) -> httpx2.AsyncClient:
        """Speaks for an org; with None, without a token."""
        headers = {}
        if org is not None:
            token = mint(org=org, role=role, sub=sub, state_dir=self.service.settings.state_dir)
            headers["Authorization"] = f"Bearer {token}"
        transport = httpx2.ASGITransport(self.service.app, raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url="http://magpie.test", headers=headers)
        self._clients.append(client)
        return client

    def operations(self) -> httpx2.AsyncClient:
        """Asks the operators' port."""
        transport = httpx2.ASGITransport(self.service.operations)
        client = httpx2.AsyncClient(transport=transport, base_url="http://operations.test")
        self._clients.append(client)
        return client

    async def drained(self) -> None:
        """Nothing waits in the outbox."""

        async def empty() -> bool:
            return await self.service.database.db.outbox.find_one({}) is None

        await eventually(empty, f"the outbox of {self.service.name} drained")

    async def records(self, aggregates: str) -> list[ConsumerRecord[Any, Any]]:
        await self.drained()
        return await read_all(self.service.settings.kafka_bootstrap, self.service.settings.names.topic(aggregates))

    async def events(self, aggregates: str, key: str | None = None) -> list[Any]:
        """What stands on a topic, read with the models of the contract; None for an erasure."""
        found = [r for r in await self.records(aggregates) if key is None or (r.key or b"").decode() == key]
        return [decoded(record) for record in found]

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


def decoded(record: ConsumerRecord[Any, Any]) -> Any:
    model: Any = EVENTS[dict(record.headers)["ce_type"].decode()]
    return None if record.value is None else model.model_validate_json(record.value)


@asynccontextmanager
async def running(service: Service, *, make_topics: bool = True, keep: bool = False) -> AsyncIterator[Running]:
    """Ready inside; stopped as SIGTERM would, and its database dropped, afterwards. `keep`: the database stays, for a
    second start."""
    settings = service.settings
    if make_topics:
        await make_few_partitions(settings.kafka_bootstrap, settings.topic_prefix)
    name = service.database.db.name
    async with service.app.router.lifespan_context(service.app):
        await eventually(lambda: not service.health.unready(), f"{service.name} ready", START_SECONDS)
        found = Running(service)
        yield found
        await found.close()
    if not keep:
        await asyncio.to_thread(drop_database, settings.mongo_uri, name)


def drop_database(uri: str, database: str) -> None:
    with MongoClient[Any](uri) as client:
        client.drop_database(database)
