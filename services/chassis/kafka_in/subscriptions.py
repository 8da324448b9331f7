"""What a service does with a topic, and how a record becomes a decision or a dead letter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeVar, overload

from bson import Binary

from schemas.envelope import Event, Tombstone

from ..commit.outbox import row
from ..commit.unit_of_work import UnitOfWork
from ..model.documents import Doc, Ref
from ..model.events import MAX_EVENT_BYTES, Cause, Incoming
from ..model.failures import safe_text
from ..model.ids import derived_id
from ..ops import metrics
from ..ops.logs import logger
from .checkpoint import CheckpointGuard, PartitionPaused, RecordDecision
from .decoding import EventType, Record, attributes, decode, event_type

log = logger(__name__)
E = TypeVar("E", bound=Event)
AnyHandler = Callable[[UnitOfWork, Incoming[Any]], Awaitable[None]]
AnyReads = Callable[[Incoming[Any]], Sequence[Ref]]


@dataclass(frozen=True, slots=True)
class Route:
    """One event type and what handles it. Made by `on`, which checks that the two fit."""

    event: EventType
    handle: AnyHandler
    reads: AnyReads


def _reads_nothing(event: Incoming[object]) -> Sequence[Ref]:
    return ()


@overload
def on(
    *events: type[E],
    handle: Callable[[UnitOfWork, Incoming[E]], Awaitable[None]],
    reads: Callable[[Incoming[E]], Sequence[Ref]] = ...,
) -> tuple[Route, ...]: ...


@overload
def on(
    *events: type[Tombstone],
    handle: Callable[[UnitOfWork, Incoming[None]], Awaitable[None]],
    reads: Callable[[Incoming[None]], Sequence[Ref]] = ...,
) -> tuple[Route, ...]: ...


def on(*events: EventType, handle: AnyHandler, reads: AnyReads = _reads_nothing) -> tuple[Route, ...]:
    """Routes event types to a handler that takes them; a type checker refuses a handler of other events.

    `reads` names the documents that an event will need, so that a batch loads them with one query."""
    return tuple(Route(event, handle, reads) for event in events)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service does with one topic of the contract. Event types without a route are skipped, and counted.

    A handler that stores no projection (no row with the source's sequence) needs `inbox=True`: its events are then
    recognised by their id when they come again."""

    topic: str
    routes: Sequence[Route]
    inbox: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class ConsumerDecision(RecordDecision):
    """A decision about one record; if it is refused, the record becomes a dead letter."""

    def dead_letter(self, error: Exception, at: int) -> Doc | None:
        """The record as a row for the dead-letter topic. Raises PartitionPaused after too many
        unexpected failures in succession: the fault cannot lie in the records then."""
        if self.failed_unexpectedly and self.checkpoint.is_exhausted:
            raise PartitionPaused(safe_text(error)) from error
        return dead_letter(self.record, safe_text(error), topic=self.topic, group=self.group, at=at)

    def committed(self) -> None:
        """Counts the record, and logs it where it became a dead letter."""
        topic = self.record.topic
        if self.refusal is None:
            metrics.series(metrics.records_consumed, topic, "passed_over" if self.skipped else "done").inc()
            return
        metrics.dead_letters.labels(topic).inc()
        log.error(
            "dead_letter",
            topic=topic,
            partition=self.record.partition,
            offset=self.record.offset,
            reason=safe_text(self.refusal),
        )


@dataclass(frozen=True)
class RecordReader:
    """Turns records of one topic into decisions. An unreadable record becomes a decision that refuses."""

    subscription: Subscription
    group: str
    dead_letters: str
    source: str | None = None
    """The `ce_source` of the topic's only producer; None takes records of any."""

    def decision(self, record: Record, checkpoint: CheckpointGuard) -> ConsumerDecision:
        """Never raises: whatever is wrong with a record is found when its decision is made, in its order."""
        identity = f"{record.topic}/{record.partition}/{record.offset}"
        build = partial(
            ConsumerDecision, record=record, topic=self.dead_letters, group=self.group, checkpoint=checkpoint
        )
        try:
            found = attributes(record)
            route = self._by_type.get(event_type(record, found))
            identity = found.get("ce_id") or identity
            if route is None:
                return build(decide=_skip, cause=Cause(identity), id=identity, skipped=True)
            event = decode(record, found, route.event, source=self.source)
            decide = partial(_handle, route.handle, event)
            return build(decide=decide, cause=event.cause, id=event.id, reads=tuple(route.reads(event)))
        except Exception as error:
            return build(decide=partial(_refuse, error), cause=Cause(identity), id=identity)

    @cached_property
    def _by_type(self) -> Mapping[str, Route]:
        return {route.event.event_type: route for route in self.subscription.routes}


async def _handle(handler: AnyHandler, event: Incoming[object], uow: UnitOfWork) -> None:
    await handler(uow, event)


async def _skip(uow: UnitOfWork) -> None:
    """Only the checkpoint moves."""


async def _refuse(error: Exception, uow: UnitOfWork) -> None:
    raise error


def dead_letter(record: Record, why: str, *, topic: str, group: str, at: int) -> Doc:
    """The record as it came (raw key, value and headers) and why it was refused, without its content. A value that no
    broker would take again is cut, and a header says so."""
    value = record.value
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
    headers: list[list[str | bytes | None]] = [
        [name, None if raw is None else Binary(raw)] for name, raw in record.headers
    ]
    headers += [[name, Binary(text.encode())] for name, text in origin.items()]
    # aiokafka sends no record that has neither a key nor a value.
    key = record.key if record.key is not None or value is not None else b""
    return row(topic, key, value, headers, at=at, id=derived_id(group, record.topic, record.partition, record.offset))
