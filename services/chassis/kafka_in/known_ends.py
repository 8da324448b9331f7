"""Where each log ended when a member last looked: what was not read of one that is deleted is lost, and Kafka does not
say any more how much that was."""

from __future__ import annotations

from dataclasses import dataclass

from aiokafka import TopicPartition

from .polling import PollingConsumer


@dataclass(frozen=True, slots=True)
class KnownEnd:
    """Where a log was read, and where it ended."""

    topic_id: str
    position: int
    end: int


class KnownEnds:
    """Of the partitions that one member has read."""

    def __init__(self) -> None:
        self._known: dict[TopicPartition, KnownEnd] = {}

    def note(self, kafka: PollingConsumer, tp: TopicPartition, *, topic_id: str, end: int) -> None:
        """Remembers it for a partition that is about to be sought, or to become another member's."""
        position = kafka.known_position(tp)
        if position is not None:
            self._known[tp] = KnownEnd(topic_id, position, end)

    def unread(self, tp: TopicPartition, topic_id: str | None, after: int) -> int:
        """How many offsets from `after` to the known end of this log were not read, at least."""
        known = self._known.get(tp)
        if known is None or known.topic_id != topic_id:
            return 0
        return max(0, known.end - max(known.position, after))
