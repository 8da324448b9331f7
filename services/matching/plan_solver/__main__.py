"""Improves one schedule: what is asked as JSON on standard input, an answer a line on standard output."""

from __future__ import annotations

import os
import resource
import sys

NICE = 10


def main() -> None:
    """Reads, solves and writes, within limits that the system enforces."""
    os.nice(NICE)  # people who wait for other answers come first
    memory, cpu = int(sys.argv[1]) << 20, int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Imported under the limits.
    from .messages import Wish
    from .stages import improve

    for answer in improve(Wish.model_validate_json(sys.stdin.buffer.read())):
        print(answer.model_dump_json(), flush=True)


if __name__ == "__main__":
    main()
