"""A run: people act, faults strike, the line recovers; then the verdict, the rewind, and the report."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.ports import free_port
from deploy.local.services import PORTS
from deploy.local.supervisor import supervised
from deploy.local.system import System
from tests.support.proxy import proxied
from tests.support.waiting import eventually

from .evidence import Evidence, digest, gather
from .faults import Faults
from .people import Crowd, crowd
from .verdict import Verdict, judge

DESKS = 6
RECOVERY_SECONDS = 60.0
SITE = Path(__file__).parent / "site"


@dataclass
class Report:
    seconds: float
    seed: int
    kills: int
    faults: dict[str, int]
    commands: int
    refused: int
    repeats_on_topics: int
    asked_again: int
    recovery_p95_s: float
    recovery_most_s: float
    lost: list[str]
    doubled: list[str]
    disordered: list[str]
    stuck: list[str]
    changed_by_rewind: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.stuck or self.changed_by_rewind)

    def as_json(self) -> dict[str, Any]:
        """Counts first, and the sentences behind them."""
        found = asdict(self)
        named = ("lost", "doubled", "disordered", "stuck", "changed_by_rewind")
        return {**found, **{name: len(found[name]) for name in named}, "what": {n: found[n][:50] for n in named}}


async def run(
    directory: Path,
    *,
    seconds: float,
    seed: int,
    firms: int,
    base_port: int,
    control: bool = False,
    say: Any = print,
) -> Report:
    """`control`: without the guards, which must be found out. Raises AssertionError for an answer that the API does not
    promise."""
    env = {"PYTHONPATH": str(SITE), "CHAOS_CLOCKS": "0:-240,1:420", **({"CHAOS_CONTROL": "1"} if control else {})}
    kafka_port, mongo_port = free_port(), free_port()
    async with proxied(kafka_port) as kafka, proxied(mongo_port) as mongod:
        env["MAGPIE_MONGO_URI"] = f"mongodb://{mongod.address}/?directConnection=true"
        replicas = dict.fromkeys(PORTS, 2)
        system = System(
            directory,
            replicas=replicas,
            kafka_port=kafka_port,
            mongo_port=mongo_port,
            base_port=base_port,
            fresh=True,
            env=env,
        )
        system.servers.kafka.advertised_port = kafka.port
        # In a thread: the proxies live in this loop, and nothing is ready without them.
        await asyncio.to_thread(system.start)
        try:
            with supervised(system, say=lambda text: None):
                faults = Faults(system, random.Random(seed), {"kafka": kafka, "mongod": mongod})
                return await _run(system, faults, seconds=seconds, seed=seed, firms=firms, say=say)
        finally:
            await asyncio.to_thread(system.stop)


async def _run(system: System, faults: Faults, *, seconds: float, seed: int, firms: int, say: Any) -> Report:
    async with httpx2.AsyncClient(timeout=6, limits=httpx2.Limits(max_connections=40)) as http:
        people, recoveries = crowd(system, http, many=firms, seed=seed), list[float]()
        await asyncio.gather(*(firm.enter() for firm in people.firms))
        unheard = await _under_fire(system, people, faults, recoveries, seconds, say)
        evidence, verdict = await _settled(system, people)
        verdict.lost += unheard
        changed = await rewind(system)
    return _report(people, faults, recoveries, evidence, verdict, changed, seconds, seed)


async def _under_fire(
    system: System, people: Crowd, faults: Faults, recoveries: list[float], seconds: float, say: Any
) -> list[str]:
    """Returns what the line never recovered from."""
    acting = [asyncio.ensure_future(people.act(desk)) for desk in range(DESKS)]
    end, unheard = time.monotonic() + seconds, list[str]()
    try:
        while time.monotonic() < end:
            struck_at = time.monotonic()
            name = await faults.strike()
            if not await recovered(system, people, f"{name}, {faults.done.total()}"):
                unheard.append(f"the line works no more after {name}")
            recoveries.append(time.monotonic() - struck_at)
            say(f"{faults.done.total():4}. {name:22} {recoveries[-1]:5.1f} s")
            failed = [task.exception() for task in acting if task.done()]
            assert not failed, f"somebody gave up: {failed}"
    finally:
        people.is_over = True
    for task in acting:
        await task
    return unheard


async def recovered(system: System, people: Crowd, after: str) -> bool:
    """The line works again for everybody: each firm revises, and matching and notifications have heard of it. So every
    partition has an owner that works, whoever was killed."""
    before = {firm.profile_id: firm.etag for firm in people.firms}
    await asyncio.gather(*(firm.revise(f"Probe {after}") for firm in people.firms))
    assert all(firm.etag != before[firm.profile_id] for firm in people.firms)
    wanted = {firm.profile_id: int(firm.etag.strip('"')) for firm in people.firms}

    def heard() -> bool:
        try:
            with MongoClient[Any](system.servers.uri, serverSelectionTimeoutMS=1000) as client:
                return all(
                    row["sequence"] >= wanted[row["_id"]]
                    for service in ("matching", "notifications")
                    for row in client[f"magpie_{service}"].profiles.find({"_id": {"$in": list(wanted)}})
                )
        except PyMongoError:
            return False

    try:
        await eventually(lambda: asyncio.to_thread(heard), f"the line works again after {after}", RECOVERY_SECONDS)
    except AssertionError:
        return False
    return True


async def _settled(system: System, people: Crowd) -> tuple[Evidence, Verdict]:
    """What is on its way arrives within a minute and a half; what has not by then is lost."""
    recipients = {firm.profile_id: firm.sub for firm in people.firms}
    end = time.monotonic() + RECOVERY_SECONDS
    while True:
        await quiet(system)
        evidence = await gather(system)
        verdict = judge(people.firms[0].history, evidence, recipients)
        if verdict.is_clean or time.monotonic() > end:
            return evidence, verdict


async def quiet(system: System) -> None:
    """Nothing waits anywhere."""

    def idle() -> bool:
        with MongoClient[Any](system.servers.uri) as client:
            now = client.admin.command("hello")["localTime"]
            return all(
                client[f"magpie_{name}"].outbox.find_one() is None
                and client[f"magpie_{name}"].jobs.find_one({"dead": {"$ne": True}, "run_at": {"$lte": now}}) is None
                for name in system.services
            )

    seen = Counter[str]()

    async def twice() -> bool:
        seen["idle"] = seen["idle"] + 1 if await asyncio.to_thread(idle) else 0
        return seen["idle"] > 20

    await eventually(twice, "nothing waits any more", RECOVERY_SECONDS)


async def rewind(system: System) -> list[str]:
    """With emptied cursors and inboxes everything is read again: no state changes, nothing is emitted or sent. Returns
    what did change."""
    for name, replicas in system.services.items():
        for n in range(len(replicas)):
            await asyncio.to_thread(system.stop_service, name, n)
    before, told = digest(system), {topic: len(e) for topic, e in (await gather(system)).events.items()}
    places = cursors(system)
    with MongoClient[Any](system.servers.uri) as client:
        for name in system.services:
            client[f"magpie_{name}"].cursors.delete_many({})
            client[f"magpie_{name}"].inbox.delete_many({})
    for name, replicas in system.services.items():
        for n in range(len(replicas)):
            await asyncio.to_thread(system.start_service, name, n)
    await eventually(lambda: cursors(system) == places, "everything is read again", RECOVERY_SECONDS)
    await quiet(system)
    after, said = digest(system), {topic: len(e) for topic, e in (await gather(system)).events.items()}
    changed = [f"state of {name}" for name in before if before[name] != after.get(name)]
    return changed + [
        f"events on {topic}: {told[topic]} -> {said[topic]}" for topic in told if told[topic] != said[topic]
    ]


def cursors(system: System) -> dict[str, int]:
    """How far each service has read each partition."""
    with MongoClient[Any](system.servers.uri) as client:
        return {
            cursor["_id"]: cursor["next"]
            for name in system.services
            for cursor in client[f"magpie_{name}"].cursors.find()
        }


def _report(
    people: Crowd,
    faults: Faults,
    recoveries: list[float],
    evidence: Evidence,
    verdict: Verdict,
    changed: list[str],
    seconds: float,
    seed: int,
) -> Report:
    history, ordered = people.firms[0].history, sorted(recoveries)
    repeats = sum(len(events) - len({e.id for e in events}) for events in evidence.events.values())
    again = sum(len(caller.repeats) for firm in people.firms for caller in firm.callers.values())
    return Report(
        seconds=seconds,
        seed=seed,
        kills=faults.kills,
        faults=dict(sorted(faults.done.items())),
        commands=history.commands,
        refused=history.refused,
        repeats_on_topics=repeats,
        asked_again=again,
        recovery_p95_s=round(ordered[len(ordered) * 95 // 100], 1) if ordered else 0.0,
        recovery_most_s=round(ordered[-1], 1) if ordered else 0.0,
        lost=verdict.lost,
        doubled=verdict.doubled,
        disordered=verdict.disordered,
        stuck=verdict.stuck,
        changed_by_rewind=changed,
    )
