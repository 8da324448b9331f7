"""Alerts about work that waits, quotas and what ages fire for real, by their faults on a running system, and clear."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import ssl
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.installation.certificates import SERVER_DAYS, authority, server
from deploy.local.ports import HOST, free_port
from deploy.local.prometheus import Prometheus
from deploy.local.system import System
from tests.prometheus.faster import a_system, watched
from tests.prometheus.test_firing import clears, fires
from tests.support.completions import Reply, completions, said
from tests.support.contract import PRODUCERS, an_entry, korean_profile, publish
from tests.support.kafka import ce_headers, send
from tests.support.profiles import korean
from tests.support.waiting import eventually
from tests.support.whole import Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
ROOT = Path(__file__).parents[2]
TEN_MINUTES = dt.timedelta(minutes=10)
TEXTS = 20
"""Of one profile; each is translated into two languages."""


async def test_work_that_waits_quotas_and_what_ages(tmp_path: Path) -> None:
    watching = f"{HOST}:{free_port()}"
    listener = await serving_tls(watching, tmp_path, days_left=10)
    async with completions() as engine:
        engine.otherwise = lambda asked: Reply(hangs=True)
        names = {"ENGINE": "openai", "OPENAI_BASE_URL": engine.url, "OPENAI_MODEL": "tiny-1", "OPENAI_KEY": "k"}
        names |= {"OPENAI_TIMEOUT": "20", "MAX_CHARACTERS_PER_DAY": "1"}
        env = {f"MAGPIE_TRANSLATION_{name}": value for name, value in names.items()}
        env |= {"MAGPIE_PROFILES_MAX_CREATED_PER_DAY": "1"}

        def faults(system: System) -> None:
            """A relay that stands still on a machine whose clock is off, and a certificate that ends."""
            system.services["profiles"][0]._env["MAGPIE_WATCH_CERTIFICATES"] = watching
            system.services["notifications"][0]._module = "tests.prometheus.standing"
            site = os.pathsep.join([str(ROOT / "tests" / "chaos" / "site"), str(ROOT)])
            system.services["notifications"][0]._env |= {"PYTHONPATH": site, "CHAOS_CLOCKS": "0:-300"}

        async with a_system(tmp_path, env, faults) as system:
            with watched(system, tmp_path, days_later=10) as prometheus:
                await late_jobs(prometheus, system)
                engine.otherwise = lambda asked: Reply(said("A translation."))
                await clears(prometheus, "JobsLate")
                await quotas(prometheus, system)
                await fires(prometheus, "ClockIsOff", "ReplicaFrozen", "CertificateEnds", "HolidayTableAgeing")
                await put_right(system)
                listener.close()
                listener = await serving_tls(watching, tmp_path, days_left=SERVER_DAYS)
                await restarted(system, "profiles")
                await clears(prometheus, "ClockIsOff", "ReplicaFrozen", "HolidayTableAgeing", "CertificateEnds")
                await paused_partition(prometheus, system)
                await clears(prometheus, "QuotaReached", "TranslationQuotaReached")
    listener.close()


async def serving_tls(address: str, directory: Path, *, days_left: int) -> asyncio.Server:
    """Shows a certificate that ends in that many days."""
    made = server(
        authority(dt.datetime.now(dt.UTC)), [HOST], dt.datetime.now(dt.UTC) - dt.timedelta(SERVER_DAYS - days_left)
    )
    shown = directory / "shown.pem"
    shown.write_text(made.key + made.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    return await asyncio.start_server(lambda _, writer: writer.close(), *address.split(":"), ssl=context)


async def restarted(system: System, name: str) -> None:
    replica = system.services[name][0]
    assert replica.child
    await asyncio.to_thread(replica.child.stop)
    await asyncio.to_thread(system.start_service, name, 0)


async def put_right(system: System) -> None:
    """The clock is set, the version before is deployed, and the organisers load the table of next year."""
    lame = system.services["notifications"][0]
    lame._module = "services.notifications"
    lame._env |= {"CHAOS_CLOCKS": ""}
    await restarted(system, "notifications")
    years = [dt.datetime.now(dt.UTC).year + n for n in (0, 1)]
    office = Whole(system, "magpie").client("matching", "office", role="organiser")
    body = {"version": "next", "days": [], "announced": {"KR": years, "CN": years}}
    answer = await office.put("/v1/holidays", json=body)
    assert answer.status_code == 200, answer.text
    await office.aclose()


async def published(system: System, n: int) -> None:
    """The profile of one owner, with texts that no one has translated."""
    id = f"p-late-{n}"
    offers = [an_entry(id, "offer", "technology", "ko", f"라이다 신호 처리 기술 {n}-{m}호") for m in range(TEXTS)]
    await publish(
        system.bootstrap, "magpie", korean_profile(id, owner="late", offers=offers, needs=[]), key=id, sequence=1
    )


async def late_jobs(prometheus: Prometheus, system: System) -> None:
    """The engine does not answer, and has not for ten minutes."""
    await published(system, 0)
    with MongoClient[Any](system.servers.uri) as client:
        jobs = client.magpie_translation.jobs
        await eventually(lambda: jobs.count_documents({}) == 2 * TEXTS, "the jobs are there")
        waiting = {"kind": "translate", "token": {"$exists": False}}
        await eventually(
            lambda: (
                jobs.update_many(waiting, {"$set": {"run_at": dt.datetime.now(dt.UTC) - TEN_MINUTES}}).matched_count
            ),
            "some wait",
        )
        await fires(prometheus, "JobsLate")


async def quotas(prometheus: Prometheus, system: System) -> None:
    """An organisation has more translated than it may, and three create more profiles than they may."""
    for n in range(1, 5):
        await published(system, n)
    for n in range(3):
        client = Whole(system, "magpie").client("profiles", f"greedy-{n}")
        answers = [(await client.post("/v1/profiles", json=korean())).status_code for _ in range(41)]
        assert answers == [201, *[429] * 40]
        await client.aclose()
    await fires(prometheus, "QuotaReached", "TranslationQuotaReached")


async def paused_partition(prometheus: Prometheus, system: System) -> None:
    """Documents that translation cannot read, as after an upgrade that went wrong."""
    ids = [f"p-broken-{n}" for n in range(30)]
    with MongoClient[Any](system.servers.uri) as client:
        rows = client.magpie_translation.profiles
        rows.insert_many([{"_id": id, "text_ids": 5, "revision": "broken"} for id in ids])
        events = [(id, korean_profile(id, owner="broken")) for id in ids]
        source = {"ce_source": PRODUCERS["profiles"]}
        records = [
            (
                id.encode(),
                event.model_dump_json(exclude_none=True).encode(),
                ce_headers(id, event.event_type, 1, **source),
            )
            for id, event in events
        ]
        await send(system.bootstrap, "magpie.profiles.v1", records, partition=0)
        await fires(prometheus, "PartitionPaused", "DeadLetters")
        rows.delete_many({"_id": {"$in": ids}})
    await clears(prometheus, "PartitionPaused", "DeadLetters")
