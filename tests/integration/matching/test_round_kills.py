"""kill -9 while a round runs: the next process goes on where the last one stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from deploy.local.ports import HOST, free_port
from deploy.local.system import Servers
from services.chassis.tokens import mint
from tests.integration.matching.round_victim import STEPS
from tests.support.contract import an_entry, chinese_profile, korean_profile, publish
from tests.support.kafka import make_few_partitions, read_all
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
SIDE = 9
TEXT = "We license signal processing technology for lidar sensors of automated vehicles"
RULES = {"minimum_score": 0.01, "proposals": 20, "max_open": 100}


@dataclass
class Place:
    """Where the data of the service are; it may be started there again and again."""

    servers: Servers
    run_id: str
    state_dir: Path
    port: int
    victim: str = "tests.integration.matching.round_victim"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "MAGPIE_KAFKA_BOOTSTRAP": self.servers.bootstrap,
            "MAGPIE_MONGO_URI": self.servers.uri,
            "MAGPIE_TOPIC_PREFIX": self.run_id,
            "MAGPIE_DATABASE_PREFIX": f"{self.run_id}_",
            "MAGPIE_STATE_DIR": str(self.state_dir),
            "MAGPIE_HTTP_PORT": str(self.port),
            "MAGPIE_OPERATIONS_PORT": "0",
            "MAGPIE_JOB_LEASE_SECONDS": "1",
            "MAGPIE_MATCHING_EMBEDDER": "bigrams-1",
        }

    def organiser(self) -> httpx2.AsyncClient:
        token = mint(org="kic-office", role="organiser", state_dir=self.state_dir)
        headers = {"Authorization": f"Bearer {token}"}
        return httpx2.AsyncClient(base_url=f"http://{HOST}:{self.port}", headers=headers, timeout=20)

    @asynccontextmanager
    async def service(self, step: str = "none") -> AsyncIterator[asyncio.subprocess.Process]:
        command = [sys.executable, "-m", self.victim, step]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=self.environment(), stdout=DEVNULL, stderr=DEVNULL
        )

        async def ready() -> bool:
            try:
                async with httpx2.AsyncClient() as client:
                    return (await client.get(f"http://{HOST}:{self.port}/readyz")).status_code == 200
            except httpx2.TransportError:
                return False

        try:
            # One that goes on with a round may be gone before it is ready.
            await eventually(lambda: ready() if process.returncode is None else True, "matching ready", 60)
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def arrived(place: Place, database: Any) -> None:
    for n in range(SIDE):
        for make, side in ((korean_profile, "need"), (chinese_profile, "offer")):
            id = f"{side}-{n}"
            entry = an_entry(id, side, "technology", "en", f"{TEXT}, series {n}")
            profile = make(id, f"org-{id}", **{"offers": [], "needs": [], f"{side}s": [entry]})
            await publish(place.servers.bootstrap, place.run_id, profile, key=id, sequence=1)

    async def settled() -> bool:
        return database.indexed.count_documents({"sequence": 1}) == 2 * SIDE and not database.jobs.count_documents({})

    await eventually(settled, "all indexed", 60)


async def a_replay_is_the_same_each_time(place: Place, file: Path) -> None:
    """The command, as an organiser runs it, while the service is away."""
    file.write_text("minimum_score: 0.01\nproposals: 2\nmax_open: 3\n")
    outputs = []
    for more in ([], [], ["--json"], ["--json", "--against", "forum"]):
        command = [sys.executable, "-m", "services.matching", "replay", "--policy", str(file), *more]
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=place.environment(), stdout=PIPE)
        outputs.append((await process.communicate())[0])
        assert process.returncode == 0
    assert outputs[0] == outputs[1] and b"live@1" in outputs[0]
    against_live, against_forum = (json.loads(output) for output in outputs[2:])
    assert against_live["before"]["proposals"] == 0 < against_live["after"]["proposals"]
    assert against_forum["before"]["proposals"] == SIDE * SIDE and len(against_forum["loses"]) == 2 * SIDE
    assert against_forum["after"] == against_live["after"]


@pytest.mark.slow  # it starts eight processes in turn
async def test_a_killed_round_goes_on_and_proposes_each_pair_once(
    servers: Servers, run_id: str, tmp_path: Path
) -> None:
    await make_few_partitions(servers.bootstrap, run_id)
    place = Place(servers, run_id, tmp_path, free_port())
    with MongoClient[Any](servers.uri) as client:
        database = client[f"{run_id}_matching"]
        try:
            async with place.service(), place.organiser() as kic:
                closed = {**RULES, "minimum_score": 1.0}
                assert (await kic.put("/v1/policies/live", json=closed, headers={"If-Match": '"0"'})).status_code == 200
                assert (await kic.put("/v1/policies/forum", json=RULES)).status_code == 200
                await arrived(place, database)
                assert database.matches.count_documents({}) == 0
            made = list[int]()
            for step in STEPS:
                async with place.service(step) as victim, place.organiser() as kic:
                    if not made:
                        location = (await kic.post("/v1/rounds", json={"policy": "forum"})).headers["location"]
                    async with asyncio.timeout(60):
                        assert await victim.wait() == -signal.SIGKILL, step
                made.append(database.matches.count_documents({}))
            assert made[:4] == [0] * 4 and 0 < made[4] < made[5] < SIDE * SIDE
            async with place.service(), place.organiser() as kic:

                async def done() -> Any:
                    found = (await kic.get(location)).json()
                    return found if found["state"] == "done" else None

                found = await eventually(done, "the round ended", 60)
                assert (found["proposed"], found["without_proposal"]) == (SIDE * SIDE, 0)

                async def told() -> bool:
                    return database.outbox.count_documents({}) == 0

                await eventually(told, "all told", 30)
            await a_replay_is_the_same_each_time(place, tmp_path / "new.yaml")
            matches = list(database.matches.find({}))
            assert len(matches) == len({tuple(match["parties"]) for match in matches}) == SIDE * SIDE
            records = await read_all(servers.bootstrap, f"{run_id}.matches.v1")
            assert len({(r.key, dict(r.headers)["ce_id"]) for r in records}) == SIDE * SIDE
            assert database.jobs.count_documents({"kind": {"$regex": "^round"}}) == 0
        finally:
            client.drop_database(f"{run_id}_matching")
