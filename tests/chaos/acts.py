"""What operators do to a running system: partitions are added, a replica gets the name of another one, a topic is made
again, collections are dropped and restored. Each act says when it was seen (by a log line beside `/readyz` and the
metric, or by an end with a reason), and when all was whole again."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions
from aiokafka.coordinator.protocol import ConsumerProtocol
from pymongo import MongoClient

from deploy.local.ports import free_port
from deploy.local.services import ServiceProcess
from deploy.local.system import System
from services.chassis import topics
from services.chassis.ops import KafkaConnection
from tests.support.kafka import admin
from tests.support.waiting import eventually

from .restores import RESTORED, restore

EVERY_SECONDS = 45.0
SEEN_SECONDS, WHOLE_SECONDS = 30.0, 90.0
"""A relay tries a topic that was away again after 30 s."""
ROOT = Path(__file__).parents[2]
RETOLD, GROWN = "translations", "calendars"
"""Their verdicts do not need the whole log, or the order of all partitions."""


@dataclass(frozen=True)
class Act:
    """One act and its times in seconds; None where it was not seen, or not whole, in time."""

    name: str
    seen: float | None
    whole: float | None

    @property
    def is_in_time(self) -> bool:
        return self.seen is not None and self.whole is not None


Kind = Callable[[], Awaitable[Act]]


class Acts:
    """The acts on one system, in turn. `made_again` are the topics whose beginning is gone."""

    def __init__(self, system: System) -> None:
        self._system, self.done, self.made_again = system, list[Act](), set[str]()
        self._next_at = time.monotonic() + EVERY_SECONDS / 2

    @property
    def is_due(self) -> bool:
        return time.monotonic() > self._next_at

    async def next(self) -> Act:
        collections = [partial(self._collection_restored, *row) for row in RESTORED]
        kinds = [*interleaved([self._more_partitions, self._twin, self._topic_again], collections)]
        act = await kinds[len(self.done) % len(kinds)]()
        self.done.append(act)
        self._next_at = time.monotonic() + EVERY_SECONDS
        return act

    async def _more_partitions(self) -> Act:
        """All of them have a reader; where the member that leads sees them itself, no one has to be told."""
        topic, group = f"magpie.{GROWN}.v1", "magpie.notifications"
        async with admin(self._system.servers.bootstrap) as client:
            [found] = await client.describe_topics([topic])
            wanted = len(found["partitions"]) + 4
            await client.create_partitions({topic: NewPartitions(total_count=wanted)})
            began = time.monotonic()

            async def read() -> bool:
                answers: list[Any] = await client.describe_consumer_groups([group])
                held = {tp for *_, part in answers[0].groups[0][5] if part for tp in _places(part)}
                return {TopicPartition(topic, n) for n in range(wanted)} <= held

            whole = await _took(read, began, WHOLE_SECONDS)
        return Act("partitions added", whole, whole)

    async def _twin(self) -> Act:
        """It ends by itself, and the one before it goes on."""
        twin = ServiceProcess(
            "translation",
            0,
            directory=self._system.directory / "twin",
            env=self._system.environment(),
            base_port=free_port(),
        )
        first = self._system.services["translation"][0]
        pid = first.pid
        await asyncio.to_thread(twin.launch)
        try:
            # On a busy machine an interpreter may take half a minute to start; that is no part of the act.
            await eventually(lambda: asyncio.to_thread(_answers, twin.url) if twin.is_running else True, "a twin", 90)
            began = time.monotonic()
            over = await _took(lambda: not twin.is_running, began, SEEN_SECONDS)
            said = "replica_name_is_taken" in twin.log.read_text()
        finally:
            if twin.child is not None and twin.is_running:
                await asyncio.to_thread(twin.child.stop)
        return Act("a twin", over if said else None, over if first.pid == pid and first.is_running else None)

    async def _topic_again(self) -> Act:
        """Its owner says one state once more; the reader takes it from the new log."""
        topic, bootstrap = f"magpie.{RETOLD}.v1", self._system.servers.bootstrap
        logs = [service.log for service in self._system.services["notifications"]]
        before = [log.stat().st_size for log in logs]
        async with admin(bootstrap) as client:
            await client.delete_topics([topic])
            began = time.monotonic()

            async def gone() -> bool:
                return topic not in await client.list_topics()

            await eventually(gone, f"{topic} is deleted")
        await topics.apply(KafkaConnection(bootstrap), "magpie")
        self.made_again.add(RETOLD)
        seen = await _took(
            lambda: any(_tells(*at, topic) for at in zip(logs, before, strict=True)), began, SEEN_SECONDS
        )
        whole = await self._restated(began)
        return Act("a topic made again", seen, whole)

    async def _collection_restored(self, name: str, collection: str, part: str) -> Act:
        """Whoever follows it says so, and has it as it is."""
        services = self._system.services[name]
        before = [service.log.stat().st_size for service in services]
        await asyncio.to_thread(restore, self._system, name, collection)
        began = time.monotonic()

        def seen() -> bool:
            return any(_tells(service.log, at, part) for service, at in zip(services, before, strict=True))

        def whole() -> bool:
            return all(_says_ok(service) for service in services)

        saw = await _took(seen, began, SEEN_SECONDS)
        ended = await _took(lambda: asyncio.to_thread(whole), began, WHOLE_SECONDS)
        return Act(f"{name}.{collection} restored", saw, ended)

    async def _restated(self, began: float) -> float | None:
        """One translation, with a later sequence; None where the reader did not hear of it."""
        with MongoClient[Any](self._system.servers.uri) as client:
            told = client.magpie_translation.translations.find_one({"gone": {"$ne": True}})
            if told is None:
                return time.monotonic() - began
            words = ["restate", "translations", told["_id"], "--beyond", str(told["revision"])]
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "services.translation", *words, cwd=ROOT, env=self._system.environment()
            )
            assert await process.wait() == 0
            query = {"_id": told["_id"], "sequence": {"$gt": told["revision"]}}
            rows = client.magpie_notifications.translations
            return await _took(lambda: rows.find_one(query) is not None, began, WHOLE_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/livez", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


async def _took(holds: Callable[[], Any], began: float, seconds: float) -> float | None:
    """When it held, in seconds; None where it did not in time."""
    try:
        await eventually(holds, "an act", seconds)
    except AssertionError:
        return None
    return round(time.monotonic() - began, 1)


def interleaved(first: Sequence[Kind], second: Sequence[Kind]) -> Iterator[Kind]:
    """By turns, so that a short run meets both."""
    for one, other in zip(first, second, strict=True):
        yield from (one, other)


def _says_ok(service: ServiceProcess) -> bool:
    try:
        with urllib.request.urlopen(f"{service.url}/readyz", timeout=2) as answer:
            return bool(json.loads(answer.read())["status"] == "ok")
    except OSError:
        return False


def _places(assignment: bytes) -> set[TopicPartition]:
    return set(ConsumerProtocol.ASSIGNMENT.decode(assignment).partitions())


def _tells(log: Path, since: int, what: str) -> bool:
    """Whether a replica has said that a topic is away, or another one now, or that a part is degraded."""
    with log.open("rb") as text:
        text.seek(since)
        lines = text.read().decode("utf-8", "replace").splitlines()
    return any(what in line and ("another_log" in line or '"degraded"' in line) for line in lines)
