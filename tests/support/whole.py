"""All four services as processes of their own, on the test run's servers, with topics and databases of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from bson import encode
from pymongo import MongoClient

from deploy.local.system import System
from services.chassis import topics
from services.chassis.ops import KafkaConnection
from services.chassis.tokens import mint
from tests.support.kafka import admin, ce_headers, read_all, send
from tests.support.written import written_otherwise

COMPACTED_SOON: dict[str, Any] = {
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.0",
    "delete.retention.ms": "0",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "100",
}
"""Compaction in seconds instead of days; it never touches the segment that is written to."""


@dataclass
class Whole:
    system: System
    prefix: str

    @property
    def bootstrap(self) -> str:
        return self.system.servers.bootstrap

    def client(
        self, service: str, org: str, *, sub: str | None = None, role: str = "participant"
    ) -> httpx2.AsyncClient:
        token = mint(org=org, role=role, sub=sub, state_dir=self.system.directory)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(base_url=self.system.urls(service)[0], headers=headers, timeout=20)

    # -- where anything could be left

    async def on_topics(self, *marks: str) -> dict[str, set[str]]:
        """Which of the marks stand on which topic: in keys, values or headers."""
        found: dict[str, set[str]] = {}
        for topic in await self.topics():
            for record in await read_all(self.bootstrap, topic, committed=False):
                parts = [record.key, record.value, *(value for _, value in record.headers)]
                for mark in marks_in(parts, marks):
                    found.setdefault(topic, set()).add(mark)
        return found

    async def topics(self) -> list[str]:
        async with admin(self.bootstrap) as client:
            return sorted(name for name in await client.list_topics() if name.startswith(f"{self.prefix}."))

    def in_databases(self, *marks: str) -> dict[str, set[str]]:
        """Which of the marks stand in which collection, in any document, field or name of a field."""
        found: dict[str, set[str]] = {}
        for name, raw in self._documents():
            for mark in marks_in([raw], marks):
                found.setdefault(name, set()).add(mark)
        return found

    def _documents(self) -> Iterator[tuple[str, bytes]]:
        with MongoClient[Any](self.system.servers.uri) as client:
            for database in client.list_database_names():
                if not database.startswith(f"{self.prefix}_"):
                    continue
                for collection in client[database].list_collection_names():
                    for document in client[database][collection].find():
                        yield f"{database}.{collection}", encode(document)

    def in_logs(self, *marks: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for log in sorted((self.system.directory / "logs").glob("*.log")):
            for mark in marks_in([log.read_bytes()], marks):
                found.setdefault(log.name, set()).add(mark)
        return found

    # -- time passes for Kafka

    async def compact(self) -> None:
        """Makes Kafka tidy up: a record into each partition begins a new segment, so that the one before is cleaned.
        It is of a type that nobody knows, and is passed over."""
        for topic in await self.topics():
            async with admin(self.bootstrap) as client:
                described = await client.describe_topics([topic])
            for partition in range(len(described[0]["partitions"])):
                headers = ce_headers(f"filler-{partition}", "magpie.test.filler", 1)
                await send(self.bootstrap, topic, [(b"filler", b"{}", headers)], partition=partition)


def marks_in(parts: list[bytes | None], marks: tuple[str, ...]) -> set[str]:
    """However JSON or Python would have written them."""
    return {
        mark
        for mark in marks
        for form in {mark.encode(), mark.encode("unicode_escape"), mark.encode("utf-16-le")}
        for part in parts
        if part is not None and form in part
    }


@asynccontextmanager
async def whole(system: System, prefix: str) -> AsyncIterator[Whole]:
    await asyncio.to_thread(system.start)
    try:
        await topics.apply(KafkaConnection(system.servers.bootstrap), prefix, correct=True, **COMPACTED_SOON)
        yield Whole(system, prefix)
        wrong = await written_otherwise(system.servers.bootstrap, prefix)
        assert not wrong, f"{len(wrong)} records are not as their writer's schema says: {wrong[:5]}"
    finally:
        await asyncio.to_thread(system.stop)
        with MongoClient[Any](system.servers.uri) as client:
            for name in client.list_database_names():
                if name.startswith(f"{prefix}_"):
                    client.drop_database(name)


def a_system(directory: Path, servers: Any, prefix: str, base_port: int, **env: str) -> System:
    names = {"MAGPIE_TOPIC_PREFIX": prefix, "MAGPIE_DATABASE_PREFIX": f"{prefix}_"}
    return System.on_servers(servers, directory, base_port=base_port, env={**names, **env})
