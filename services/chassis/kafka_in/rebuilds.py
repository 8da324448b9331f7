"""Rebuilds that are due: planned by what a member finds, run by one replica, and waited for by all of them. And those
that an operator wants, which also look at the content of each row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ..model.documents import Doc
from ..model.failures import Unavailable, safe_text
from ..mongo.database import FACTS, Database
from ..mongo.lease import Lease
from ..ops.logs import logger
from ..ops.loops import Backoff
from .beside import Beside, Content
from .gaps import forget_new_log
from .reconciling import Differences, Reconciling

log = logger(__name__)
LEASE_SECONDS, RENEW_SECONDS = 30.0, 5.0
OPERATORS_LEASE_SECONDS, OPERATORS_RENEW_SECONDS = 10.0, 2.0
MAX_MISSING_SHARE, FEW = 0.2, 20
"""More rows than these are not erased without an operator: a topic that was emptied by mistake looks the same."""


class Rebuilds:
    """Of one service. A rebuild that is due stands in the database, so that a restart does not forget it."""

    def __init__(self, database: Database, service: str, topics: Mapping[str, Reconciling]) -> None:
        """`topics` by their full name: those whose rows can be compared."""
        self._database, self._service, self.topics = database, service, topics
        self._leases = {topic: Lease(database, f"rebuild/{topic}", seconds=LEASE_SECONDS) for topic in topics}
        self._running: dict[str, asyncio.Task[None]] = {}
        for topic in topics:
            database.conditions.mended(rows_of(topic))

    async def plan(self, topic: str, why: str) -> None:
        """A rebuild is due, unless one is already. Raises the driver's errors."""
        due: Doc = {"due": True, "why": why, "since": self._database.now(), "held": None}
        await self._database.db[FACTS].update_one({"_id": _id(topic)}, {"$setOnInsert": due}, upsert=True)

    async def look(self) -> None:
        """Says which are due, and begins with those that no other replica runs. Raises the driver's errors."""
        ids = {_id(topic): topic for topic in self.topics}
        due = await self._database.db[FACTS].find({"_id": {"$in": list(ids)}, "due": True}).to_list(None)
        waiting = {ids[fact["_id"]]: fact for fact in due}
        for topic in self.topics:
            if (fact := waiting.get(topic)) is None:
                self._database.conditions.mended(rows_of(topic))
                continue
            self._say(topic, fact)
            if fact["held"] is None and topic not in self._running and await self._leases[topic].hold():
                self._running[topic] = asyncio.ensure_future(self._run(topic))

    def _say(self, topic: str, fact: Doc) -> None:
        detail = fact["held"] or f"{fact['why']}; its rows are compared with the topic"
        command = self.command(topic) if fact["held"] else None
        self._database.conditions.degraded(rows_of(topic), detail, command=command, unready=True)

    def command(self, topic: str) -> str:
        """What an operator says to have it done."""
        name = self.topics[topic].reader.subscription.topic
        return f"python -m services.chassis.rebuild --service {self._service} --topic {name} --erase"

    async def _run(self, topic: str) -> None:
        renewing = asyncio.ensure_future(_renew(self._leases[topic], RENEW_SECONDS))
        try:
            found, held = await self._reconcile(topic)
            numbers = {"missing": len(found.missing), "newer": len(found.newer), "rows": found.rows}
            if held is None:
                log.warning("rebuilt", topic=topic, **numbers)
            else:
                log.error("rebuild_held", topic=topic, reason=held, command=self.command(topic), **numbers)
        except Exception as error:
            log.warning("rebuild_comes_again", topic=topic, error=safe_text(error))
        finally:
            renewing.cancel()
            await self._leases[topic].release()
            del self._running[topic]

    async def _reconcile(self, topic: str) -> tuple[Differences, str | None]:
        found = await self.topics[topic].compare()
        held = why_held(found)
        await self.topics[topic].apply(found, erase=held is None)
        await finish(self._database, topic, held=held)
        return found, held

    async def stop(self) -> None:
        """Ends what runs; another replica begins it again."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rebuild beside has found, and what it did."""

    found: Differences
    content: Content
    """Before anything was changed."""
    refused: int
    """Records that the service's handlers refuse."""
    held: str | None = None
    """Why nothing was erased."""
    after: Content | None = None
    """Once it was switched; None where it was only compared."""

    @property
    def is_as_built(self) -> bool:
        """Whether the rows were already what the topic says, sequences and content."""
        return self.found.are_none and not self.content.other


async def rebuild_beside(reconciling: Reconciling, *, check: bool = False, erase: bool = False) -> Outcome:
    """Builds the rows of a topic beside those of the service, compares, and, unless `check`, takes over what differs.
    `erase`: also rows that are missing in the topic, however many they are. Members may go on meanwhile; after a kill
    it can be done again. Raises the errors of both drivers, and Unavailable."""
    database, names = reconciling.committer.database, reconciling.committer.names
    beside = Beside(database=database, names=names, reader=reconciling.reader, projects=reconciling.projects)
    async with _alone(database, reconciling.topic):
        await beside.begin()
        try:
            found = await reconciling.compare(beside)
            content = await beside.compare()
            held = None if erase else why_held(found)
            if check:
                return Outcome(found, content, beside.refused, held)
            await reconciling.apply(found, erase=held is None)
            after = await beside.switch()
            if held is None:
                await finish(database, reconciling.topic)
            return Outcome(found, content, beside.refused, held, after)
        finally:
            await beside.end()


@asynccontextmanager
async def _alone(database: Database, topic: str) -> AsyncIterator[None]:
    """No other process rebuilds this topic meanwhile. Waits for the lease of one that was killed; raises Unavailable
    where one keeps it."""
    lease, backoff = Lease(database, f"rebuild/{topic}", seconds=OPERATORS_LEASE_SECONDS), Backoff(0.2, 1.0)
    until = database.now().timestamp() + OPERATORS_LEASE_SECONDS + LEASE_SECONDS
    while not await lease.hold():
        if database.now().timestamp() > until:
            raise Unavailable("another rebuild of these rows is running")
        await backoff.wait()
    renewing = asyncio.ensure_future(_renew(lease, OPERATORS_RENEW_SECONDS))
    try:
        yield
        if not await lease.hold():
            raise Unavailable("another rebuild of these rows has begun, as this one stood still")
    finally:
        renewing.cancel()
        await lease.release()


async def _renew(lease: Lease, every_seconds: float) -> None:
    while await lease.hold():
        await asyncio.sleep(every_seconds)


async def finish(database: Database, topic: str, *, held: str | None = None) -> None:
    """The rows are what the topic says: nothing is due, and the gaps of the topic are filled. With `held`: an operator
    has to decide."""
    if held is not None:
        await database.db[FACTS].update_one({"_id": _id(topic)}, {"$set": {"held": held}})
        return
    await database.db[FACTS].delete_one({"_id": _id(topic)})
    await forget_new_log(database, topic)
    said = {"by": "rebuild", "at": database.now()}
    await database.db.gaps.update_many({"topic": topic, "acknowledged": None}, {"$set": {"acknowledged": said}})


def why_held(found: Differences) -> str | None:
    """Why rows that the topic does not have are not erased without an operator; None where they are."""
    missing = len(found.missing)
    if missing and found.has_new_log:
        return (
            f"{missing} rows are not in the topic, but it was made again, or has lost its end, since they were read, "
            "so it does not say what was erased"
        )
    if missing and not found.has_beginning:
        return f"{missing} rows are not in the topic, but its beginning was removed, so it does not say what was erased"
    if missing > FEW and missing > MAX_MISSING_SHARE * found.rows:
        return f"{missing} of {found.rows} rows are not in the topic, more than are erased without being asked"
    return None


def rows_of(topic: str) -> str:
    """The name of a part, for `/readyz`."""
    return f"rows of {topic}"


def _id(topic: str) -> str:
    return f"rebuild/{topic}"
