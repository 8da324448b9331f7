"""A service that hangs is red, ends itself, and is started again by whoever started it."""

from __future__ import annotations

import asyncio
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
    assert b'"loops": ["nobody"], "event": "hangs"' in said
    assert (b'"event": "stopped"' in said) is (step == "hangs")
