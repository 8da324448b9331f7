"""aiokafka's consumer as we use it: it waits inside its poll, and says where its position does not fit the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError

POLL_MS = 1000


class PollingConsumer(AIOKafkaConsumer):
    """Waits for records inside its poll, and beats its heart meanwhile. FastStream would sleep between empty polls and
    see only afterwards what has come.

    It never resets a position by itself (`auto_offset_reset="none"`): one that is not in the log is told to
    `misfit`, because records may have been lost, or the log may be another one."""

    heartbeat: Any = None
    misfit: Callable[[Iterable[TopicPartition]], None] | None = None
    moved: set[TopicPartition]
    """Partitions that were sought since the last poll: what it returned of them is of an earlier position."""
    _client: Any
    _fetcher: Any
    _coordinator: Any
    _subscription: Any

    def __init__(self, *topics: str, **options: Any) -> None:
        AIOKafkaConsumer.__init__(self, *topics, **options)
        self.moved = set()

    async def getmany(self, *partitions: Any, timeout_ms: int = 0, max_records: int | None = None) -> Any:
        """As aiokafka's, but `timeout_ms` is ours."""
        try:
            records = await super().getmany(*partitions, timeout_ms=POLL_MS, max_records=max_records)
        except (OffsetOutOfRangeError, NoOffsetForPartitionError) as error:
            self._does_not_fit(error)
            records = {}
        self.moved.clear()
        if self.heartbeat and not self.has_ended:
            self.heartbeat.beat()
        return records

    def _does_not_fit(self, error: OffsetOutOfRangeError | NoOffsetForPartitionError) -> None:
        if self.misfit is None:
            raise error
        # An assigned partition without any position is being sought already.
        if isinstance(error, OffsetOutOfRangeError):
            self.misfit(error.args[0])

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """As aiokafka's, and remembered in `moved`."""
        self.moved.add(partition)
        AIOKafkaConsumer.seek(self, partition, offset)

    def known_position(self, partition: TopicPartition) -> int | None:
        """The position in an assigned partition, without asking a broker; None where there is none."""
        if partition not in self.assignment():
            return None
        state = self._subscription.subscription.assignment.state_value(partition)
        return int(state.position) if state.has_valid_position else None

    async def rejoin(self) -> None:
        """Lets the group assign its partitions once more, by metadata that are of now. Each member calls it: Kafka
        listens to the one that leads, which after a restart within its session does not know that it does."""
        await self._client.force_metadata_update()
        if request := getattr(self._coordinator, "request_rejoin", None):
            request()

    @property
    def client(self) -> Any:
        """Its connections, for questions that aiokafka's consumer does not ask."""
        return self._client

    @property
    def has_ended(self) -> bool:
        """Whether the fetcher or the membership of aiokafka has ended, as it does at an error that it does not know.
        No more records come then, so the heartbeat stops, and the process ends itself."""
        tasks = [task for part in (self._fetcher, self._coordinator) for task in _tasks(part)]
        return any(task.done() for task in tasks)


def _tasks(part: object) -> list[asyncio.Task[None]]:
    """The tasks of a fetcher or a coordinator that run as long as it does."""
    names = ("_fetch_task", "_coordination_task")
    return [task for name in names if (task := getattr(part, name, None)) is not None]
