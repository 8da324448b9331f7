"""A minute of it in `make test-slow`; `make chaos` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.run import run
from tests.e2e.test_forum import free_base


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_a_minute_of_kills_loses_doubles_and_disorders_nothing(tmp_path: Path) -> None:
    report = await run(tmp_path, seconds=60, seed=7, firms=10, base_port=free_base())
    assert report.is_clean, report.as_json()["what"]
    assert report.kills > 0 and report.commands > 50


@pytest.mark.chaos
@pytest.mark.timeout(1200)
async def test_ten_minutes_with_a_hundred_kills(tmp_path: Path) -> None:
    report = await run(tmp_path, seconds=600, seed=7, firms=12, base_port=free_base())
    assert report.is_clean, report.as_json()["what"]
    assert report.kills >= 100
