"""Fast time: a demonstration goes ahead of mongod's clock. What is decided and planned follows it, leases do not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from services.chassis.commit.commands import Commands
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.mongo.clock import Clock
from services.chassis.mongo.lease import Lease
from services.chassis.ops import ChassisSettings
from tests.integration.chassis.rig import Rig, add, running
from tests.integration.chassis.test_jobs import WORK, CauseJob, finished, job, jobs_left
from tests.support.waiting import eventually

DAYS = dt.timedelta(days=9)


def ahead(clock: Path, by: dt.timedelta) -> None:
    clock.write_text(str(by.total_seconds()))


@pytest.fixture
def clock(rig: Rig, tmp_path: Path) -> Path:
    rig.database.clock = Clock(tmp_path / "clock")
    return tmp_path / "clock"


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_is_due_in_days_runs_after_a_leap(
    rig: Rig, lane: Commands, clock: Path, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Also what is planned after it: its time to run is ahead of mongod, by which jobs are claimed."""
    if not guarded:
        monkeypatch.setattr(Clock, "server_now", lambda self: "$$NOW")
    await rig.database.clock.refresh(rig.database.client)
    await plan_for(lane, rig.database.now() + DAYS, "later")
    async with running(rig.workers(lane, job(nothing)).serve()):
        ahead(clock, DAYS + dt.timedelta(minutes=1))
        await plan_for(lane, rig.database.now(), "after the leap")
        if guarded:
            await eventually(lambda: finished(rig), "both have run")
            return
        with pytest.raises(AssertionError):
            await eventually(lambda: finished(rig), "both have run", 2)
        assert await jobs_left(rig) == 2


async def nothing(claimed: Any) -> None:
    pass


async def plan_for(lane: Commands, at: dt.datetime, cause: str) -> None:
    async def decide(uow: UnitOfWork) -> None:
        await add(cause)(uow)
        uow.enqueue(WORK, CauseJob(cause=cause), cause=cause, run_at=at)

    await lane.run(decide)


async def test_it_never_goes_back_and_leases_stay_at_mongods_time(rig: Rig, clock: Path) -> None:
    database, lease = rig.database, Lease(rig.database, "leader", seconds=60)
    await database.clock.refresh(database.client)
    assert await lease.hold()
    assert abs(database.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1), "without a file it is the true time"
    for written in (str(DAYS.total_seconds()), "", "0"):
        clock.write_text(written)
        assert abs(database.now() - dt.datetime.now(dt.UTC) - DAYS) < dt.timedelta(minutes=1)
    await database.clock.refresh(database.client)
    assert abs(database.clock.ahead_seconds) < 60, "no clock of a machine is off"
    assert not await Lease(database, "leader", seconds=60).hold(), "a leap ends no lease"


def test_production_refuses_it(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"jwks": "keys.json", "secret_key": "s" * 32}
    with pytest.raises(ValidationError, match="MAGPIE_DEMO_CLOCK"):
        ChassisSettings(environment="production", demo_clock=tmp_path / "clock", **keys)
    assert ChassisSettings(environment="production", **keys).demo_clock is None
    assert ChassisSettings(demo_clock=tmp_path / "clock").demo_clock is not None
