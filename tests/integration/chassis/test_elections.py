"""A replica set of three loses its primary again and again under traffic: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.replica_set import ReplicaSet
from services.chassis.commit.commands import NotDone, OutcomeUnknown
from services.chassis.model.failures import Unavailable
from services.chassis.mongo.database import Database
from tests.integration.chassis.rig import ALL, NOTES, Rig, add, running
from tests.integration.chassis.test_streams import Owner, cache_of
from tests.support.waiting import eventually

ELECTIONS, WRITERS, BETWEEN = 3, 6, 100


@pytest.fixture
async def members(tmp_path: Path) -> AsyncIterator[ReplicaSet]:
    found = ReplicaSet(tmp_path)
    try:
        await asyncio.to_thread(found.start)
        yield found
    finally:
        await asyncio.to_thread(found.stop)


async def an_election(members: ReplicaSet, told: Counter[str]) -> None:
    """The primary is killed; the others go on within 30 s; it comes back."""
    before = told.total()
    await eventually(lambda: told.total() > before + BETWEEN, "traffic")
    primary = await eventually(lambda: asyncio.to_thread(members.primary), "a primary")
    os.kill(primary.pid, signal.SIGKILL)
    await eventually(lambda: not primary.child.is_running, "it is gone")
    await eventually(lambda: asyncio.to_thread(members.primary), "another primary")
    since = told.total()
    await eventually(lambda: told.total() > since, "it goes on")
    await asyncio.to_thread(primary.start)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_outlives_elections(members: ReplicaSet) -> None:
    """Nothing is lost or doubled, and a mirror in memory follows the new primary."""
    database = Database(members.uri, "elected", source="/magpie/test")
    await database.prepare(ALL)
    rig, owner, over = Rig("", database, "elected", members.uri), Owner(), asyncio.Event()
    told, unsure, cache = Counter[str](), Counter[str](), cache_of(rig, owner)
    async with rig.commands() as lane, running(cache.serve()):

        async def write(id: str) -> None:
            while not over.is_set():
                try:
                    await lane.run(add(id))
                    told[id] += 1
                except OutcomeUnknown:
                    unsure[id] += 1
                except (NotDone, Unavailable):
                    continue

        writers = [asyncio.ensure_future(write(f"n{n}")) for n in range(WRITERS)]
        for _ in range(ELECTIONS):
            await an_election(members, told)
        over.set()
        await asyncio.gather(*writers)
        await eventually(lambda: cache.is_loaded, "the mirror follows")
        await cache.catch_up()
        totals = {note.id: note.total for note in await database.find(NOTES, {"_id": {"$in": list(told)}})}
        rows = Counter([row["key"].decode() async for row in database.db.outbox.find({}, {"key": 1})])
        assert {id: doc["total"] for id, doc in owner.known.items() if doc and id in told} == totals
    database.close()
    for id, total in totals.items():
        assert told[id] <= total <= told[id] + unsure[id], "nothing is lost, and nothing doubled"
        assert rows[id] == total, "an event for each"
