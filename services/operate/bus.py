"""What Kafka says: members and lag of the consumer groups, and what stands on the topics of dead letters."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, KafkaError

from services.chassis.kafka_in import DeadLetter
from services.chassis.ops import Backoff, KafkaConnection, retry

ANSWER_MS, COORDINATOR_SECONDS = 10_000, 8.0
FETCH_BYTES = 8 * 1024 * 1024
RECORDS_A_FETCH = 200
POLL_MS, QUIET = 300, 5
"""After this many empty polls in succession a log has come to its end."""
COORDINATOR_MOVES = (14, 15, 16)
"""Kafka's codes for a coordinator that loads, is not there yet, or is now another broker."""
GROUP_IS_GONE = 69
"""Kafka's code for a group that it does not know."""


class Bus:
    """One connection for questions. Its methods raise KafkaError."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._options = {**connection.options(), "request_timeout_ms": ANSWER_MS}
        self._admin = AIOKafkaAdminClient(**self._options)

    async def __aenter__(self) -> Self:
        try:
            await self._admin.start()
        except BaseException:
            await self._admin.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()

    async def members(self, group: str) -> int:
        """How many processes are members of a group."""
        return int(await _coordinated(lambda: self._members(group)))

    async def _members(self, group: str) -> int:
        answers: list[Any] = await self._admin.describe_consumer_groups([group])
        code, _, _, _, _, members, *_ = answers[0].groups[0]
        if code in COORDINATOR_MOVES:
            raise GroupCoordinatorNotAvailableError
        if code not in (0, GROUP_IS_GONE):
            raise KafkaError(f"{group}: Kafka does not describe it, code {code}")
        return len(members)

    async def lag(self, group: str, topics: Sequence[str]) -> dict[str, int]:
        """Records that a group has not read yet, by topic, as it has told Kafka."""
        places = await self._places(topics)
        committed: Mapping[TopicPartition, Any] = await _coordinated(
            lambda: self._admin.list_consumer_group_offsets(group)
        )
        async with self._reader() as reader:
            begins, ends = await reader.beginning_offsets(places), await reader.end_offsets(places)
        lag = dict.fromkeys(topics, 0)
        for place in places:
            known = committed.get(place)
            lag[place.topic] += max(0, ends[place] - max(begins[place], known.offset if known else 0))
        return lag

    async def letters(self, topic: str) -> AsyncGenerator[list[DeadLetter], None]:
        """All letters of a topic, a few hundred at a time, in the order of each partition."""
        places = await self._places([topic])
        async with self._reader() as reader:
            reader.assign(places)
            await reader.seek_to_beginning(*places)
            ends, quiet = await reader.end_offsets(places), 0
            while quiet < QUIET and any([await reader.position(place) < ends[place] for place in places]):
                batches = await reader.getmany(timeout_ms=POLL_MS, max_records=RECORDS_A_FETCH)
                quiet = 0 if batches else quiet + 1
                if batches:
                    yield [DeadLetter.read(record) for records in batches.values() for record in records]

    async def records(self, topic: str, since: dt.datetime) -> AsyncGenerator[list[Any], None]:
        """The committed records of a topic from `since` to where it ends now, a few hundred at a time."""
        places, stamp = await self._places([topic]), int(since.timestamp() * 1000)
        async with self._reader() as reader:
            reader.assign(places)
            ends, quiet = await reader.end_offsets(places), 0
            begins = await reader.offsets_for_times(dict.fromkeys(places, stamp))
            for place in places:
                begin = begins.get(place)
                reader.seek(place, begin.offset if begin else ends[place])
            while quiet < QUIET and any([await reader.position(place) < ends[place] for place in places]):
                batches = await reader.getmany(timeout_ms=POLL_MS, max_records=RECORDS_A_FETCH)
                quiet = 0 if batches else quiet + 1
                if batches:
                    yield [record for records in batches.values() for record in records]

    async def letter(self, topic: str, partition: int, offset: int) -> DeadLetter | None:
        """The letter at one place; None where there is none."""
        place = TopicPartition(topic, partition)
        if place not in await self._places([topic]):
            return None
        async with self._reader() as reader:
            reader.assign([place])
            begins, ends = await reader.beginning_offsets([place]), await reader.end_offsets([place])
            if not begins[place] <= offset < ends[place]:
                return None
            reader.seek(place, offset)
            for _ in range(QUIET):
                batches = await reader.getmany(timeout_ms=POLL_MS, max_records=1)
                for record in (record for records in batches.values() for record in records):
                    return DeadLetter.read(record) if record.offset == offset else None
        return None

    async def _places(self, topics: Sequence[str]) -> list[TopicPartition]:
        described: list[dict[str, Any]] = await self._admin.describe_topics(list(topics))
        for found in described:
            if found["error_code"]:
                raise KafkaError(f"{found['topic']}: Kafka does not describe it, code {found['error_code']}")
        return [TopicPartition(found["topic"], p["partition"]) for found in described for p in found["partitions"]]

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[AIOKafkaConsumer]:
        reader = AIOKafkaConsumer(
            **self._options,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            fetch_max_bytes=FETCH_BYTES,
        )
        try:
            await reader.start()
            yield reader
        finally:
            async with asyncio.timeout(ANSWER_MS / 1000):
                await reader.stop()


async def _coordinated(ask: Callable[[], Awaitable[Any]]) -> Any:
    """A new Kafka has no coordinator before it was first asked for one."""
    async with asyncio.timeout(COORDINATOR_SECONDS):
        return await retry(
            ask, backoff=Backoff(0.1, 1.0), report=lambda error: None, catch=(GroupCoordinatorNotAvailableError,)
        )
