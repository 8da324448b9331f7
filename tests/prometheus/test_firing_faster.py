"""The alerts whose windows are minutes or hours fire for real too, by their faults on a running system, with the rules
of `faster`, and clear."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from deploy.local.prometheus import Prometheus, targets
from deploy.local.system import System
from tests.prometheus.faster import a_system, watched
from tests.prometheus.test_firing import clears, fires
from tests.support.kafka import ce_headers, configure, send
from tests.support.profiles import chinese, korean
from tests.support.waiting import eventually
from tests.support.whole import Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
LATE_SECONDS = 66.0
MATCHES = "magpie.matches.v1"


# -- what callers get


async def test_requests_that_fail_or_are_slow(tmp_path: Path) -> None:
    async with a_system(tmp_path) as system:
        with watched(system, tmp_path) as prometheus:
            hanbit = Whole(system, "magpie").client("profiles", "hanbit")
            path = "/v1/profiles/" + (await hanbit.post("/v1/profiles", json=korean())).json()["profile_id"]
            await eventually(lambda: not prometheus.firing(), "a system that is well has no alert")
            async with meanwhile(slow_requests(system, hanbit, path)):
                await fires(prometheus, "ApiLatencyBudgetBurnsFast", "ApiLatencyBudgetBurns")
            assert system.servers.mongo.child
            system.servers.mongo.child.kill()
            async with meanwhile(requests(hanbit, path)):
                await fires(prometheus, "ApiErrorBudgetBurnsFast", "ApiErrorBudgetBurns", "IndexBehind", "PartDegraded")
            await asyncio.to_thread(system.servers.mongo.start)
            async with meanwhile(requests(hanbit, path)):
                await clears(prometheus, "ApiErrorBudgetBurnsFast", "ApiErrorBudgetBurns")
                await clears(prometheus, "IndexBehind", "PartDegraded")
                await clears(prometheus, "ApiLatencyBudgetBurnsFast", "ApiLatencyBudgetBurns")
            await hanbit.aclose()


@asynccontextmanager
async def meanwhile(work: Any) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)
    try:
        yield
        assert not task.done(), task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def requests(client: httpx2.AsyncClient, path: str) -> None:
    """One after the other; 503 is an answer."""
    while True:
        with suppress(httpx2.TransportError):
            await client.get(path)


async def slow_requests(system: System, client: httpx2.AsyncClient, path: str) -> None:
    """mongod stands still for more than a second again and again, as with a disk that cannot keep up."""
    pid = system.servers.mongo.pid
    try:
        while True:
            os.kill(pid, signal.SIGSTOP)
            asked = [asyncio.ensure_future(client.get(path)) for _ in range(10)]
            await asyncio.wait(asked, timeout=1.6)
            os.kill(pid, signal.SIGCONT)
            await asyncio.wait(asked)
    finally:
        os.kill(pid, signal.SIGCONT)


# -- the way of events


async def test_events_that_are_late_or_stand_still(tmp_path: Path) -> None:
    async with a_system(tmp_path) as system:
        with watched(system, tmp_path) as prometheus:
            drafts = await two_drafts(system)
            await eventually(lambda: not prometheus.firing(), "a system that is well has no alert")
            await late_notices(prometheus, system, drafts)
            await no_reader(prometheus, system)
            await unknown_lag(prometheus, system)
            await clears(prometheus, "MatchNoticesLateFast", "MatchNoticesLate", "EventsAreOld")


async def two_drafts(system: System) -> dict[str, str]:
    """Two firms that fit, with a member each who is told. Returns the ids of their profiles."""
    ids = dict[str, str]()
    for org, profile, lang, zone in (
        ("hanbit", korean(), "ko", "Asia/Seoul"),
        ("huaqiao", chinese(), "zh", "Asia/Shanghai"),
    ):
        owner = Whole(system, "magpie").client("profiles", org, sub=f"{org}-1")
        ids[org] = (await owner.post("/v1/profiles", json=profile)).json()["profile_id"]
        told = Whole(system, "magpie").client("notifications", org, sub=f"{org}-1")
        registration = {"profile_id": ids[org], "lang": lang, "zone": zone}
        answer = await told.put(f"/v1/recipients/{org}-1", json=registration)
        assert answer.status_code == 201, answer.text
        await owner.aclose()
        await told.aclose()
    return ids


async def publish(system: System, drafts: dict[str, str]) -> None:
    for org, id in drafts.items():
        owner = Whole(system, "magpie").client("profiles", org, sub=f"{org}-1")
        answer = await owner.post(f"/v1/profiles/{id}/publish")
        assert answer.status_code == 200, answer.text
        await owner.aclose()


async def late_notices(prometheus: Prometheus, system: System, drafts: dict[str, str]) -> None:
    """Kafka takes no record of the topic for more than a minute, while the two firms are proposed to each other."""
    await configure(system.bootstrap, MATCHES, {"max.message.bytes": "100"})
    await publish(system, drafts)
    with MongoClient[Any](system.servers.uri) as client:
        await eventually(lambda: client.magpie_matching.matches.find_one({}), "they are proposed to each other", 60)
    proposed_at = time.monotonic()
    await fires(prometheus, "TopicSetAside", "OutboxStuck")
    await eventually(lambda: time.monotonic() - proposed_at > LATE_SECONDS, "it is late", LATE_SECONDS + 5)
    await configure(system.bootstrap, MATCHES, {"max.message.bytes": "1048588"})
    await fires(prometheus, "MatchNoticesLateFast", "MatchNoticesLate", "EventsAreOld")
    await clears(prometheus, "TopicSetAside", "OutboxStuck")


async def no_reader(prometheus: Prometheus, system: System) -> None:
    """notifications is away, and then out of sight, while records come."""
    replica = system.services["notifications"][0]
    assert replica.child
    await asyncio.to_thread(replica.child.stop)
    async with meanwhile(more_and_more(system)):
        await fires(prometheus, "ConsumerStandsStill", "ConsumerLagGrows")
    prometheus.watch({name: found for name, found in targets(system.services).items() if name != "notifications"})
    await fires(prometheus, "ServiceGone")
    prometheus.watch(targets(system.services))
    await asyncio.to_thread(system.start_service, "notifications", 0)
    await clears(prometheus, "ServiceGone", "ConsumerStandsStill", "ConsumerLagGrows")


async def more_and_more(system: System) -> None:
    """Records of a type that no one knows, some hundreds a second; readers pass over them."""
    for n in range(100_000):
        filler = [(b"filler", b"{}", ce_headers(f"{n}-{m}", "magpie.test.filler", 1)) for m in range(200)]
        await send(system.bootstrap, MATCHES, filler)


async def unknown_lag(prometheus: Prometheus, system: System) -> None:
    assert system.servers.kafka.child
    system.servers.kafka.child.kill()
    await fires(prometheus, "ConsumerLagUnknown")
    await asyncio.to_thread(system.servers.kafka.start)
    await clears(prometheus, "ConsumerLagUnknown")
