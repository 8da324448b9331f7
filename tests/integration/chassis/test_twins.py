"""Two replicas with one name: one of them ends itself and says why; the other one does not notice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.ports import HOST, free_port
from deploy.local.system import Servers
from services.chassis.mongo.replica_name import is_dead, process
from tests.integration.http.process import ROOT, Place
from tests.support.kafka import admin
from tests.support.waiting import eventually

GIVES_UP_SECONDS = 10.0
QUICK_SECONDS = 4.0


@asynccontextmanager
async def twin(place: Place, *, guarded: bool = True) -> AsyncIterator[tuple[Process, str]]:
    """A replica with the name `one`, and its address; killed afterwards."""
    port = free_port()
    command = [sys.executable, "-m", "tests.integration.chassis.twin", str(int(guarded))]
    env = place.environment(port) | {"MAGPIE_REPLICA": "one"}
    started = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env, stdout=PIPE, stderr=DEVNULL)
    try:
        yield started, f"http://{HOST}:{port}"
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def is_ready(url: str) -> bool:
    return await status(f"{url}/readyz") == 200


async def answers(url: str) -> bool:
    return await status(f"{url}/livez") == 200


async def status(url: str) -> int:
    async with httpx2.AsyncClient() as client:
        try:
            return int((await client.get(url)).status_code)
        except httpx2.TransportError:
            return 0


async def member(place: Place) -> Any:
    """The one member of the group, with the id that Kafka gave it."""
    async with admin(place.servers.bootstrap) as client:
        answers: list[Any] = await client.describe_consumer_groups([f"{place.run_id}.translation"])
    members = answers[0].groups[0][5]
    return members[0][0] if len(members) == 1 else None


@pytest.mark.parametrize("guarded", [True, False])
async def test_of_two_replicas_with_one_name_one_ends_itself(
    servers: Servers, run_id: str, tmp_path: Path, guarded: bool
) -> None:
    place = Place(servers, run_id, tmp_path)
    await place.prepare()
    async with twin(place, guarded=guarded) as (first, at):
        await eventually(partial(is_ready, at), "the first one is ready", 60)
        before = await member(place)
        async with twin(place, guarded=guarded) as (second, its):
            if not guarded:
                await eventually(partial(_others, place, before), "they take the membership from each other", 60)
                return
            await eventually(partial(answers, its), "its interpreter has started")
            began = time.monotonic()
            async with asyncio.timeout(GIVES_UP_SECONDS + 5):
                out, _ = await second.communicate()
            print(f"ended after {time.monotonic() - began:.1f} s")
            assert second.returncode == 1 and b"replica_name_is_taken" in out and b"MAGPIE_REPLICA" in out
            assert time.monotonic() - began < GIVES_UP_SECONDS
            assert not await is_ready(its)
        assert first.returncode is None and await is_ready(at) and await member(place) == before


async def _others(place: Place, before: Any) -> bool:
    return bool(await member(place) != before)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_replica_that_was_killed_and_starts_again_does_not_wait_for_its_name(
    servers: Servers, run_id: str, tmp_path: Path, how: signal.Signals
) -> None:
    place = Place(servers, run_id, tmp_path)
    await place.prepare()
    async with twin(place) as (first, at):
        await eventually(partial(is_ready, at), "it is ready", 60)
        os.kill(first.pid, how)
        await first.wait()
    began = time.monotonic()
    async with twin(place) as (_, at):
        await eventually(partial(is_ready, at), "it is ready again", 60)
        print(f"ready after {time.monotonic() - began:.1f} s")


def test_a_process_of_this_machine_is_dead_when_it_has_ended_or_its_id_is_that_of_another_one() -> None:
    alive = process()
    assert not is_dead(alive) and not is_dead({})
    assert is_dead(alive | {"started": "1"}) and is_dead(alive | {"pid": 2**22 + 1})
    assert not is_dead(alive | {"host": "elsewhere", "pid": 2**22 + 1}), "of another machine nothing is known"
