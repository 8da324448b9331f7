"""Alerts fire for real: on a running system that a real Prometheus watches, by the faults themselves, and clear."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.local.prometheus import Prometheus, targets
from deploy.local.services import free_base
from deploy.local.system import System
from tests.prometheus.test_alerts import ALERTS, rules
from tests.support.kafka import send
from tests.support.profiles import korean
from tests.support.prometheus import program
from tests.support.waiting import eventually
from tests.support.whole import Whole

IN_TIME = 240.0


async def fires(prometheus: Prometheus, *names: str) -> None:
    missing = set(names)

    async def seen() -> bool:
        missing.difference_update(await asyncio.to_thread(prometheus.firing))
        return not missing

    try:
        await eventually(seen, "they fire", IN_TIME)
    except AssertionError:
        pytest.fail(f"{sorted(missing)} do not fire")


async def clears(prometheus: Prometheus, *names: str) -> None:
    async def gone() -> bool:
        return not set(names) & await asyncio.to_thread(prometheus.firing)

    await eventually(gone, f"{names} clear", IN_TIME)


@pytest.mark.slow
@pytest.mark.timeout(1500)
async def test_alerts_fire_by_their_faults_and_clear(tmp_path: Path) -> None:
    program("prometheus")
    system = System(tmp_path, base_port=free_base())
    await asyncio.to_thread(system.start)
    try:
        with Prometheus(tmp_path / "prometheus", targets(system.services)) as prometheus:
            await every_expression_is_understood(prometheus)
            assert prometheus.firing() == set()
            await dead_letters(prometheus, system)
            await dead_jobs(prometheus, system)
            await kafka_away(prometheus, system)
            await mongodb_away(prometheus, system)
            await replica_stopped(prometheus, system)
    finally:
        await asyncio.to_thread(system.stop)


async def every_expression_is_understood(prometheus: Prometheus) -> None:
    """By a Prometheus that has scraped all services; the metrics that a rule asks for have samples."""

    async def scraped() -> bool:
        return (
            len(prometheus.query("magpie_build_info")) == 4 and len(prometheus.query("magpie_index_lag_seconds")) == 1
        )

    await eventually(scraped, "all four are scraped", 30)
    for rule in (*rules("recording.yaml"), *ALERTS.values()):
        prometheus.query(rule["expr"])


async def dead_letters(prometheus: Prometheus, system: System) -> None:
    """It clears a quarter of an hour after the last one, which is not waited for here."""
    await send(system.bootstrap, "magpie.profiles.v1", [(b"k", b"{}", [("ce_type", b"magpie.profile.published")])])
    await fires(prometheus, "DeadLetters")


async def dead_jobs(prometheus: Prometheus, system: System) -> None:
    now = dt.datetime.now(dt.UTC)
    job: dict[str, Any] = {"_id": "embed/lame", "kind": "embed", "run_at": now, "turn": now, "tries": 0, "payload": {}}
    with MongoClient[Any](system.servers.uri) as client:
        jobs = client.magpie_matching.jobs
        jobs.insert_one(job)
        await fires(prometheus, "JobsDead")
        jobs.delete_one({"_id": job["_id"]})
    await clears(prometheus, "JobsDead")


async def kafka_away(prometheus: Prometheus, system: System) -> None:
    assert system.servers.kafka.child
    system.servers.kafka.child.kill()
    hanbit = Whole(system, "magpie").client("profiles", "hanbit")
    created = await hanbit.post("/v1/profiles", json=korean())
    assert created.status_code == 201, "commands go on, and their events wait"
    await fires(prometheus, "KafkaGone", "OutboxStuck")
    await asyncio.to_thread(system.servers.kafka.start)
    await clears(prometheus, "KafkaGone", "OutboxStuck")
    await hanbit.aclose()


async def mongodb_away(prometheus: Prometheus, system: System) -> None:
    assert system.servers.mongo.child
    system.servers.mongo.child.kill()
    await fires(prometheus, "MongoDbGone")
    await asyncio.to_thread(system.servers.mongo.start)
    await clears(prometheus, "MongoDbGone")


async def replica_stopped(prometheus: Prometheus, system: System) -> None:
    replica = system.services["translation"][0]
    assert replica.child
    await asyncio.to_thread(replica.child.stop)
    await fires(prometheus, "ReplicaGone")
    await asyncio.to_thread(system.start_service, "translation", 0)
    await clears(prometheus, "ReplicaGone")
