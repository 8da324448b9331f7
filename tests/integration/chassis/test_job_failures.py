"""Promise 9, when something fails: what a job is told, what is counted, and what is not."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from services.chassis.commit import outages, workers
from services.chassis.commit.commands import Commands
from services.chassis.commit.jobs import Claimed, RetryLater
from services.chassis.commit.unit_of_work import JOBS
from services.chassis.model.failures import Unavailable
from tests.integration.chassis.rig import Rig, running
from tests.integration.chassis.test_jobs import CauseJob, finished, job, plan
from tests.support.waiting import eventually


async def test_a_job_that_fails_is_tried_again_then_dead_and_visible(rig: Rig, lane: Commands) -> None:
    tries: Counter[str] = Counter()

    async def fail(job: Claimed[CauseJob]) -> None:
        tries[job.payload.cause] += 1
        raise RuntimeError("secret payload text")

    await plan(rig, lane, "w1")
    async with running(rig.workers(lane, job(fail, max_tries=3, backoff_seconds=0.05)).serve()):

        async def dead() -> Any:
            return await rig.database.db[JOBS].find_one({"dead": True})

        found = await eventually(dead, "dead job")
    assert tries == {"w1": 3}
    assert (found["tries"], "secret" in found["reason"], "run_at" in found) == (3, False, False)


async def test_waiting_for_something_counts_as_no_failure(rig: Rig, lane: Commands) -> None:
    asked: Counter[str] = Counter()

    async def wait(job: Claimed[CauseJob]) -> None:
        asked["times"] += 1
        if asked["times"] < 6:
            raise RetryLater(0.05)

    await plan(rig, lane, "w1")
    async with running(rig.workers(lane, job(wait, max_tries=2)).serve()):
        await eventually(lambda: finished(rig), "it came at last")
    assert asked["times"] == 6 and await rig.tally("work") == 1


@pytest.mark.parametrize("guarded", [True, False])
async def test_an_outage_counts_as_no_failure(
    rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """What lies outside of a job fails all of them alike: none may be dead when it is back. It says what it waits
    for meanwhile, and since when."""
    if not guarded:
        monkeypatch.setattr(workers, "is_outside", lambda error: False)
    asked, is_back = Counter[str](), asyncio.Event()

    async def work(job: Claimed[CauseJob]) -> None:
        asked["times"] += 1
        if not is_back.is_set():
            raise (AutoReconnect("the server is away"), Unavailable("the index loads"))[asked["times"] % 2]

    async def shown() -> Any:
        return await rig.database.db[JOBS].find_one({"reason": {"$ne": None}, "outside_since": {"$ne": None}})

    async def dead() -> bool:
        return await rig.database.db[JOBS].find_one({"dead": True}) is not None

    await plan(rig, lane, "w1")
    async with running(rig.workers(lane, job(work, max_tries=2, backoff_seconds=0.05)).serve()):
        if not guarded:
            await eventually(dead, "dead before it was back")
            return
        await eventually(lambda: asked["times"] > 5, "asked again and again")
        assert "Unavailable" in (await eventually(shown, "a reason"))["reason"]
        is_back.set()
        await eventually(lambda: finished(rig), "done when it was back")
    assert await rig.tally("work") == 1


async def test_an_outage_without_end_ends_a_job_with_its_reason(
    rig: Rig, lane: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "LONGEST_OUTAGE", dt.timedelta(seconds=0.3))

    async def away(job: Claimed[CauseJob]) -> None:
        raise Unavailable("the engine is away")

    async def dead() -> Any:
        return await rig.database.db[JOBS].find_one({"dead": True})

    await plan(rig, lane, "w1")
    async with running(rig.workers(lane, job(away, max_tries=2, backoff_seconds=0.05)).serve()):
        assert "the engine is away" in (await eventually(dead, "dead job"))["reason"]


@pytest.mark.parametrize("guarded", [True, False])
async def test_no_work_begins_on_what_was_lost_since_the_claim(rig: Rig, lane: Commands, guarded: bool) -> None:
    """An index that is being loaded again has found nothing, which is not the same as nothing to be found."""
    seen, worked_on = Counter[str](), list[bool]()

    def is_loaded() -> bool:
        return seen["prepared"] != 1 or seen["asked"] > 5

    async def prepare() -> None:
        seen["prepared"] += 1  # the first time it is lost meanwhile

    def ready() -> bool:
        seen["asked"] += seen["prepared"]
        return is_loaded() or not guarded

    async def work(job: Claimed[CauseJob]) -> None:
        worked_on.append(is_loaded())

    await plan(rig, lane, "w1")
    mine = job(work, ready=ready, prepare=prepare, backoff_seconds=0.05)
    async with running(rig.workers(lane, mine).serve()):
        await eventually(lambda: finished(rig), "done")
    assert worked_on == [guarded]
