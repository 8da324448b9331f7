"""Loops that survive errors: one way to retry, to back off, and to tell a library's cancellation from our own."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from .health import Heartbeat

T = TypeVar("T")
ANY_ERROR: Final = (Exception, asyncio.CancelledError)
"""CancelledError too: aiokafka raises some that no one asked for. `raise_if_cancelling` tells them apart."""


def raise_if_cancelling() -> None:
    """Raises CancelledError if this task has been told to stop.

    Called after each caught error: a clean-up that failed on the way out (a driver's close, a producer's stop) may have
    replaced our cancellation by its own error, and the loop would go on forever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class Slices:
    """Lets the loop turn within a long row of small steps, none of which waits for anything: one slice at a time."""

    SECONDS = 0.01

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def turn(self) -> None:
        """Call it after each step."""
        if time.monotonic() - self._since > self.SECONDS:
            await asyncio.sleep(0)
            self._since = time.monotonic()


class Backoff:
    """Pauses that double from `first` to `max` seconds, with jitter, so that no loop spins against a server that is in
    trouble."""

    def __init__(self, first: float, max: float) -> None:
        self._first, self._max, self._tries = first, max, 0

    def reset(self) -> None:
        """Begins with the shortest pause again."""
        self._tries = 0

    async def wait(self) -> None:
        """Sleeps for the next pause. Raises CancelledError where the task has been told to stop."""
        raise_if_cancelling()
        pause = min(self._max, self._first * 2 ** min(self._tries, 16))
        self._tries += 1
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))


async def retry(
    step: Callable[[], Awaitable[T]],
    *,
    backoff: Backoff,
    report: Callable[[BaseException], None],
    heartbeat: Heartbeat | None = None,
    catch: tuple[type[BaseException], ...] = ANY_ERROR,
) -> T:
    """Repeats `step` until it returns, and returns its result. Errors outside `catch` are raised.

    `report` logs a failed try. `heartbeat` beats after each one: a loop that waits for a server is alive."""
    while True:
        try:
            return await step()
        except catch as error:
            raise_if_cancelling()
            report(error)
        if heartbeat is not None:
            heartbeat.beat()
        await backoff.wait()


async def run_forever(
    step: Callable[[], Awaitable[object]],
    *,
    backoff: Backoff,
    report: Callable[[BaseException], None],
    heartbeat: Heartbeat | None = None,
    catch: tuple[type[BaseException], ...] = ANY_ERROR,
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Repeats `step` until cancelled, or until `until` is true; a failed step is reported, and repeated after a pause
    that grows while steps fail. The parameters are those of `retry`."""
    while not until():
        if heartbeat is not None:
            heartbeat.beat()
        await retry(step, backoff=backoff, report=report, heartbeat=heartbeat, catch=catch)
        backoff.reset()
