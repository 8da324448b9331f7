"""What a commit has changed, said in the log: one line for each decision."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from ..ops import logs
from ..ops.traces import trace_id
from .draft import Draft


def lines_of(draft: Draft) -> list[str]:
    """The line of a decision, as JSON; none where it has changed nothing, or where no one wants to read it. Keys of
    events are public ids; of other documents and of jobs only their number is said."""
    if not logs.says(logging.INFO) or not (draft.docs or draft.rows or draft.jobs or draft.finished):
        return []
    return [logs.encoded(_line(draft))]


def say(lines: Sequence[str]) -> None:
    """Writes what was said, once it is committed."""
    if lines:
        logs.write(lines, module=__name__)


def _line(draft: Draft) -> dict[str, object]:
    cause = draft.cause
    line: dict[str, object] = {
        "event": "decided",
        "on": cause.act,
        "cause": cause.id,
        "correlation": cause.chain,
        "trace": trace_id(cause.traceparent),
    }
    # A dead letter has raw headers, and a line of its own.
    if emitted := [f"{row['headers']['ce_type']} {_key(row['key'])}" for row in draft.rows if _is_event(row)]:
        line["events"] = emitted
    if draft.docs:
        line["wrote"] = _counted(name for name, _ in draft.docs)
    if draft.jobs:
        line["jobs"] = _counted(id.partition("/")[0] for id in draft.jobs)
    return line


def _counted(names: Iterable[str]) -> dict[str, int]:
    """A Counter would cost as much as the rest of the line."""
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found


def _is_event(row: Mapping[str, object]) -> bool:
    return isinstance(row["headers"], dict)


def _key(key: bytes) -> str:
    return key.decode("utf-8", "replace")
