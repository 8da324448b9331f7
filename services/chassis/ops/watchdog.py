"""Ends a process whose event loop stands still. It runs in a thread, because nothing in the loop can tell."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable

from .logs import logger

log = logger(__name__)
STANDS_AFTER_TICKS, TICK_SECONDS = 20, 1.0


def end_process() -> None:
    """Exits with 1 at once, without clean-up: the loop that would do it stands. What is killed loses nothing."""
    os._exit(1)


class Watchdog:
    """Asks the loop to turn once per tick, and ends the process when it has not turned for 20 ticks in succession.

    Ticks of the thread itself are counted, not time: a process that was stopped as a whole (SIGSTOP, a suspended
    machine) has missed none when it goes on."""

    def __init__(
        self,
        *,
        ticks: int = STANDS_AFTER_TICKS,
        tick_seconds: float = TICK_SECONDS,
        end: Callable[[], None] = end_process,
    ) -> None:
        self._ticks, self._tick_seconds, self._end = ticks, tick_seconds, end
        self._stopped = threading.Event()
        self._missed = 0

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to watch the running loop of this thread."""
        watched = threading.get_ident()
        threading.Thread(target=self._watch, args=(loop, watched), name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """Ends the watch. Called before the loop is closed."""
        self._stopped.set()

    def _watch(self, loop: asyncio.AbstractEventLoop, watched: int) -> None:
        while not self._stopped.wait(self._tick_seconds):
            self._missed += 1
            if self._missed > self._ticks:
                log.error("loop_stands", seconds=self._ticks * self._tick_seconds, place=_place_of(watched))
                self._end()
                return
            try:
                loop.call_soon_threadsafe(self._turned)
            except RuntimeError:  # the loop was closed between the two lines
                return

    def _turned(self) -> None:
        self._missed = 0


def _place_of(thread: int) -> str:
    """Where a thread is now: function and line, without any value."""
    frame = sys._current_frames().get(thread)
    return f"{frame.f_code.co_name}:{frame.f_lineno}" if frame else "unknown"
