"""Traces: which request or event something belongs to, and, where an exporter is given, the spans of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, Protocol

from ..model.events import known_trace, trace_of

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attributes = Mapping[str, str | int]


class Exporter(Protocol):
    """Where ended spans go."""

    def take(self, span: Span) -> None:
        """Takes an ended span. Never waits and never raises: what cannot be kept is dropped, and counted."""
        ...

    def close(self) -> None:
        """Sends what is left, within a bounded time."""
        ...


@dataclass(slots=True, kw_only=True)
class Span:
    """Something that took time. Its attributes are ids, names and counts: never texts, addresses or paths."""

    name: str
    kind: Kind
    traceparent: str
    """Its own place: trace, span and flags, as W3C Trace Context writes them."""
    parent: str
    """The traceparent of its parent; empty for the first span of a trace."""
    links: tuple[str, ...]
    attributes: dict[str, str | int]
    exporter: Exporter
    began_ns: int
    ended_ns: int = 0
    error: str = ""
    """What went wrong, in a word; empty where nothing did."""

    def end(self, error: str = "", **attributes: str | int) -> None:
        """Ends the span and hands it to the exporter."""
        self.ended_ns, self.error = time.time_ns(), error
        self.attributes.update(named(attributes))
        self.exporter.take(self)


def named(attributes: Attributes) -> dict[str, str | int]:
    """Names of attributes as OpenTelemetry writes them, `.` for `__`: `http__route` is `http.route`."""
    return {name.replace("__", "."): value for name, value in attributes.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a span comes from. `traceparent` is that of its parent, valid or empty: then a trace begins. `span_id` (16
    hex digits) and `began_ns` are given where it is not made now."""

    traceparent: str = ""
    links: tuple[str, ...] = ()
    span_id: str = ""
    began_ns: int = 0


class Traces:
    """The spans of one service. Without an exporter `begin` returns None, and nothing is made or kept."""

    def __init__(self, exporter: Exporter | None = None) -> None:
        self._exporter = exporter

    @property
    def are_on(self) -> bool:
        """Whether there are spans at all."""
        return self._exporter is not None

    def begin(self, name: str, kind: Kind, origin: Origin, **attributes: str | int) -> Span | None:
        """A span that begins now, or None: traces are off, or the caller does not record this one."""
        parent = origin.traceparent
        if self._exporter is None or (parent and not is_sampled(parent)):
            return None
        return Span(
            name=name,
            kind=kind,
            traceparent=child_of(parent, origin.span_id or os.urandom(8).hex()) if parent else trace_of(None),
            parent=parent,
            links=origin.links,
            attributes=named(attributes),
            exporter=self._exporter,
            began_ns=origin.began_ns or time.time_ns(),
        )

    def close(self) -> None:
        """Sends what is left. Waits for it, so call it in a thread."""
        if self._exporter is not None:
            self._exporter.close()


OFF = Traces()


@dataclass(frozen=True, slots=True)
class Active:
    """What the present task works for."""

    traces: Traces
    traceparent: str


_active: ContextVar[Active | None] = ContextVar("active", default=None)


@contextmanager
def active(traces: Traces, traceparent: str) -> Iterator[None]:
    """Inside, log lines and problem documents name this trace, and `client_span` makes children of it."""
    token = _active.set(Active(traces, traceparent))
    try:
        yield
    finally:
        _active.reset(token)


def current_trace() -> str:
    """The id of the trace for which this task works: 32 hex digits; empty where it works for none."""
    found = _active.get()
    return trace_id(found.traceparent) if found else ""


@contextmanager
def client_span(name: str, **attributes: str | int) -> Iterator[None]:
    """Something that is asked of a server outside, as a child of what the present task works for. In names of
    attributes `__` stands for `.`."""
    found = _active.get()
    span = found.traces.begin(name, "client", Origin(traceparent=found.traceparent), **attributes) if found else None
    try:
        yield
    except BaseException as error:
        if span is not None:
            span.end(error=type(error).__name__)
        raise
    if span is not None:
        span.end()


def is_sampled(traceparent: str) -> bool:
    """Whether its caller records the trace."""
    return int(traceparent[-1], 16) & 1 == 1


def child_of(traceparent: str, span_id: str) -> str:
    """The same trace and flags, with another span."""
    return f"{traceparent[:36]}{span_id}{traceparent[52:]}"


def trace_id(traceparent: str) -> str:
    """32 hex digits; empty for an empty traceparent."""
    return traceparent[3:35]


__all__ = [
    "OFF",
    "Exporter",
    "Kind",
    "Origin",
    "Span",
    "Traces",
    "active",
    "child_of",
    "client_span",
    "current_trace",
    "is_sampled",
    "known_trace",
    "trace_id",
    "trace_of",
]
