"""A webhook for which too much waits: found by a look after each second in which events have come for it."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from deploy.local.system import Servers
from services.chassis.commit import Claimed
from services.chassis.mongo.clock import Clock
from services.notifications.webhooks import jobs
from services.notifications.webhooks.job_kinds import WebhookJob
from services.notifications.webhooks.usecases import offer
from services.notifications.webhooks.usecases.backlog import WatchBacklog
from tests.integration.notifications.hooks import Hooks, hooks_with
from tests.support.completions import Reply
from tests.support.waiting import eventually

BUSY = Reply(status=500)
SECOND = 1_000_000


@pytest.mark.long
@pytest.mark.parametrize("guarded", [True, False])
async def test_more_than_may_wait_disables_and_says_so(
    guarded: bool, servers: Servers, run_id: str, tmp_path: Path
) -> None:
    async with hooks_with(servers, run_id, tmp_path, webhook_backlog=3 if guarded else 100) as hooks:
        hooks.receiver.answer = lambda r: BUSY
        webhook = await hooks.registered()
        for n in range(6):
            await hooks.says(f"p-{n}", 1)

        async def settled() -> bool:
            states = [d["state"] for d in await hooks.log(webhook)]
            return states.count("dropped") > 3 if guarded else states.count("waiting") == 6

        await eventually(settled, "too many wait: dropped; else all of them wait")
        assert (await hooks.of(webhook)).get("reason") == ("backlog_full" if guarded else None)


class OneSecond(Clock):
    """All that happens is of the second after the first look."""

    second = 0

    def now_us(self) -> int:
        now = super().now_us()
        self.second = self.second or now // SECOND + 1
        return self.second * SECOND + now % SECOND


class Look(WatchBacklog):
    """Counts, and then takes its time: another event of the second comes meanwhile."""

    counted, may_end = asyncio.Event(), asyncio.Event()

    async def work(self, job: Claimed[WebhookJob]) -> bool:
        found = await super().work(job)
        self.counted.set()
        await self.may_end.wait()
        return found


async def has_waiting(hooks: Hooks, count: int) -> None:
    async def is_so() -> bool:
        return bool(await hooks.db.webhook_deliveries.count_documents({"state": "waiting"}) == count)

    await eventually(is_so, f"{count} deliveries wait")


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_last_event_of_a_second_counts(
    guarded: bool, servers: Servers, run_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look within the second counts what has come so far; what comes later in it plans no other look."""
    if not guarded:
        monkeypatch.setattr(offer, "LOOK_AFTER", dt.timedelta())
    monkeypatch.setattr(Look, "counted", asyncio.Event())
    monkeypatch.setattr(Look, "may_end", asyncio.Event())
    monkeypatch.setattr(jobs, "WatchBacklog", Look)
    async with hooks_with(servers, run_id, tmp_path, webhook_backlog=3) as hooks:
        hooks.receiver.answer = lambda r: BUSY
        webhook = await hooks.registered()
        hooks.running.service.database.clock.__class__ = OneSecond
        for n in range(3):
            await hooks.says(f"p-{n}", 1)
        await has_waiting(hooks, 3)
        if not guarded:
            await Look.counted.wait()
        await hooks.says("p-3", 1)
        await has_waiting(hooks, 4)
        Look.may_end.set()
        if guarded:
            assert await hooks.disabled(webhook) == "backlog_full"
            return

        async def has_looked() -> bool:
            return await hooks.db.jobs.find_one({"kind": "webhook_backlog"}) is None

        await eventually(has_looked, "no look is planned any more")
        assert "reason" not in await hooks.of(webhook)
