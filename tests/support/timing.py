"""How much work something is. What is timed is compared with itself on less of the same: no machine's speed counts."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def cpu_seconds(work: Callable[[], object], looks: int = 5) -> float:
    """The least of several looks, of this thread's own CPU: other work on the machine spoils a look, not the best of
    many. A collection of garbage, which goes through all that the tests have loaded, is none of this work."""
    with _no_garbage_collected():
        return min(_once(work) for _ in range(looks))


def _once(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


@contextmanager
def _no_garbage_collected() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
