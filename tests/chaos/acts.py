"""What organisers and operators do to a running system: a plan is published amid kills, partitions are added, a replica
gets the name of another one, a topic is made again, a service stays away for long, collections are dropped and
restored. In a cluster one server of three is lost. Each act says when it was seen (by what it begins, by a log line
beside `/readyz` and the metric, or by an end with a reason), and when all was whole again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import chain, zip_longest
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import NewPartitions
from aiokafka.coordinator.protocol import ConsumerProtocol

from deploy.local.cluster import Cluster
from deploy.local.ports import free_port
from deploy.local.services import ServiceProcess
from deploy.local.system import System
from tests.support.kafka import admin
from tests.support.waiting import eventually

from .absences import long_absence
from .outages import broker_lost, election
from .planning import plan_published
from .restores import RESTORED, restore
from .retold import TOPIC as RETOLD
from .retold import made_again
from .seeing import SEEN_SECONDS, WHOLE_SECONDS, Act, Lines, all_say_ok, answers, took

EVERY_SECONDS = 36.0
"""A run of a minute has two of them."""
LONG_SECONDS, OFTEN = 300.0, 2
"""So often a long run meets each act."""
GROWN = "calendars"
"""Its verdict does not need the order of all partitions."""
HOLES = ("a topic made again", "a long absence")
Kind = Callable[[System], Awaitable[Act]]


class Acts:
    """The acts on one system, in turn."""

    def __init__(self, system: System, seconds: float) -> None:
        """`seconds` is how long people act."""
        self._system, self.done, self._kinds = system, list[Act](), kinds(system)
        self._is_long = seconds >= LONG_SECONDS
        self._pace = min(EVERY_SECONDS, seconds / (OFTEN * len(self._kinds) + 1)) if self._is_long else EVERY_SECONDS
        self._next_at = time.monotonic() + self._pace / 2

    @property
    def is_due(self) -> bool:
        return time.monotonic() > self._next_at

    @property
    def is_owed(self) -> bool:
        """Whether the run goes on until each act was met often enough."""
        return self._is_long and len(self.done) < OFTEN * len(self._kinds)

    async def next(self) -> Act:
        act = await self._kinds[len(self.done) % len(self._kinds)](self._system)
        self.done.append(act)
        # By the clock: acts that take long are made up for.
        self._next_at += self._pace
        return act

    @property
    def holed(self) -> set[str]:
        """Topics of which records are gone on purpose."""
        return {RETOLD} if any(act.name in HOLES for act in self.done) else set()

    def unseen(self) -> list[str]:
        """In sentences: acts that were not seen, or not whole, in time, or that were not met."""
        late = [f"{act.name}: seen {act.seen}, whole {act.whole}" for act in self.done if not act.is_in_time]
        few = [name for name, n in Counter(act.name for act in self.done).items() if n < OFTEN]
        return late + [f"{name} was met once" for name in few if self._is_long]


def kinds(system: System) -> list[Kind]:
    """In an order in which a short run meets different ones."""
    changes: list[Kind] = [plan_published, more_partitions, twin, made_again, long_absence]
    restored: list[Kind] = [partial(collection_restored, row=row) for row in RESTORED]
    lost: list[Kind] = [election, broker_lost] if isinstance(system.servers, Cluster) else []
    return [kind for kind in chain.from_iterable(zip_longest(lost, changes, restored)) if kind is not None]


async def more_partitions(system: System) -> Act:
    """All of them have a reader; where the member that leads sees them itself, no one has to be told."""
    topic, group = f"magpie.{GROWN}.v1", "magpie.notifications"
    async with admin(system.servers.bootstrap) as client:
        [found] = await client.describe_topics([topic])
        wanted = len(found["partitions"]) + 4
        await client.create_partitions({topic: NewPartitions(total_count=wanted)})
        began = time.monotonic()

        async def read() -> bool:
            described: list[Any] = await client.describe_consumer_groups([group])
            held = {tp for *_, part in described[0].groups[0][5] if part for tp in _places(part)}
            return {TopicPartition(topic, n) for n in range(wanted)} <= held

        whole = await took(read, began, WHOLE_SECONDS)
    return Act("partitions added", whole, whole)


async def twin(system: System) -> Act:
    """It ends by itself, and the one before it goes on."""
    second = ServiceProcess(
        "translation", 0, directory=system.directory / "twin", env=system.environment(), base_port=free_port()
    )
    first = system.services["translation"][0]
    pid = first.pid
    await asyncio.to_thread(second.launch)
    try:
        # On a busy machine an interpreter may take half a minute to start; that is no part of the act.
        await eventually(lambda: asyncio.to_thread(answers, second) if second.is_running else True, "a twin", 90)
        began = time.monotonic()
        over = await took(lambda: not second.is_running, began, SEEN_SECONDS)
        said = "replica_name_is_taken" in second.log.read_text()
    finally:
        if second.child is not None and second.is_running:
            await asyncio.to_thread(second.child.stop)
    return Act("a twin", over if said else None, over if first.pid == pid and first.is_running else None)


async def collection_restored(system: System, row: tuple[str, str, str]) -> Act:
    """What follows it says so, and has it as it is."""
    name, collection, part = row
    services = system.services[name]
    lines = Lines(services)
    await asyncio.to_thread(restore, system, name, collection)
    began = time.monotonic()
    seen = await took(lambda: lines.tell_of(part), began, SEEN_SECONDS)
    whole = await took(lambda: asyncio.to_thread(all_say_ok, services), began, WHOLE_SECONDS)
    return Act(f"{name}.{collection} restored", seen, whole)


def _places(assignment: bytes) -> set[TopicPartition]:
    return set(ConsumerProtocol.ASSIGNMENT.decode(assignment).partitions())
