"""What a service does with a topic, and how a record becomes a decision or a dead letter."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, TypeVar, overload

from schemas.envelope import Event, Tombstone

from ..commit.decision import Decision
from ..commit.unit_of_work import UnitOfWork
from ..model.documents import Doc, Ref
from ..model.events import Cause, Incoming
from ..model.failures import failure_kind, safe_text, safe_traceback
from ..model.ids import derived_id
from ..ops import metrics
from ..ops import traces as spans
from ..ops.logs import logger
from ..ops.traces import Span, Traces, trace_id
from .checkpoint import CheckpointGuard, PartitionPaused, RecordDecision
from .dead_letters import Origin, dead_letter
from .decoding import EventType, Record, attributes, cause_of, decode, event_type

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
class Projects:
    """The rows that a topic with erasures is projected to: their `_id` is its key, their `sequence` that of the source.
    `living` is MongoDB's filter for those that are not erased. `remembers` are fields that follow from records which
    the topic may have no longer: no comparison looks at them, and no rebuild changes them."""

    collection: str
    living: Doc
    remembers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service does with one topic of the contract. Event types without a route are skipped, and counted.

    A handler that stores no projection (no row with the source's sequence) needs `inbox=True`: its events are then
    recognised by their id when they come again. `projects` names the rows of a compacted topic with erasures: after a
    long absence they are compared with the topic, because its erasures live for some weeks only."""

    topic: str
    routes: Sequence[Route]
    inbox: bool = False
    projects: Projects | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class ConsumerDecision(RecordDecision):
    """A decision about one record; if it is refused, the record becomes a dead letter. `sent_at`: when its event
    happened, in Unix time. `origin`: where a record that was sent again has come from."""

    type: str = metrics.NO_TYPE
    sent_at: float | None = None
    origin: Origin | None = None
    span: Span | None = None
    began: float = field(default_factory=time.perf_counter)

    def dead_letter(self, error: Exception, at: int) -> Doc | None:
        """The record as a row for the dead-letter topic; None where it is read beside the group. Raises PartitionPaused
        after too many unexpected failures in succession: the fault cannot lie in the records then."""
        if self.checkpoint.is_replay:
            return None
        if self.failed_unexpectedly and self.checkpoint.is_exhausted:
            raise PartitionPaused(safe_text(error)) from error
        why = safe_text(error)
        return dead_letter(self.record, why, topic=self.topic, group=self.group, at=at, origin=self.origin)

    def committed(self) -> None:
        """Counts the record, ends its span, and logs it where it became a dead letter."""
        if self.repeated:
            return
        if self.span is not None:
            self.span.end(error=failure_kind(self.refusal) if self.refusal else "")
        topic = self._read_from
        if self.refusal is None:
            self._count()
            return
        if self.checkpoint.is_replay:
            return
        metrics.dead_letters.labels(topic, failure_kind(self.refusal)).inc()
        log.error("dead_letter", topic=topic, **self._about(self.refusal))

    def trace(self, traces: Traces) -> None:
        """Begins the span of this record, a child of that of its publication; what it causes belongs to the span."""
        self.span = traces.begin(
            f"process {self._read_from}",
            "consumer",
            spans.Origin(traceparent=self.cause.traceparent),
            messaging__system="kafka",
            messaging__operation__type="process",
            messaging__destination__name=self.record.topic,
            messaging__destination__partition__id=str(self.record.partition),
            messaging__kafka__offset=self.record.offset,
            messaging__consumer__group__name=self.group,
            messaging__message__id=self.cause.id,
            magpie__event=self.cause.act,
            magpie__correlation=self.cause.chain,
        )
        if self.span is not None:
            self.cause = replace(self.cause, traceparent=self.span.traceparent)

    def _about(self, refusal: Exception) -> dict[str, object]:
        said: dict[str, object] = {
            "partition": self.record.partition,
            "offset": self.record.offset,
            "reason": safe_text(refusal),
            "correlation": self.cause.chain,
            "trace": trace_id(self.cause.traceparent),
        }
        return said | ({"traceback": safe_traceback(refusal)} if self.failed_unexpectedly else {})

    @property
    def _read_from(self) -> str:
        return self.origin.topic if self.origin else self.record.topic

    def _count(self) -> None:
        outcome = "passed_over" if self.skipped else "done"
        metrics.series(metrics.records_consumed, self._read_from, self.type, outcome).inc()
        metrics.series(metrics.record_seconds, self.type).observe(time.perf_counter() - self.began)
        if self.sent_at is not None:
            age = self.checkpoint.database.clock.now_us() / 1e6 - self.sent_at
            metrics.series(metrics.event_age, self.type).observe(max(0.0, age))


@dataclass(frozen=True)
class RecordReader:
    """Turns records of one topic into decisions. An unreadable record becomes a decision that refuses."""

    subscription: Subscription
    group: str
    dead_letters: str
    source: str | None = None
    """The `ce_source` of the topic's only producer; None takes records of any."""

    @property
    def inbox(self) -> bool:
        """Whether events are recognised by their id."""
        return self.subscription.inbox

    def decision(self, record: Record, checkpoint: CheckpointGuard) -> ConsumerDecision:
        """Never raises: whatever is wrong with a record is found when its decision is made, in its order."""
        identity, found = f"{record.topic}/{record.partition}/{record.offset}", dict[str, str]()
        build = partial(
            ConsumerDecision, record=record, topic=self.dead_letters, group=self.group, checkpoint=checkpoint
        )
        try:
            found = attributes(record)
            route = self._by_type.get(event_type(record, found))
            identity = found.get("ce_id") or identity
            if route is None:
                return build(decide=_skip, cause=cause_of(found, identity), id=identity, skipped=True)
            event = decode(record, found, route.event, source=self.source)
            decide = partial(_handle, route.handle, event)
            return build(
                decide=decide,
                cause=event.cause,
                id=event.id,
                reads=tuple(route.reads(event)),
                type=event.type,
                sent_at=event.time.timestamp(),
            )
        except Exception as error:
            return build(decide=partial(_refuse, error), cause=cause_of(found, identity), id=identity)

    def erasure(self, key: str, sequence: int, now: dt.datetime) -> Decision:
        """A decision that erases what is stored of a key, with this sequence: its erasure came and went unread. The
        same key and sequence make the same ids, so it has one effect however often it is made. Raises LookupError
        where the topic has no erasures."""
        route = next((route for route in self.subscription.routes if issubclass(route.event, Tombstone)), None)
        if route is None:
            raise LookupError(f"{self.subscription.topic}: this service handles no erasure of it")
        id, topic = derived_id("missed erasure", self.subscription.topic, key, sequence), self.subscription.topic
        event = Incoming(id, route.event.event_type, topic, key, sequence, now, None, Cause(id))
        return Decision(
            decide=partial(_handle, route.handle, event), cause=event.cause, reads=tuple(route.reads(event))
        )

    @cached_property
    def _by_type(self) -> Mapping[str, Route]:
        return {route.event.event_type: route for route in self.subscription.routes}


def refusing(
    error: Exception, *, record: Record, topic: str, group: str, checkpoint: CheckpointGuard
) -> ConsumerDecision:
    """A decision that refuses its record: it becomes a dead letter on `topic`."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return ConsumerDecision(
        decide=partial(_refuse, error),
        cause=Cause(place),
        id=place,
        record=record,
        topic=topic,
        group=group,
        checkpoint=checkpoint,
    )


async def _handle(handler: AnyHandler, event: Incoming[object], uow: UnitOfWork) -> None:
    await handler(uow, event)


async def _skip(uow: UnitOfWork) -> None:
    """Only the checkpoint moves."""


async def _refuse(error: Exception, uow: UnitOfWork) -> None:
    raise error
