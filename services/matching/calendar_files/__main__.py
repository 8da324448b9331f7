"""Expands one calendar: a line of JSON that says what to do, and the file, on standard input; the busy times as JSON on
standard output."""

from __future__ import annotations

import datetime as dt
import json
import sys
from zoneinfo import ZoneInfo

from ..limited_process import limit_this_process

CPU_SECONDS, MEMORY_BYTES = 5, 1 << 30


def main() -> None:
    """Reads, expands and writes, within limits that the system enforces."""
    limit_this_process(cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
    # Imported under the limits.
    from .expand import TooMuch, expand
    from .lines import text_of

    wish = json.loads(sys.stdin.buffer.readline())
    text = text_of(sys.stdin.buffer.read())
    start, end = (dt.datetime.fromisoformat(wish[name]) for name in ("start", "end"))
    try:
        found = expand(text, start, end, ZoneInfo(wish["zone"]))
    except TooMuch as error:
        answer: dict[str, object] = {"refused": str(error)}
    except (ValueError, KeyError, IndexError, RecursionError, MemoryError):
        answer = {"refused": "is not a calendar as RFC 5545 wants it"}
    else:
        busy = [(low.isoformat(), high.isoformat(), uid) for low, high, uid in found.busy]
        answer = {"busy": busy, "skipped": found.skipped}
        if found.unreadable:  # never taken for a calendar in which nothing is busy
            answer = {"refused": f"has no event that can be read: the first one {found.unreadable}"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
