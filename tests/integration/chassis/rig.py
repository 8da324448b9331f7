"""A small world for the promises: notes that count (an aggregate with a topic), tallies (private), and the lanes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from aiokafka import ConsumerRecord, TopicPartition
from faststream.kafka import KafkaBroker

from schemas.envelope import Event, Tombstone
from services.chassis.commit.commands import Commands
from services.chassis.commit.committer import Committer
from services.chassis.commit.job_kind import JobKind, Payload
from services.chassis.commit.jobs import AnyJob
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.commit.workers import Workers
from services.chassis.kafka_in.consumer import Consumer
from services.chassis.kafka_in.retries import RetryReader
from services.chassis.kafka_in.subscriptions import AnyHandler, Projects, RecordReader, Subscription, on
from services.chassis.kafka_out.relay import Relay, RelayOptions
from services.chassis.model.documents import Collection, Document, Index, Projection, is_newer
from services.chassis.model.events import Incoming
from services.chassis.model.topic_names import TopicNames
from services.chassis.mongo.database import Database
from services.chassis.ops import KafkaConnection
from services.chassis.ops.health import Heartbeat
from tests.support.kafka import admin, ce_headers, make_topics, read_all, send
from tests.support.waiting import eventually


class Noted(Event):
    event_type: ClassVar[str] = "magpie.note.noted"
    topic: ClassVar[str] = "notes"
    n: int
    text: str = ""


class NoteErased(Tombstone):
    event_type: ClassVar[str] = "magpie.note.erased"
    topic: ClassVar[str] = "notes"


class Note(Document):
    total: int = 0
    on: bool = True


class Tally(Projection):
    total: int = 0
    unique_n: int | None = None
    blob: bytes = b""


NOTES = Collection("notes", Note, topic="notes")
TALLIES = Collection("tallies", Tally, indexes=[Index(("unique_n",), unique=True, partial={"unique_n": {"$gt": 0}})])
OTHERS = Collection("others", Note)
ALL = (NOTES, TALLIES, OTHERS)


class KeyJob(Payload):
    key: str


TELL = JobKind("tell", KeyJob)
Decide = Callable[[UnitOfWork], Awaitable[Any]]


def add(id: str, n: int = 1) -> Decide:
    async def decide(uow: UnitOfWork) -> int:
        note = await uow.get_or(NOTES, Note(id=id))
        return uow.put(NOTES, note.model_copy(update={"total": note.total + n}), Noted(n=n)).total

    return decide


async def count(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    """No projection of the source: an effect that only checkpoint and inbox keep from happening twice."""
    tally = await uow.get_or(TALLIES, Tally(id="sum"))
    uow.put(TALLIES, tally.model_copy(update={"total": tally.total + 1}))


async def project(uow: UnitOfWork, event: Incoming[Noted]) -> None:
    """A row a key that carries the source's sequence; a note and a job follow from a row that moved."""
    row = await uow.get_or(TALLIES, Tally(id=event.key))
    if not is_newer(event.sequence, row):
        return
    uow.put(TALLIES, row.model_copy(update={"sequence": event.sequence, "total": row.total + event.data.n}))
    made = uow.derived_id("made")
    uow.put(NOTES, await uow.get_or(NOTES, Note(id=made, total=event.data.n)), Noted(n=event.data.n))
    uow.enqueue(TELL, KeyJob(key=event.key), cause=event.id)


@dataclass
class Rig:
    """One database and topic prefix of a test's own on the real servers."""

    bootstrap: str
    database: Database
    prefix: str
    uri: str
    topics: TopicNames = field(init=False)

    def __post_init__(self) -> None:
        self.topics = TopicNames(self.prefix)

    @property
    def notes(self) -> str:
        return self.topics.topic("notes")

    @property
    def incoming(self) -> str:
        return self.topics.topic("incoming")

    @property
    def dead(self) -> str:
        return f"{self.prefix}.dlq.test"

    @property
    def again(self) -> str:
        return self.topics.retries("test")

    def committer(self, max_decisions: int = 500) -> Committer:
        return Committer(self.database, self.topics, max_decisions)

    @asynccontextmanager
    async def commands(self, *, wait_seconds: float = 5.0) -> AsyncIterator[Commands]:
        lane = Commands(self.committer(64), heartbeat=Heartbeat("commands"), wait_seconds=wait_seconds)
        async with running(lane.serve()):
            yield lane

    def consumer(
        self,
        handler: AnyHandler,
        *,
        max_decisions: int = 500,
        inbox: bool = False,
        group: str = "g",
        source: str | None = None,
        projects: Projects | None = None,
    ) -> Consumer:
        routes = (*on(Noted, handle=handler), *on(NoteErased, handle=handler))
        subscription = Subscription("incoming", routes, inbox=inbox, projects=projects)
        group = f"{self.prefix}.{group}"
        reader = RecordReader(subscription, group=group, dead_letters=self.dead, source=source)
        return Consumer(
            self.database,
            self.committer(max_decisions),
            {self.incoming: reader, self.again: RetryReader({self.incoming: reader}, group, self.dead)},
            group=group,
            heartbeat=Heartbeat("consumer"),
        )

    def broker(self) -> KafkaBroker:
        return KafkaBroker(self.bootstrap, logger=None, consumer_only=True)

    def relay(self, **options: Any) -> Relay:
        wanted = {"lease_seconds": 2.0} | options
        connection = KafkaConnection(self.bootstrap)
        found = RelayOptions(connection=connection, transactional_id=f"{self.prefix}.relay", **wanted)
        return Relay(self.database, found, heartbeat=Heartbeat("relay"))

    def workers(self, lane: Commands, *jobs: AnyJob, lease_seconds: float = 30.0) -> Workers:
        return Workers(self.database, lane, jobs, heartbeat=Heartbeat("jobs"), lease_seconds=lease_seconds)

    async def make_topics(self, *names: str, partitions: int = 4, config: dict[str, str] | None = None) -> None:
        await make_topics(self.bootstrap, *names, partitions=partitions, config=config)

    async def make_incoming_again(self) -> None:
        """Deletes the incoming topic, and makes it with one partition."""
        async with admin(self.bootstrap) as client:
            await client.delete_topics([self.incoming])

            async def gone() -> bool:
                return self.incoming not in await client.list_topics()

            await eventually(gone, "topic deleted")
        await self.make_topics(self.incoming, partitions=1)

    async def fill(
        self, n: int, *, key: str | None = None, partition: int | None = None
    ) -> list[ConsumerRecord[Any, Any]]:
        """`n` events on the incoming topic; returns all of it."""
        body = [(key or f"k{i % 7}", i) for i in range(n)]
        records = [
            (k.encode(), Noted(n=i).model_dump_json().encode(), ce_headers(f"e{i}", Noted.event_type, i // 7 + 1))
            for k, i in body
        ]
        await send(self.bootstrap, self.incoming, records, partition=partition)
        return await read_all(self.bootstrap, self.incoming)

    async def apply(self, consumer: Consumer, records: list[ConsumerRecord[Any, Any]]) -> None:
        """What a consumer does with a batch, without Kafka's group: partition by partition."""
        batches: dict[TopicPartition, list[ConsumerRecord[Any, Any]]] = {}
        for record in records:
            batches.setdefault(TopicPartition(record.topic, record.partition), []).append(record)
        for place, batch in batches.items():
            await consumer.apply({place: batch})

    async def drain(self) -> None:
        """Runs a relay until the outbox is empty."""

        async def empty() -> bool:
            return await self.database.db.outbox.find_one({}) is None

        async with running(self.relay().serve()):
            await eventually(empty, "outbox drained")

    async def tally(self, id: str = "sum") -> int:
        found = await self.database.one(TALLIES, id)
        return found.total if found else 0

    async def count_rows(self, **query: Any) -> int:
        return int(await self.database.db.outbox.count_documents(query))


@asynccontextmanager
async def running(work: Any) -> AsyncIterator[asyncio.Task[Any]]:
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def sequences(records: list[ConsumerRecord[Any, Any]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for record in records:
        found.setdefault((record.key or b"").decode(), []).append(int(dict(record.headers)["ce_sequence"]))
    return found


def in_order(numbers: list[int]) -> bool:
    """Repeats may come, but only before anything newer: in the order of their last appearance they ascend."""
    last = {n: i for i, n in enumerate(numbers)}
    return sorted(last, key=last.__getitem__) == sorted(last)
