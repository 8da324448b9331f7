"""A flood of events into a consumer that is slower than it: memory stays flat, and nothing is lost."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from tests.integration.chassis.rig import TALLIES, Noted, Rig, Tally
from tests.support.kafka import ce_headers, producing
from tests.support.waiting import eventually

ROOT = Path(__file__).parents[3]
FLOOD = 100_000
WARM = 10_000
"""Records until everything that is built once has been built."""
FLAT_BYTES = 48 * 1024 * 1024
TEXT = "가" * 300


async def pour(rig: Rig) -> None:
    """100 MB, far more than a consumer may keep."""
    async with producing(rig.bootstrap, linger_ms=20, max_batch_size=262_144) as producer:
        for start in range(0, FLOOD, 2_000):
            sending = [
                await producer.send(
                    rig.incoming,
                    Noted(n=n, text=TEXT).model_dump_json().encode(),
                    key=b"k%d" % (n % 97),
                    headers=ce_headers(f"e{n}", Noted.event_type, n + 1),
                )
                for n in range(start, start + 2_000)
            ]
            await asyncio.gather(*sending)


@asynccontextmanager
async def consuming(rig: Rig, group: str) -> AsyncIterator[psutil.Process]:
    command = [sys.executable, "-m", "tests.integration.chassis.flooded", rig.bootstrap, rig.uri, rig.database.db.name]
    process = await asyncio.create_subprocess_exec(*command, rig.prefix, group, group, cwd=ROOT)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        await process.wait()


async def growth(rig: Rig, group: str, *, limit: int) -> tuple[int, Tally]:
    """By how many bytes the process grew from its warm state until it was through, or had passed the limit."""
    warm = most = 0

    async with consuming(rig, group) as process:

        async def through() -> Tally | None:
            nonlocal warm, most
            tally = await rig.database.one(TALLIES, group) or Tally(id=group)
            size = process.memory_info().rss
            if tally.total >= WARM:
                warm, most = warm or size, max(most, size)
            return tally if tally.total >= FLOOD or most - warm > limit else None

        tally: Tally = await eventually(through, "through the flood", 120)
    return most - warm, tally


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_memory_stays_flat_in_a_flood_and_nothing_is_lost(rig: Rig) -> None:
    """A consumer that keeps what it has read fails the same measure."""
    await rig.make_topics(rig.incoming)
    await pour(rig)
    grown, tally = await growth(rig, "flat", limit=FLAT_BYTES)
    assert grown < FLAT_BYTES, f"{grown >> 20} MB"
    assert (tally.total, tally.sequence) == (FLOOD, sum(range(FLOOD)))
    assert await rig.count_rows() == 0, "no dead letter"
    hoarded, _ = await growth(rig, "hoarding", limit=FLAT_BYTES)
    assert hoarded > FLAT_BYTES
