"""The whole line: from the publication of a profile over HTTP until its first match is on the topic: latency, profiles
per second, and where the time goes."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from motor.motor_asyncio import AsyncIOMotorClient
from prometheus_client.parser import text_string_to_metric_families

from deploy.demo.content import Organisation, organisations
from deploy.local.services import free_base
from deploy.local.system import Servers, System
from services.chassis.tokens import mint

from .load import Connection, percentile_ms
from .processes import cpu_seconds, family

PER_SECOND, SECONDS = 5, 40
BURST_SIZE, CLIENTS = 300, 16
"""Drafts that are published as fast as possible, and by how many clients."""
SLOW_JOBS = ("embed", "propose")
"""Kinds of the jobs that make a profile's vectors and propose its matches."""
PARTITIONS = 12
PREFIX = "benchline"


@dataclass(frozen=True)
class LineLatency:
    """Latency from publication to first match. `proposed`: number of the published profiles that got a match."""

    published: int
    proposed: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Burst:
    """Figures from the first publication until the last profile is encoded and scored against all others."""

    per_second: float
    cpu_ms: dict[str, float]
    """Milliseconds per profile, by process."""
    work_ms: dict[str, float]
    """Milliseconds per profile in the slow half of matching's jobs; several jobs run at the same time."""


@dataclass
class ProposalWatcher:
    """Reads the topics as another system would, and finds out when each publication led to its first proposal.

    A proposal has the correlation id of the publication that caused it."""

    bootstrap: str
    prefix: str = PREFIX
    published: dict[str, str] = field(default_factory=dict)
    """Profile by correlation id."""
    first_proposal: dict[str, float] = field(default_factory=dict)
    """Instant of `time.monotonic()` by correlation id."""

    async def follow(self) -> None:
        """Reads until it is cancelled."""
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        await consumer.start()
        try:
            topics = (f"{self.prefix}.profiles.v1", f"{self.prefix}.matches.v1")
            consumer.assign([TopicPartition(topic, p) for topic in topics for p in range(PARTITIONS)])
            while True:
                for records in (await consumer.getmany(timeout_ms=50)).values():
                    for record in records:
                        self._see(dict(record.headers), record.key.decode())
        finally:
            await consumer.stop()

    def _see(self, headers: dict[str, bytes], key: str) -> None:
        kind, chain = headers["ce_type"].decode(), headers["ce_correlationid"].decode()
        if kind == "magpie.profile.published":
            self.published[chain] = key
        elif kind == "magpie.match.proposed":
            self.first_proposal.setdefault(chain, time.monotonic())


async def measure(servers: Servers, directory: Path) -> tuple[LineLatency, Burst]:
    """Runs profiles and matching with its default embedder: first a steady load, then a burst of publications."""
    env = {"MAGPIE_TOPIC_PREFIX": PREFIX, "MAGPIE_DATABASE_PREFIX": f"{PREFIX}_"}
    replicas = {"profiles": 1, "matching": 1}
    with System.on_servers(servers, directory, replicas=replicas, base_port=free_base(), env=env) as system:
        latency = await measure_latency(system, directory)
        return latency, await measure_burst(system, directory)


async def measure_latency(
    system: System, directory: Path, *, prefix: str = PREFIX, per_second: float = PER_SECOND, seconds: float = SECONDS
) -> LineLatency:
    """A steady load, from each publication to the first proposal."""
    watcher = ProposalWatcher(system.servers.bootstrap, prefix)
    watching = asyncio.ensure_future(watcher.follow())
    try:
        await _publish(system, 10, directory, first=10_000)  # the model is loaded when it is first used
        await asyncio.sleep(5)
        sent = await _publish(system, int(per_second * seconds), directory, per_second=per_second)
        await asyncio.sleep(5)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    waits = [
        watcher.first_proposal[chain] - sent[profile]
        for chain, profile in watcher.published.items()
        if profile in sent and chain in watcher.first_proposal
    ]
    return LineLatency(len(sent), len(waits), percentile_ms(waits, 50), percentile_ms(waits, 95))


async def measure_burst(system: System, directory: Path, *, prefix: str = PREFIX) -> Burst:
    """BURST_SIZE drafts are published at once."""
    servers = system.servers
    url, waiting = system.urls("profiles")[0], asyncio.Queue[tuple[Connection, str]]()
    for n, organisation in zip(range(BURST_SIZE), itertools.cycle(organisations()), strict=False):
        connection = Connection(url, mint(org=f"burst-{n}", role="participant", state_dir=directory))
        created = await connection.ask("POST", "/v1/profiles", _variation(organisation, 20_000 + n))
        assert created.status == 201, created.body
        waiting.put_nowait((connection, created.headers["location"]))
    matching: Any = AsyncIOMotorClient(servers.uri)[f"{prefix}_matching"]
    expected = await matching.indexed.count_documents({}) + BURST_SIZE
    pids = {name: family(replicas[0].pid) for name, replicas in system.services.items()}
    pids |= {"kafka": [servers.kafka.pid], "mongod": [servers.mongo.pid]}
    cpu, work = {name: cpu_seconds(of) for name, of in pids.items()}, await _job_seconds(system)
    begin = time.monotonic()

    async def publish() -> None:
        while not waiting.empty():
            connection, path = waiting.get_nowait()
            assert (await connection.ask("POST", f"{path}/publish")).status == 200
            connection.close()

    await asyncio.gather(*(publish() for _ in range(CLIENTS)))
    # Done when every profile is indexed and no job is left: a profile without a match emits no event to wait for.
    async with asyncio.timeout(120):
        while await matching.indexed.count_documents({}) < expected or await matching.jobs.find_one(
            {"kind": {"$in": SLOW_JOBS}}
        ):
            await asyncio.sleep(0.05)
    took = time.monotonic() - begin
    after = await _job_seconds(system)
    return Burst(
        per_second=round(BURST_SIZE / took, 1),
        cpu_ms={name: round((cpu_seconds(of) - cpu[name]) / BURST_SIZE * 1000, 1) for name, of in pids.items()},
        work_ms={name: round((after[name] - work[name]) / BURST_SIZE * 1000, 1) for name in SLOW_JOBS},
    )


async def _job_seconds(system: System) -> dict[str, float]:
    """Seconds that matching has spent in the slow half of each kind of job since its start, from its metrics."""
    response = await Connection(system.services["matching"][0].operations_url, "").ask("GET", "/metrics")
    found = dict.fromkeys(SLOW_JOBS, 0.0)
    for series in text_string_to_metric_families(response.body.decode()):
        for sample in series.samples:
            if sample.name == "magpie_job_seconds_sum" and sample.labels["kind"] in found:
                found[sample.labels["kind"]] = sample.value
    return found


async def _publish(
    system: System, count: int, directory: Path, first: int = 0, per_second: float = PER_SECOND
) -> dict[str, float]:
    """Publishes profiles at a steady pace, without waiting for answers. Returns by profile when that was sent."""
    url, sent = system.urls("profiles")[0], dict[str, float]()

    async def one(n: int, organisation: Organisation) -> None:
        connection = Connection(url, mint(org=f"bench-{first + n}", role="participant", state_dir=directory))
        try:
            created = await connection.ask("POST", "/v1/profiles", _variation(organisation, n))
            assert created.status == 201, created.body
            path = created.headers["location"]
            sent[path.rsplit("/", 1)[1]] = time.monotonic()
            published = await connection.ask("POST", f"{path}/publish")
            assert published.status == 200, published.body
        finally:
            connection.close()

    begin, tasks = time.monotonic(), []
    for n, organisation in zip(range(count), itertools.cycle(organisations()), strict=False):
        await asyncio.sleep(max(0.0, begin + n / per_second - time.monotonic()))
        tasks.append(asyncio.ensure_future(one(n, organisation)))
    await asyncio.gather(*tasks)
    return sent


def _variation(organisation: Organisation, n: int) -> dict[str, Any]:
    """The profile of an organisation with new texts, so that no vector comes from a cache."""
    entries = {
        side: [
            {**e, "text": {**e["text"], "text": f"{e['text']['text']} ({n + 1})"}} for e in organisation.profile[side]
        ]
        for side in ("offers", "needs")
    }
    return {**organisation.profile, **entries}
