"""The whole line: a profile is published by HTTP; how long until matches of it stand on the topic, how many profiles
a second get there, and where the time goes."""

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

from .load import Connection, percentile
from .processes import cpu_seconds

PER_SECOND, SECONDS = 5, 40
RUSH, CLIENTS = 300, 16
"""Drafts that are published all at once, and by how many."""
SLOW_HALVES = ("embed", "propose")
PARTITIONS = 12
PREFIX = "benchline"


@dataclass(frozen=True)
class Line:
    published: int
    proposed: int
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class Rush:
    """From the first publication until the last profile is embedded and judged against all others."""

    per_second: float
    cpu_ms: dict[str, float]
    """A profile, by process."""
    work_ms: dict[str, float]
    """A profile, in the slow half of matching's jobs; some run side by side."""


@dataclass
class Watch:
    """Reads the topics as another system would: whose publication caused which proposals, and when they came."""

    bootstrap: str
    published: dict[str, str] = field(default_factory=dict)
    """By correlation id, the profile."""
    first_proposal: dict[str, float] = field(default_factory=dict)
    """By correlation id."""

    async def follow(self) -> None:
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        await consumer.start()
        try:
            topics = (f"{PREFIX}.profiles.v1", f"{PREFIX}.matches.v1")
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


async def measure(servers: Servers, directory: Path) -> tuple[Line, Rush]:
    """Profiles, matching with its default embedder, Kafka and mongod on this machine; five publications a second, and
    then many at once."""
    env = {"MAGPIE_TOPIC_PREFIX": PREFIX, "MAGPIE_DATABASE_PREFIX": f"{PREFIX}_"}
    names = ("profiles", "matching")
    with System(directory, servers=servers, names=names, base_port=free_base(), env=env) as system:
        watch = Watch(servers.bootstrap)
        watching = asyncio.ensure_future(watch.follow())
        try:
            await _publish(system, 10, directory, first=10_000)  # the model is loaded at its first use
            await asyncio.sleep(5)
            sent = await _publish(system, PER_SECOND * SECONDS, directory)
            await asyncio.sleep(5)
            rush = await _rush(system, servers, directory)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    waits = [
        watch.first_proposal[chain] - sent[profile]
        for chain, profile in watch.published.items()
        if profile in sent and chain in watch.first_proposal
    ]
    return Line(len(sent), len(waits), percentile(waits, 50), percentile(waits, 95)), rush


async def _rush(system: System, servers: Servers, directory: Path) -> Rush:
    url, waiting = system.urls("profiles")[0], asyncio.Queue[tuple[Connection, str]]()
    for n, organisation in zip(range(RUSH), itertools.cycle(organisations()), strict=False):
        connection = Connection(url, mint(org=f"rush-{n}", role="participant", state_dir=directory))
        created = await connection.ask("POST", "/v1/profiles", _another(organisation, 20_000 + n))
        assert created.status == 201, created.body
        waiting.put_nowait((connection, created.headers["location"]))
    matching: Any = AsyncIOMotorClient(servers.uri)[f"{PREFIX}_matching"]
    wanted = await matching.indexed.count_documents({}) + RUSH
    pids = {name: replicas[0].pid for name, replicas in system.services.items()}
    pids |= {"kafka": servers.kafka.pid, "mongod": servers.mongo.pid}
    cpu, work = {name: cpu_seconds([pid]) for name, pid in pids.items()}, await _work(system)
    begin = time.monotonic()

    async def publish() -> None:
        while not waiting.empty():
            connection, path = waiting.get_nowait()
            assert (await connection.ask("POST", f"{path}/publish")).status == 200
            connection.close()

    await asyncio.gather(*(publish() for _ in range(CLIENTS)))
    async with asyncio.timeout(120):
        while await matching.indexed.count_documents({}) < wanted or await matching.jobs.find_one(
            {"kind": {"$in": SLOW_HALVES}}
        ):
            await asyncio.sleep(0.05)
    took = time.monotonic() - begin
    after = await _work(system)
    return Rush(
        per_second=round(RUSH / took, 1),
        cpu_ms={name: round((cpu_seconds([pid]) - cpu[name]) / RUSH * 1000, 1) for name, pid in pids.items()},
        work_ms={name: round((after[name] - work[name]) / RUSH * 1000, 1) for name in SLOW_HALVES},
    )


async def _work(system: System) -> dict[str, float]:
    """Seconds that matching has spent in the slow half of each kind of job."""
    said = await Connection(system.urls("matching")[0], "").ask("GET", "/metrics")
    found = dict.fromkeys(SLOW_HALVES, 0.0)
    for family in text_string_to_metric_families(said.body.decode()):
        for sample in family.samples:
            if sample.name == "magpie_job_seconds_sum" and sample.labels["kind"] in found:
                found[sample.labels["kind"]] = sample.value
    return found


async def _publish(system: System, many: int, directory: Path, first: int = 0) -> dict[str, float]:
    """At a steady pace, whatever the answers take. By profile, when its publication was sent."""
    url, sent = system.urls("profiles")[0], dict[str, float]()

    async def one(n: int, organisation: Organisation) -> None:
        connection = Connection(url, mint(org=f"bench-{first + n}", role="participant", state_dir=directory))
        try:
            created = await connection.ask("POST", "/v1/profiles", _another(organisation, n))
            assert created.status == 201, created.body
            path = created.headers["location"]
            sent[path.rsplit("/", 1)[1]] = time.monotonic()
            published = await connection.ask("POST", f"{path}/publish")
            assert published.status == 200, published.body
        finally:
            connection.close()

    begin, tasks = time.monotonic(), []
    for n, organisation in zip(range(many), itertools.cycle(organisations()), strict=False):
        await asyncio.sleep(max(0.0, begin + n / PER_SECOND - time.monotonic()))
        tasks.append(asyncio.ensure_future(one(n, organisation)))
    await asyncio.gather(*tasks)
    return sent


def _another(organisation: Organisation, n: int) -> dict[str, Any]:
    """The same firm's texts, said by somebody else: each text is new, so nothing comes from a cache."""
    said = {
        side: [
            {**e, "text": {**e["text"], "text": f"{e['text']['text']} ({n + 1})"}} for e in organisation.profile[side]
        ]
        for side in ("offers", "needs")
    }
    return {**organisation.profile, **said}
