"""A minute of it in `make test`; `make chaos` is the long one, and `GUARDS=40` shows that it can go red."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.local.services import free_base
from tests.chaos.report import Report
from tests.chaos.run import CONTROL, GUARDS, run


def told(report: Report) -> str:
    """All sentences of what was found, which pytest would cut."""
    return json.dumps(report.as_json()["what"], ensure_ascii=False, indent=1)


@pytest.mark.alone
@pytest.mark.timeout(420)
async def test_a_minute_of_kills_loses_doubles_and_disorders_nothing(tmp_path: Path) -> None:
    report = await run(tmp_path, seconds=60, seed=7, firms=10, base_port=free_base())
    assert report.is_clean, told(report)
    assert report.kills > 0 and report.commands > 50


@pytest.mark.chaos
@pytest.mark.timeout(1200)
async def test_ten_minutes_with_a_hundred_kills(tmp_path: Path) -> None:
    report = await run(tmp_path, seconds=600, seed=7, firms=12, base_port=free_base())
    assert report.is_clean, told(report)
    assert report.kills >= 100


@pytest.mark.chaos
@pytest.mark.timeout(1500)
async def test_ten_minutes_on_a_cluster_of_which_one_server_may_be_lost(tmp_path: Path) -> None:
    report = await run(tmp_path, seconds=600, seed=7, firms=12, base_port=free_base(), cluster=True)
    assert report.is_clean, told(report)
    assert {"election", "broker"} <= {act.name for act in report.acts}


@pytest.mark.chaos
@pytest.mark.timeout(420)
@pytest.mark.parametrize("without", [*([guard] for guard in GUARDS), CONTROL], ids="+".join)
async def test_a_guard_taken_away_is_found_out(without: list[str], tmp_path: Path) -> None:
    report = await run(tmp_path, seconds=45, seed=3, firms=12, base_port=free_base(), without=without)
    assert not report.is_clean
