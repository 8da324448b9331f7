"""Reads one file: a line of JSON that says what it is, and the file, on standard input; its sheets as JSON on standard
output."""

from __future__ import annotations

import dataclasses
import json
import sys

from ..limited_process import limit_this_process

CPU_SECONDS, MEMORY_BYTES = 5, 1 << 30


def main() -> None:
    """Reads and writes, within limits that the system enforces."""
    limit_this_process(cpu_seconds=CPU_SECONDS, memory_bytes=MEMORY_BYTES)
    # Imported under the limits.
    from .parse import NotReadable, sheets_of

    wish = json.loads(sys.stdin.buffer.readline())
    try:
        found = sheets_of(sys.stdin.buffer.read(), is_csv=wish["is_csv"])
        answer: dict[str, object] = {"sheets": [dataclasses.asdict(sheet) for sheet in found]}
    except NotReadable as error:
        answer = {"refused": str(error)}
    except (MemoryError, RecursionError):
        answer = {"refused": "too_large_inside"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
