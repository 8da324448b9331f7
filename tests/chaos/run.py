"""A run: people act, faults strike, the line recovers; then the verdict, the rewind, and the report."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.ports import free_port
from deploy.local.services import PORTS, REPLICA_STEP, ServiceProcess
from deploy.local.supervisor import supervised
from deploy.local.system import System
from tests.support.proxy import proxied
from tests.support.waiting import eventually

from . import witness
from .evidence import SERVICES, Evidence, digest, gather
from .faults import Aim, Faults
from .people import Crowd, crowd
from .report import Report, TurnedAway, report
from .verdict import Verdict, judge

DESKS = 6
RECOVERY_SECONDS, CONTROL_PATIENCE = 60.0, 10.0
SITE, ROOT = Path(__file__).parent / "site", Path(__file__).parents[2]
GUARDS = ("fence", "revision", "cursor", "token", "inbox", "news", "outbox")
CONTROL = ("outbox", "news", "cursor", "inbox")
"""As most services do it: published after the write, nothing remembered."""
AIMS = {
    "outbox": Aim("profiles", "committed", "SIGKILL"),
    "cursor": Aim("witness", "deciding", "SIGSTOP"),
    "inbox": Aim("matching", "published", "SIGKILL"),
    "fence": Aim("profiles", "publishing", "SIGSTOP"),
    "token": Aim("witness", "settling", "SIGSTOP"),
}
"""The window that each guard closes; the others are found wherever people act at the same moment."""


async def run(
    directory: Path,
    *,
    seconds: float,
    seed: int,
    firms: int,
    base_port: int,
    without: Sequence[str] = (),
    say: Any = print,
) -> Report:
    """`without`: these guards are taken away (`site/sitecustomize.py`), which must be found out. Raises AssertionError
    for an answer that the API does not promise."""
    armed = directory.resolve() / "armed"
    armed.mkdir(parents=True, exist_ok=True)
    env = {
        "PYTHONPATH": os.pathsep.join([str(SITE), str(ROOT)]),
        "CHAOS_CLOCKS": "0:-240,1:420",
        "CHAOS_ARMED": str(armed),
        "CHAOS_WITHOUT": ",".join(without),
    }
    aim = next((AIMS[name] for name in without if name in AIMS), None)
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
        system.services[witness.NAME] = [_witness(system, replica) for replica in range(2)]
        # In a thread: the proxies live in this loop, and nothing is ready without them.
        await asyncio.to_thread(system.start)
        try:
            with supervised(system, say=lambda text: None):
                lines = {"kafka": kafka, "mongod": mongod}
                faults = Faults(system, random.Random(seed), lines, armed, aim)
                patience = CONTROL_PATIENCE if without else RECOVERY_SECONDS
                return await _run(system, faults, seconds=seconds, seed=seed, firms=firms, patience=patience, say=say)
        finally:
            await asyncio.to_thread(system.stop)


def _witness(system: System, replica: int) -> ServiceProcess:
    return ServiceProcess(
        witness.NAME,
        replica,
        directory=system.directory,
        env=system.environment(),
        base_port=free_port() - REPLICA_STEP * replica,
        module="tests.chaos.witness",
    )


async def _run(
    system: System, faults: Faults, *, seconds: float, seed: int, firms: int, patience: float, say: Any
) -> Report:
    async with httpx2.AsyncClient(timeout=6, limits=httpx2.Limits(max_connections=40)) as http:
        people, recoveries = crowd(system, http, many=firms, seed=seed), dict[str, list[float]]()
        await asyncio.gather(*(firm.enter() for firm in people.firms))
        turned_away = TurnedAway(system)
        unheard = await _under_fire(system, people, faults, recoveries, turned_away, seconds, say)
        evidence, verdict = await _settled(system, people, patience)
        verdict.lost += unheard
        changed = await rewind(system)
    return report(people, faults, recoveries, turned_away, evidence, verdict, changed, seconds, seed)


async def _under_fire(
    system: System,
    people: Crowd,
    faults: Faults,
    recoveries: dict[str, list[float]],
    turned_away: TurnedAway,
    seconds: float,
    say: Any,
) -> list[str]:
    """Returns what the line never recovered from."""
    acting = [asyncio.ensure_future(people.act(desk)) for desk in range(DESKS)]
    end, unheard = time.monotonic() + seconds, list[str]()
    try:
        while time.monotonic() < end:
            name = await faults.strike()
            over_at = time.monotonic()
            if not await recovered(system, people, f"{name}, {faults.done.total()}"):
                unheard.append(f"the line works no more after {name}")
            took = time.monotonic() - over_at
            recoveries.setdefault(name, []).append(took)
            await asyncio.to_thread(turned_away.look)
            say(f"{faults.done.total():4}. {name:32} {took:5.1f} s")
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


async def _settled(system: System, people: Crowd, patience: float) -> tuple[Evidence, Verdict]:
    """What is on its way arrives within the patience after all is quiet; what has not by then is lost."""
    recipients = {firm.profile_id: firm.sub for firm in people.firms}
    end = time.monotonic() + patience
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
        for name in SERVICES:
            client[f"magpie_{name}"].cursors.delete_many({})
            client[f"magpie_{name}"].inbox.delete_many({})
        # Where nothing is projected, the inbox is what knows.
        client[f"magpie_{witness.NAME}"].cursors.delete_many({"_id": {"$regex": "matches"}})
    for name, replicas in system.services.items():
        for n in range(len(replicas)):
            await asyncio.to_thread(system.start_service, name, n)
    changed = []
    try:
        await eventually(lambda: cursors(system) == places, "everything is read again", RECOVERY_SECONDS)
        await quiet(system)
    except AssertionError as error:
        changed.append(f"the rewind does not end: {error}")
    after, said = digest(system), {topic: len(e) for topic, e in (await gather(system)).events.items()}
    changed += [f"state of {name}" for name in before if before[name] != after.get(name)]
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
