"""Improves one schedule: what is asked as JSON on standard input, an answer a line on standard output."""

from __future__ import annotations

import sys

from ..limited_process import limit_this_process


def main() -> None:
    """Reads, solves and writes, within limits that the system enforces."""
    limit_this_process(cpu_seconds=int(sys.argv[2]), memory_bytes=int(sys.argv[1]) << 20)
    # Imported under the limits.
    from .messages import Wish
    from .stages import improve

    for answer in improve(Wish.model_validate_json(sys.stdin.buffer.read())):
        print(answer.model_dump_json(), flush=True)


if __name__ == "__main__":
    main()
