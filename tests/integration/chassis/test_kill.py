"""kill -9 between any two steps: whatever was done is done once, whatever was not is done by the next process."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.integration.chassis.rig import TALLIES, Rig, in_order, sequences
from tests.support.kafka import read_all
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
EVENTS = 70
STEPS = (
    "decided",
    "written, not committed",
    "all written",
    "committed",
    "rows in hand",
    "sent",
    "acknowledged, not committed",
    "published, not deleted",
    "to be deleted",
    "deleted",
    "claimed",
    "working",
)


@asynccontextmanager
async def chain(rig: Rig, step: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "tests.integration.chassis.victim", rig.bootstrap, rig.uri]
    process = await asyncio.create_subprocess_exec(*command, rig.database.db.name, rig.prefix, step, cwd=ROOT)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_between_any_two_steps_loses_and_doubles_nothing(step: str, rig: Rig) -> None:
    await rig.make_topics(rig.incoming, rig.notes)
    await rig.fill(EVENTS)
    async with chain(rig, step) as victim:
        async with asyncio.timeout(60):
            assert await victim.wait() == -signal.SIGKILL
    async with chain(rig, "none"):

        async def all_done() -> bool:
            rows = await rig.database.find(TALLIES, {"sequence": {"$gt": 0}})
            left = await rig.count_rows() + await rig.database.db.jobs.count_documents({})
            return sum(row.sequence for row in rows) == EVENTS and left == 0

        await eventually(all_done, "everything done", 60)
    rows = await rig.database.find(TALLIES, {"sequence": {"$gt": 0}})
    assert sum(row.total for row in rows) == sum(range(EVENTS))
    assert await rig.tally("told") == EVENTS
    records = await read_all(rig.bootstrap, rig.notes)
    told = sequences(records)
    assert len(told) == EVENTS and all(in_order(numbers) for numbers in told.values())
    repeated = len(records) - len({dict(r.headers)["ce_id"] for r in records})
    assert repeated <= 20
