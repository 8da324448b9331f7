"""The profiles service as a process of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from pymongo import MongoClient

from deploy.local.ports import HOST, free_port
from deploy.local.system import Servers
from services.chassis.tokens import mint
from tests.support.kafka import make_few_partitions
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]


@dataclass
class Place:
    """Where its data are; it may be started there again and again."""

    servers: Servers
    run_id: str
    state_dir: Path

    @property
    def database(self) -> str:
        return f"{self.run_id}_profiles"

    async def prepare(self) -> None:
        await make_few_partitions(self.servers.bootstrap, self.run_id)

    async def drop(self) -> int:
        """How many profiles there were."""

        def dropped() -> int:
            with MongoClient[Any](self.servers.uri) as client:
                found = client[self.database].profiles.count_documents({})
                client.drop_database(self.database)
                return found

        return await asyncio.to_thread(dropped)

    def environment(self, port: int) -> dict[str, str]:
        return {
            **os.environ,
            "MAGPIE_KAFKA_BOOTSTRAP": self.servers.bootstrap,
            "MAGPIE_MONGO_URI": self.servers.uri,
            "MAGPIE_TOPIC_PREFIX": self.run_id,
            "MAGPIE_DATABASE_PREFIX": f"{self.run_id}_",
            "MAGPIE_STATE_DIR": str(self.state_dir),
            "MAGPIE_HTTP_PORT": str(port),
            "MAGPIE_OPERATIONS_PORT": str(port),
        }

    def client(self, profiles: Profiles, org: str) -> httpx2.AsyncClient:
        """A client of its own connections."""
        token = mint(org=org, role="participant", state_dir=self.state_dir)
        return httpx2.AsyncClient(base_url=profiles.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)


@dataclass
class Profiles:
    port: int
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


@asynccontextmanager
async def profiles_process(place: Place, step: str = "none", **env: str) -> AsyncIterator[Profiles]:
    """Ready inside; ended with SIGKILL where it has not ended itself."""
    found = await started(place, step, env)
    process = found.process
    try:
        async with httpx2.AsyncClient(base_url=found.url) as client:
            await eventually(lambda: _is_ready(client), "the process is ready", 60)
        yield found
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def started(place: Place, step: str, env: dict[str, str] | None = None, *, stdout: int = DEVNULL) -> Profiles:
    """Not ready yet."""
    port = free_port()
    command = [sys.executable, "-m", "tests.integration.http.victim", step]
    environment = place.environment(port) | (env or {})
    return Profiles(port, await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stdout=stdout))


async def _is_ready(client: httpx2.AsyncClient) -> bool:
    try:
        return bool((await client.get("/readyz")).status_code == 200)
    except httpx2.TransportError:
        return False


def ids(answers: list[Any]) -> set[str]:
    """Which profiles the answers speak of."""
    return {answer.json()["profile_id"] for answer in answers}
