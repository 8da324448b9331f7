"""The whole way of one act: log lines and records with its correlation or its trace, in the order of time."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from services.chassis.model import IDENTIFIER

from .bus import Bus

MAX_SCANNED = 1_000_000
"""Records that one command looks at."""
MAX_STEPS = 2_000
NAMED = ("correlation", "trace", "cause")
"""Fields of a log line by which it belongs to an act."""
LEFT_OUT = frozenset({"event", "level", "module", "service", "timestamp", "correlation", "trace"})
Record = ConsumerRecord[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened: in a service, or on a topic."""

    at: str
    """UTC, as ISO 8601 writes it."""
    where: str
    what: str
    about: dict[str, Any]


@dataclass(slots=True)
class Way:
    """What was found of an act so far. Records are looked for first: they know by which traces lines may be named."""

    id: str
    steps: list[Step] = field(default_factory=list)
    traces: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    """Topics that could not be read, and why."""
    scanned: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there may be more."""
        return self.scanned >= MAX_SCANNED or len(self.steps) >= MAX_STEPS

    async def on_topics(self, bus: Bus, topics: Sequence[str], since: dt.datetime) -> None:
        """Takes the records of these topics from `since` on, as far as they can be read."""
        for topic in topics:
            try:
                async with aclosing(bus.records(topic, since)) as batches:
                    async for batch in batches:
                        self.scanned += len(batch)
                        self._keep(_of_record(record) for record in batch if self._owns(record))
                        if self.is_cut:
                            return
            except KafkaError as error:
                self.unread.append(f"{topic}: {type(error).__name__}")

    def in_logs(self, sources: Iterable[Iterable[str]]) -> None:
        """Takes the lines of these logs."""
        for source in sources:
            self._keep(step for text in source if (step := self._of_line(text)) is not None)

    def in_order(self) -> list[Step]:
        """What was found, the oldest first."""
        return sorted(self.steps, key=lambda step: step.at)

    def _keep(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if len(self.steps) < MAX_STEPS:
                self.steps.append(step)

    def _owns(self, record: Record) -> bool:
        found = _headers(record)
        trace = found.get("traceparent", "")[3:35]
        if self.id not in (trace, *(found.get(f"ce_{name}") for name in ("id", "correlationid", "causationid"))):
            return False
        self.traces.add(trace)
        return True

    def _of_line(self, text: str) -> Step | None:
        """A line of ours; whatever stands before it (`docker compose logs` writes the container's name) is passed."""
        if self.id not in text and not any(trace and trace in text for trace in self.traces):
            return None
        try:
            line = json.loads(text[text.index("{") :])
        except ValueError:
            return None
        if not self._names(line):
            return None
        about = {name: value for name, value in line.items() if name not in LEFT_OUT}
        return Step(str(line.get("timestamp", "")), str(line.get("service", "")), str(line.get("event", "")), about)

    def _names(self, line: dict[str, Any]) -> bool:
        """Whether a line is of this act. One without a correlation belongs to the trace in which it was written."""
        if self.id in [line.get(name) for name in NAMED]:
            self.traces.add(str(line.get("trace", "")))
            return True
        return "correlation" not in line and bool(line.get("trace")) and line["trace"] in self.traces


def _headers(record: Record) -> dict[str, str]:
    """Those whose values are identifiers: a foreign record may hold anything."""
    pairs = ((name, (value or b"").decode("utf-8", "replace")) for name, value in record.headers)
    return {name: value for name, value in pairs if IDENTIFIER.fullmatch(value)}


def _of_record(record: Record) -> Step:
    found, at = _headers(record), dt.datetime.fromtimestamp(record.timestamp / 1000, dt.UTC)
    key = (record.key or b"").decode("utf-8", "replace")
    about = {
        "key": key if IDENTIFIER.fullmatch(key) else "(no identifier)",
        "id": found.get("ce_id", ""),
        "causation": found.get("ce_causationid", ""),
        "place": f"{record.partition}/{record.offset}",
    }
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Step(stamp, record.topic, found.get("ce_type", "(no type)"), about)


def logs_in(place: str) -> Iterator[Iterable[str]]:
    """The logs in a folder; `-` is standard input. Raises ValueError where there is no folder."""
    if place == "-":
        return iter([sys.stdin])
    if not Path(place).is_dir():
        raise ValueError(f"There are no logs in {place}; name their folder, or - for standard input (--logs).")
    return map(_lines, sorted(Path(place).glob("*.log*")))


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        yield from lines
