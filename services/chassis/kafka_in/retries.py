"""Records that were sent again: each goes to the reader of the topic from which it came, with the same checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from ..model.refusals import Unreadable
from .checkpoint import CheckpointGuard
from .dead_letters import NoOrigin, origin_of, without_ours
from .decoding import Record
from .subscriptions import ConsumerDecision, RecordReader, refusing


@dataclass(frozen=True)
class RetryReader:
    """Turns records of a service's topic of retries into decisions.

    Source, sequence and handler are those of the topic from which a record came: an older state does not overwrite a
    newer one. A record that fails again is a dead letter again, with a counter. What has taken effect by this way is
    kept in the inbox, so that a record that was sent twice has one effect."""

    readers: Mapping[str, RecordReader]
    """By the full name of their topic."""
    group: str
    dead_letters: str

    @property
    def inbox(self) -> bool:
        """Always: a record that was sent twice has one effect, also where its topic keeps no inbox."""
        return True

    def decision(self, record: Record, checkpoint: CheckpointGuard) -> ConsumerDecision:
        """Never raises: whatever is wrong with a record is found when its decision is made."""
        try:
            origin = origin_of(record.headers)
        except NoOrigin as error:
            return self._refused(record, checkpoint, str(error))
        reader = self.readers.get(origin.topic)
        if reader is None:
            return self._refused(record, checkpoint, "The header dlq_topic names a topic that is not read here.")
        # aiokafka's type of a header has no null; the records have.
        headers = cast(Sequence[tuple[str, bytes]], without_ours(record.headers))
        place: dict[str, Any] = {"topic": origin.topic, "partition": origin.partition, "offset": origin.offset}
        original: Record = replace(record, headers=headers, **place)
        decision = reader.decision(original, checkpoint)
        decision.record, decision.origin = record, origin
        return decision

    def _refused(self, record: Record, checkpoint: CheckpointGuard, why: str) -> ConsumerDecision:
        return refusing(
            Unreadable(why), record=record, topic=self.dead_letters, group=self.group, checkpoint=checkpoint
        )
