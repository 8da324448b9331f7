"""Where each partition of a member is read: found at the assignment, and again where it no longer fits its log."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition

from ..model.failures import safe_text
from ..mongo.database import Database
from ..ops.health import Heartbeat
from ..ops.logs import logger
from ..ops.loops import Backoff, retry
from .known_ends import KnownEnds
from .polling import PollingConsumer
from .seeking import seek_to_checkpoints

log = logger(__name__)
SEEK_SECONDS = 20.0
"""Finding the checkpoints may take this long: on a half-open connection its reader would wait 40 s, and then again."""


@dataclass(slots=True, eq=False)
class Reading:
    """One partition since it was last sought."""

    topic_id: str
    end: int | None = None
    """Where its log ended at the last look."""
    is_judged: bool = False
    """Whether it is known how long it was not read before."""


class Positions:
    """Partitions stand paused until they are found, and no one else reads them meanwhile."""

    def __init__(
        self,
        database: Database,
        *,
        group: str,
        heartbeat: Heartbeat,
        settled: Callable[[], Awaitable[None]],
        forget: Callable[[Iterable[TopicPartition]], None],
    ) -> None:
        """`settled` waits until no batch is being applied; `forget` drops what is remembered of partitions."""
        self._database, self._group, self._heartbeat = database, group, heartbeat
        self._settled, self._forget = settled, forget
        self._unfound: set[TopicPartition] = set()
        self._finding: asyncio.Task[None] | None = None
        self.readings: dict[TopicPartition, Reading] = {}
        """What is read now. A partition whose topic is not there is not among them, and stands paused."""
        self._ends = KnownEnds()

    @property
    def are_found(self) -> bool:
        """Whether nothing is being looked for."""
        return self._finding is None or self._finding.done()

    def find(self, kafka: PollingConsumer, partitions: Iterable[TopicPartition]) -> None:
        """Looks for where to read on, as soon as MongoDB and Kafka answer. Returns at once."""
        wanted = set(partitions) & kafka.assignment()
        self._leave(kafka, wanted)
        # Nothing may be fetched until then: Kafka's own offsets are behind the checkpoints, or ahead of them.
        kafka.pause(*wanted)
        self._unfound |= wanted
        if self.are_found:
            self._finding = asyncio.ensure_future(self._find(kafka))

    def _leave(self, kafka: PollingConsumer, partitions: Iterable[TopicPartition]) -> None:
        for tp in partitions:
            reading = self.readings.pop(tp, None)
            if reading is not None and reading.end is not None:
                self._ends.note(kafka, tp, topic_id=reading.topic_id, end=reading.end)

    def lose(self, kafka: PollingConsumer | None) -> None:
        """Ends the search and forgets what was found: the partitions are another member's now."""
        if self._finding:
            self._finding.cancel()
            self._finding = None
        self._unfound.clear()
        if kafka is not None:
            self._leave(kafka, list(self.readings))
        self.readings.clear()

    async def _find(self, kafka: PollingConsumer) -> None:
        while wanted := self._unfound & kafka.assignment():
            await self._settled()
            self._forget(wanted)
            found = await self._find_once(kafka, wanted)
            # A batch that was fetched before may have been applied meanwhile.
            await self._settled()
            self._forget(wanted)
            self._unfound -= wanted
            for tp in found.keys() & kafka.assignment() - self._unfound:
                self.readings[tp] = Reading(found[tp])
                # Some may have been revoked during the search.
                kafka.resume(tp)
        self._unfound.clear()

    async def _find_once(self, kafka: PollingConsumer, wanted: set[TopicPartition]) -> dict[TopicPartition, str]:
        async def seek() -> dict[TopicPartition, str]:
            async with asyncio.timeout(SEEK_SECONDS):
                return await seek_to_checkpoints(
                    kafka, wanted, database=self._database, group=self._group, ends=self._ends
                )

        return await retry(
            seek,
            backoff=Backoff(0.2, 3.0),
            report=lambda error: log.warning("cursors_not_read", error=safe_text(error)),
            heartbeat=self._heartbeat,
        )
