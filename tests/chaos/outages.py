"""One server of three is lost, and comes back later; the others go on."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from deploy.local.cluster import Cluster
from deploy.local.kafka import Kafka
from deploy.local.mongo import Mongo
from deploy.local.system import System
from tests.support.kafka import admin
from tests.support.waiting import eventually

from .faults import killed
from .seeing import SEEN_SECONDS, WHOLE_SECONDS, Act, all_say_ok, replicas_of, took


async def election(system: System) -> Act:
    """Seen: another member is primary. Whole: each replica is, while the one that was killed is still away."""
    members = _cluster(system).members
    primary: Mongo = await eventually(lambda: asyncio.to_thread(members.primary), "a primary", 60)
    began = _killed(primary)

    def elected() -> bool:
        found = members.primary()
        return found is not None and found is not primary

    seen = await took(lambda: asyncio.to_thread(elected), began, SEEN_SECONDS)
    whole = await took(lambda: asyncio.to_thread(all_say_ok, replicas_of(system)), began, WHOLE_SECONDS)
    primary.should_run = True  # the supervisor starts it
    await eventually(lambda: asyncio.to_thread(_follows, primary), "the member is back", WHOLE_SECONDS)
    return Act("election", seen, whole, kills=1)


async def broker_lost(system: System) -> Act:
    """Seen: each partition is led by another one. Whole: each replica is, while it is still away."""
    broker = system.servers.kafkas[len(system.servers.kafkas) // 2]
    others = ",".join(kafka.bootstrap for kafka in system.servers.kafkas if kafka is not broker)
    began = _killed(broker)

    async def led() -> bool:
        parts = await _partitions(others)
        return bool(parts) and not any(part["leader"] in (broker.node.id, -1) for part in parts)

    async def copied() -> bool:
        parts = await _partitions(others)
        return bool(parts) and all(set(part["isr"]) == set(part["replicas"]) for part in parts)

    seen = await took(led, began, SEEN_SECONDS)
    whole = await took(lambda: asyncio.to_thread(all_say_ok, replicas_of(system)), began, WHOLE_SECONDS)
    broker.should_run = True
    await eventually(copied, "the broker has caught up", WHOLE_SECONDS)
    return Act("broker", seen, whole, kills=1)


def _cluster(system: System) -> Cluster:
    assert isinstance(system.servers, Cluster)
    return system.servers


def _killed(server: Kafka | Mongo) -> float:
    """The supervisor does not start it. Returns when it was."""
    server.should_run = False
    killed(server)
    return time.monotonic()


def _follows(member: Mongo) -> bool:
    if member.child is None or not member.child.is_running:
        return False
    try:
        with member.client() as client:
            said = client.admin.command("hello")
    except PyMongoError:  # it does not listen yet
        return False
    return bool(said.get("secondary") or said.get("isWritablePrimary"))


async def _partitions(bootstrap: str) -> list[dict[str, Any]]:
    """None where no broker answers just now."""
    try:
        async with admin(bootstrap) as client:
            described = await client.describe_topics(await client.list_topics())
    except KafkaError:
        return []
    return [part for topic in described for part in topic["partitions"]]
