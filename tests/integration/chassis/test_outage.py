"""Servers come late, go away and come back: a service waits, says so, and goes on by itself."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.system import Servers
from services.chassis import topics
from services.chassis.ops import KafkaConnection
from services.profiles.app import build as build_profiles
from services.profiles.settings import ProfilesSettings
from services.translation.app import build as build_translation
from services.translation.settings import TranslationSettings
from tests.support.profiles import korean
from tests.support.services import Running, chassis_settings
from tests.support.services import running as serving
from tests.support.waiting import eventually

WITHIN_SECONDS = 15.0
KAFKA, MONGODB = (f'magpie_dependency_up{{dependency="{name}"}}' for name in ("kafka", "mongodb"))


async def status(running: Running, path: str) -> int:
    return int((await running.client(None).get(path)).status_code)


@pytest.mark.long
@pytest.mark.timeout(400)
async def test_from_nothing_to_ready_through_two_outages(tmp_path: Path) -> None:
    servers = Servers(tmp_path, kafka_port=free_port(), mongo_port=free_port())
    settings = chassis_settings(servers, "late", tmp_path, command_wait_seconds=1.0)
    profiles = Running(build_profiles(settings, ProfilesSettings()))
    translation = Running(build_translation(settings, TranslationSettings()))
    one, other = profiles.service.app, translation.service.app
    async with one.router.lifespan_context(one), other.router.lifespan_context(other):
        hanbit = profiles.client("hanbit")
        for running in (profiles, translation):
            assert (await status(running, "/livez"), await status(running, "/readyz")) == (200, 503)
            for heart in running.service.health.heartbeats:
                heart.last = 0.0  # as long ago as can be

            async def alive(running: Running = running) -> bool:
                return await status(running, "/livez") == 200

            await eventually(alive, "who waits for its servers is alive, for however long")
        early = await hanbit.post("/v1/profiles", json=korean())
        assert (early.status_code, early.headers["Retry-After"]) == (503, "1") and "surely not" in early.text
        try:
            await asyncio.to_thread(servers.start)
            await topics.apply(KafkaConnection(servers.bootstrap), "late")

            async def ready() -> bool:
                return await status(profiles, "/readyz") == await status(translation, "/readyz") == 200

            await eventually(ready, "ready once its servers are there", 60)
            created = await hanbit.post("/v1/profiles", json=korean())
            url = f"/v1/profiles/{created.json()['profile_id']}"
            assert created.status_code == 201

            assert servers.kafka.child and servers.mongo.child
            servers.kafka.child.kill()
            assert (await hanbit.post(f"{url}/publish")).status_code == 200
            assert await status(profiles, "/livez") == await status(translation, "/livez") == 200
            await asyncio.to_thread(servers.kafka.start)

            db = translation.service.database.db
            await eventually(lambda: db.texts.count_documents({}), "the event has come through", 90)

            servers.mongo.child.kill()
            away = await hanbit.post(f"{url}/withdraw")
            assert away.status_code == 503 and await status(profiles, "/livez") == 200
            await asyncio.to_thread(servers.mongo.start)

            async def withdrawn() -> bool:
                return bool((await hanbit.post(f"{url}/withdraw")).status_code == 200)

            await eventually(withdrawn, "commands go on", 60)
            sweeps = {"kind": "sweep"}
            await eventually(lambda: db.jobs.count_documents(sweeps), "and so does the consumer", 90)
        finally:
            await asyncio.to_thread(servers.stop)
        await profiles.close()
        await translation.close()


def gauge(text: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


@pytest.mark.long
@pytest.mark.parametrize("how", [signal.SIGSTOP, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
async def test_operators_are_told_within_15_seconds_that_a_server_is_away(how: signal.Signals, tmp_path: Path) -> None:
    """Killed, and stopped so that it accepts connections and never answers."""
    servers = Servers(tmp_path)
    await asyncio.to_thread(servers.start)
    settings = chassis_settings(servers, "told", tmp_path)
    try:
        async with serving(build_translation(settings, TranslationSettings())) as translation:
            operators = translation.operations()

            async def shown(name: str) -> float:
                return gauge((await operators.get("/metrics")).text, name)

            await eventually(lambda: _is(shown(KAFKA), 1), "Kafka is there")
            assert (await operators.get("/readyz")).json()["status"] == "ok"
            assert servers.kafka.child and servers.mongo.child
            os.kill(servers.kafka.child.pid, how)
            outbox = translation.service.database.db.outbox
            await outbox.insert_one({"_id": f"{time.time_ns() // 1000:016x}-x", "topic": "told.notes.v1"})
            await eventually(lambda: _is(shown(KAFKA), 0), "away", WITHIN_SECONDS)
            text = (await operators.get("/metrics")).text
            assert gauge(text, "magpie_outbox_rows") == 1
            assert gauge(text, "magpie_relay_oldest_row_seconds") > 5, "measured in MongoDB"
            assert gauge(text, "magpie_consumer_lag_age_seconds") > 5, "what stands still is not 0"
            ready = await operators.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
            assert [found["part"] for found in ready.json()["degraded"]] == ["kafka"]

            os.kill(servers.mongo.child.pid, how)
            await eventually(lambda: _is(shown(MONGODB), 0), "away", WITHIN_SECONDS)
            ready = await operators.get("/readyz")
            assert ready.status_code == 503 and "mongodb" in ready.text
            assert (await operators.get("/livez")).status_code == 200
            if how is signal.SIGKILL:
                await asyncio.to_thread(servers.mongo.start)
            else:
                os.kill(servers.mongo.child.pid, signal.SIGCONT)
    finally:
        await asyncio.to_thread(servers.stop)


async def _is(found: Awaitable[float], wanted: float) -> bool:
    return await found == wanted
