"""kill -9 of the process between a delivery and its commit: it comes again under the same id, and in order."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from pymongo import MongoClient

from deploy.local.ports import HOST, free_port
from deploy.local.system import Servers
from services.chassis.tokens import mint
from tests.integration.http.process import ROOT, Place
from tests.integration.notifications.hooks import verified
from tests.support.contract import korean_profile, publish
from tests.support.kafka import make_few_partitions
from tests.support.receiver import OK, Received, receiver
from tests.support.waiting import eventually


@asynccontextmanager
async def a_process(place: Place) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx2.AsyncClient]]:
    """The service as a process of its own, and a reader of it. Ready inside."""
    port = free_port()
    own = {"MAGPIE_NOTIFICATIONS_WEBHOOK_OPEN": "1", "MAGPIE_JOB_LEASE_SECONDS": "1", "MAGPIE_REPLICA": "0"}
    command = [sys.executable, "-m", "services.notifications"]
    environment = place.environment(port) | own
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=DEVNULL)
    token = mint(org="hanbit", role="reader", state_dir=place.state_dir)
    url, headers = f"http://{HOST}:{port}", {"Authorization": f"Bearer {token}"}
    try:
        async with httpx2.AsyncClient(base_url=url, headers=headers) as reader:

            async def ready() -> bool:
                try:
                    return bool((await reader.get("/readyz")).status_code == 200)
                except httpx2.TransportError:
                    return False

            await eventually(ready, "the process is ready", 60)
            yield process, reader
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_kill_between_delivery_and_commit_repeats_under_the_same_id(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    place = Place(servers, run_id, tmp_path)
    await make_few_partitions(servers.bootstrap, run_id)
    victim: list[asyncio.subprocess.Process] = []

    def kills(received: Received) -> Any:
        """While the request is open: it has arrived, and no one has committed that."""
        if victim and received.place == ("p-1", 2):
            os.kill(victim.pop().pid, signal.SIGKILL)
        return OK

    async with receiver() as hook:
        async with a_process(place) as (process, reader):
            webhook = (await reader.post("/v1/webhooks", json={"url": hook.url})).json()
            hook.answer = kills
            victim.append(process)
            ids = [
                await publish(
                    servers.bootstrap, run_id, korean_profile("p-1", legal_name=f"한빛 {n}"), key="p-1", sequence=n
                )
                for n in (1, 2, 3)
            ]
            assert await process.wait() == -signal.SIGKILL
        async with a_process(place):
            await eventually(lambda: ("p-1", 3) in hook.places, "what waited has arrived")
        assert hook.places == [("p-1", 1), ("p-1", 2), ("p-1", 2), ("p-1", 3)]
        assert [r.id for r in hook.received] == [ids[0], ids[1], ids[1], ids[2]]
        assert verified(hook.received[2], webhook["secret"])["id"] == ids[1]
        again, before = hook.received[2], hook.received[1]
        assert again.body == before.body and again.headers["webhook-signature"]
    with MongoClient[Any](servers.uri) as client:
        await asyncio.to_thread(client.drop_database, f"{run_id}_notifications")
