"""Servers come late, go away and come back: a service waits, says so, and goes on by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from deploy.local.system import Servers
from services.chassis import topics
from services.profiles.app import build as build_profiles
from services.profiles.settings import ProfilesSettings
from services.translation.app import build as build_translation
from services.translation.settings import TranslationSettings
from tests.support.profiles import korean
from tests.support.services import Running, chassis_settings
from tests.support.waiting import eventually


async def status(running: Running, path: str) -> int:
    return int((await running.client(None).get(path)).status_code)


@pytest.mark.timeout(240)
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
            await topics.apply(servers.bootstrap, "late")

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
