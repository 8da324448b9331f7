"""A run: people act, faults strike, the line recovers; then the verdict, the rewind, and the report."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.local.supervisor import supervised
from deploy.local.system import System
from services.chassis.ops.settings import ChassisSettings
from tests.support.waiting import eventually

from . import witness
from .acts import Acts
from .evidence import SERVICES, Evidence, digest, gather
from .faults import Aim, Faults
from .people import Crowd, crowd
from .report import Report, TurnedAway, report
from .verdict import Verdict, judge
from .world import Options, World, a_world

DESKS = 6
RECOVERY_SECONDS, CONTROL_PATIENCE = 60.0, 10.0
LEASE = dt.timedelta(seconds=ChassisSettings.model_fields["job_lease_seconds"].default + 2)
"""How far ahead the time of a job is at most that somebody holds, or was told to try again soon."""
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
    cluster: bool = False,
    say: Any = print,
) -> Report:
    """`without`: these guards are taken away (`site/sitecustomize.py`), which must be found out. `cluster`: on three
    brokers and a replica set of three. Raises AssertionError for an answer that the API does not promise."""
    aim = next((AIMS[name] for name in without if name in AIMS), None)
    options = Options(directory, base_port, seed, without, cluster)
    async with a_world(options, patience=CONTROL_PATIENCE if without else RECOVERY_SECONDS) as world:
        with supervised(world.system, say=lambda text: None):
            faults = Faults(world.system, random.Random(seed), world.lines, options.armed, aim)
            return await _run(world, faults, seconds=seconds, seed=seed, firms=firms, say=say)


async def _run(world: World, faults: Faults, *, seconds: float, seed: int, firms: int, say: Any) -> Report:
    system = world.system
    async with httpx2.AsyncClient(timeout=6, limits=httpx2.Limits(max_connections=40)) as http:
        people, recoveries = crowd(system, http, many=firms, seed=seed), dict[str, list[float]]()
        await asyncio.gather(*(firm.enter() for firm in people.firms))
        await asyncio.gather(*(firm.confirm_address(world.postbox) for firm in people.firms))
        turned_away, acts = TurnedAway(system), Acts(system, seconds)
        unheard = await _under_fire(world, people, faults, recoveries, turned_away, acts, seconds, say)
        evidence, verdict = await _settled(world, people, acts.holed)
        verdict.lost += unheard
        verdict.unseen += acts.unseen() if world.has_acts else []
        changed = await rewind(world)
    return report(people, faults, recoveries, turned_away, evidence, verdict, changed, seconds, seed, acts.done)


async def _under_fire(
    world: World,
    people: Crowd,
    faults: Faults,
    recoveries: dict[str, list[float]],
    turned_away: TurnedAway,
    acts: Acts,
    seconds: float,
    say: Any,
) -> list[str]:
    """Returns what the line never recovered from. Acts of operators stand between the faults: each is timed by itself,
    once the line has recovered."""
    system = world.system
    acting = [asyncio.ensure_future(people.act(desk)) for desk in range(DESKS)]
    end, unheard = time.monotonic() + seconds, list[str]()
    try:
        while time.monotonic() < end or (world.has_acts and acts.is_owed):
            name = await faults.strike()
            over_at = time.monotonic()
            if not await recovered(system, people, f"{name}, {faults.done.total()}"):
                unheard.append(f"the line works no more after {name}")
            took = time.monotonic() - over_at
            recoveries.setdefault(name, []).append(took)
            await asyncio.to_thread(turned_away.look)
            say(f"{faults.done.total():4}. {name:32} {took:5.1f} s")
            if acts.is_due and world.has_acts:
                say(f"      {await acts.next()}")
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


async def _settled(world: World, people: Crowd, holed: set[str]) -> tuple[Evidence, Verdict]:
    """What is on its way arrives within the patience after all is quiet; what has not by then is lost."""
    recipients = {firm.profile_id: firm.recipient_id for firm in people.firms}
    end = time.monotonic() + world.patience
    while True:
        await quiet(world.system)
        evidence = await gather(world.system, world.postbox)
        evidence.holed = holed
        verdict = judge(people.firms[0].history, evidence, recipients)
        if verdict.is_clean or time.monotonic() > end:
            return evidence, verdict


async def quiet(system: System) -> None:
    """Nothing waits anywhere, and nothing is worked on: a job that is held has its time at the end of its lease."""

    def idle() -> bool:
        with MongoClient[Any](system.servers.uri) as client:
            now = client.admin.command("hello")["localTime"]
            held = {"token": {"$ne": None}, "run_at": {"$lte": now + LEASE}}
            unfinished = {"dead": {"$ne": True}, "$or": [{"run_at": {"$lte": now}}, held]}
            return all(
                client[f"magpie_{name}"].outbox.find_one() is None
                and client[f"magpie_{name}"].jobs.find_one(unfinished) is None
                for name in system.services
            )

    seen = Counter[str]()

    async def twice() -> bool:
        seen["idle"] = seen["idle"] + 1 if await asyncio.to_thread(idle) else 0
        return seen["idle"] > 20

    await eventually(twice, "nothing waits any more", RECOVERY_SECONDS)


async def rewind(world: World) -> list[str]:
    """With emptied cursors and inboxes everything is read again: no state changes, nothing is emitted or sent. Returns
    what did change."""
    system = world.system
    for name, replicas in system.services.items():
        for n in range(len(replicas)):
            await asyncio.to_thread(system.stop_service, name, n)
    before, told = digest(system), _numbers(await gather(system, world.postbox))
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
    after, said = digest(system), _numbers(await gather(system, world.postbox))
    changed += [f"state of {name}" for name in before if before[name] != after.get(name)]
    return changed + [f"{what}: {told[what]} -> {said[what]}" for what in told if told[what] != said[what]]


def _numbers(evidence: Evidence) -> dict[str, int]:
    """Of what was emitted and sent."""
    events = {f"events on {topic}": len(events) for topic, events in evidence.events.items()}
    return {**events, "mails": len(evidence.mails)}


def cursors(system: System) -> dict[str, int]:
    """How far each service has read each partition."""
    with MongoClient[Any](system.servers.uri) as client:
        return {
            cursor["_id"]: cursor["next"]
            for name in system.services
            # One of a topic that was made again stands at the start of a partition without records.
            for cursor in client[f"magpie_{name}"].cursors.find({"next": {"$gt": 0}})
        }
