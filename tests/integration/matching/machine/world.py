"""Two replicas' lanes on one database, and mongod's clock, which a story can move on."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pymongo import MongoClient

from services.chassis.commit.commands import Commands
from services.chassis.commit.committer import Committer
from services.chassis.model.topic_names import TopicNames
from services.chassis.mongo.clock import Clock
from services.chassis.mongo.database import Database
from services.chassis.ops.health import Heartbeat
from services.matching import store

T = TypeVar("T")


class ShiftedClock(Clock):
    """mongod's clock, and how far the test has moved it on."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = dt.timedelta()

    def now_us(self) -> int:
        return super().now_us() + self.ahead // dt.timedelta(microseconds=1)


@dataclass
class World:
    """Two replicas' lanes on one database, in a loop of their own. `histories`: how many were begun here; `done`: what
    people did in them, by what it was and whether it was refused."""

    loop: asyncio.AbstractEventLoop
    databases: list[Database]
    lanes: list[Commands]
    clock: ShiftedClock
    histories: int = 0
    done: Counter[str] = field(default_factory=Counter)
    wrong: BaseException | None = None
    """The first thing that did not hold, as it was found: a repetition of its history would take another course."""

    @property
    def database(self) -> Database:
        """To read what is stored."""
        return self.databases[0]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """In the loop of this world."""
        return self.loop.run_until_complete(work)

    async def forget(self) -> None:
        """Nothing is left of a history: the next one is checked against all that is stored."""
        names = [*(collection.name for collection in store.ALL), "outbox", "jobs"]
        await asyncio.gather(*(self.database.db[name].delete_many({}) for name in names))


@contextmanager
def a_world(uri: str, name: str) -> Iterator[World]:
    """Its database is gone afterwards."""
    loop, clock = asyncio.new_event_loop(), ShiftedClock()
    opened = [loop.run_until_complete(_open(uri, name, clock)) for _ in range(2)]
    world = World(loop, [o[0] for o in opened], [o[1] for o in opened], clock)
    try:
        yield world
    finally:
        for lane in world.lanes:
            lane.stop()
        loop.run_until_complete(asyncio.gather(*(o[2] for o in opened)))
        for database in world.databases:
            database.close()
        loop.close()
        with MongoClient[Any](uri) as client:
            client.drop_database(name)


async def _open(uri: str, name: str, clock: ShiftedClock) -> tuple[Database, Commands, asyncio.Task[None]]:
    database = Database(uri, name, source="/magpie/matching")
    database.clock = clock
    await database.prepare(store.ALL)
    lane = Commands(Committer(database, TopicNames("machine"), 64), heartbeat=Heartbeat("test"), wait_seconds=30.0)
    return database, lane, asyncio.ensure_future(lane.serve())
