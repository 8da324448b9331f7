"""From a Kafka record to a decision, or to the dead letter that a decision leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from aiokafka import ConsumerRecord
from bson import Binary

from schemas.envelope import Event, Tombstone

from . import metrics
from .cursor import CursorGuard, PartitionPaused, RecordDecision
from .documents import Doc, Ref
from .errors import reason
from .events import MAX_EVENT_BYTES, Cause, Incoming, attributes, derived_id, event_type, incoming, row
from .logs import logger
from .uow import UnitOfWork

log = logger(__name__)
Handler = Callable[[UnitOfWork, Incoming[Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service does with a topic of the contract: a table. Types not in it pass by, counted. `reads` names the
    documents that an event will need, so that a batch loads them with one query. A handler that projects nothing (no
    row that carries the source's sequence) takes `inbox=True`."""

    topic: str
    handlers: Mapping[type[Event] | type[Tombstone], Handler]
    reads: Callable[[Incoming[Any]], Sequence[Ref]] = lambda event: ()
    inbox: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Received(RecordDecision):
    def dead_letter(self, error: Exception, at: int) -> Doc | None:
        """Raises PartitionPaused where dead letters have become too many to be the records' fault."""
        if self.failed_unexpectedly and self.cursor.is_exhausted:
            raise PartitionPaused(reason(error)) from error
        return dead_letter(self.record, reason(error), topic=self.topic, group=self.group, at=at)

    def committed(self) -> None:
        topic = self.record.topic
        if self.refusal is None:
            metrics.series(metrics.records_consumed, topic, "passed_over" if self.passed_over else "done").inc()
            return
        metrics.dead_letters.labels(topic).inc()
        log.error(
            "dead_letter",
            topic=topic,
            partition=self.record.partition,
            offset=self.record.offset,
            reason=reason(self.refusal),
        )


@dataclass(frozen=True)
class Reader:
    """Turns records of one topic into decisions. What cannot be read becomes a decision that refuses."""

    subscription: Subscription
    group: str
    dead_letters: str

    def decision(self, record: ConsumerRecord[Any, Any], cursor: CursorGuard) -> Received:
        identity = f"{record.topic}/{record.partition}/{record.offset}"
        build = partial(Received, record=record, topic=self.dead_letters, group=self.group, cursor=cursor)
        try:
            found = attributes(record)
            type_ = event_type(record, found)
            on = self._by_type.get(type_)
            identity = found.get("ce_id") or identity
            if on is None:
                return build(decide=_pass_over, cause=Cause(identity), id=identity, passed_over=True)
            event = incoming(record, found, type_, on[0])
            decide = partial(_handle, on[1], event)
            return build(decide=decide, cause=event.cause, id=event.id, reads=tuple(self.subscription.reads(event)))
        except Exception as error:
            return build(decide=partial(_refuse, error), cause=Cause(identity), id=identity)

    @cached_property
    def _by_type(self) -> Mapping[str, tuple[type[Event] | type[Tombstone], Handler]]:
        return {model.event_type: (model, handler) for model, handler in self.subscription.handlers.items()}


async def _handle(handler: Handler, event: Incoming[Any], uow: UnitOfWork) -> None:
    await handler(uow, event)


async def _pass_over(uow: UnitOfWork) -> None:
    """Nothing but the cursor moves."""


async def _refuse(error: Exception, uow: UnitOfWork) -> None:
    raise error


def dead_letter(record: ConsumerRecord[Any, Any], why: str, *, topic: str, group: str, at: int) -> Doc:
    """The record as it came (raw key, value and headers; a value that no broker would take again is cut, and marked)
    and why it was refused, without its content."""
    value: bytes | None = record.value
    origin = {
        "dlq_reason": why,
        "dlq_topic": record.topic,
        "dlq_partition": str(record.partition),
        "dlq_offset": str(record.offset),
        "dlq_group": group,
    }
    if value is not None and len(value) > MAX_EVENT_BYTES:
        origin["dlq_value_cut_from"] = str(len(value))
        value = value[:MAX_EVENT_BYTES]
    headers = [[name, None if raw is None else Binary(raw)] for name, raw in record.headers]
    headers += [[name, Binary(text.encode())] for name, text in origin.items()]
    key = record.key if record.key is not None or value is not None else b""  # aiokafka sends no record without both
    return row(topic, key, value, headers, at=at, id=derived_id(group, record.topic, record.partition, record.offset))
