"""A service that hangs is red, ends itself, and is started again by whoever started it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from deploy.local.system import Servers
from tests.integration.http.process import Place, started


@pytest.mark.parametrize("step", ["hangs", "deaf"])
async def test_a_process_with_a_loop_that_hangs_ends_itself(
    step: str, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    place = Place(servers, run_id, tmp_path)
    await place.prepare()
    hanging = await started(place, step, stdout=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(60):
            said, _ = await hanging.process.communicate()
    finally:
        if hanging.process.returncode is None:
            hanging.process.kill()
        await place.drop()
    assert hanging.process.returncode == 1
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["loops"] for line in lines if line["event"] == "hangs"] == [["nobody"]]
    assert ("stopped" in {line["event"] for line in lines}) is (step == "hangs")
