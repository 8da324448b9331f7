"""Who is worked on first: reads of one organisation wait behind each other, not others behind them."""

from __future__ import annotations

import asyncio
from collections import deque


class TooManyWait(Exception):
    """The organisation has as many reads waiting as may wait."""


class ReadTurns:
    """At most `at_once` reads of one organisation are worked on at the same time; `max_waiting` more wait in order.

    A rate alone does not protect the others: reads may cost more than the rate assumed, and all that were let in would
    stand before the next caller. Commands are not counted: they wait for their group commit, and cost little."""

    def __init__(self, *, at_once: int, max_waiting: int) -> None:
        self._at_once, self._max_waiting = at_once, max_waiting
        self._running: dict[str, int] = {}
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    async def enter(self, key: str) -> None:
        """Waits for a turn; `leave` must follow. Raises TooManyWait."""
        running = self._running.get(key, 0)
        if running < self._at_once:
            self._running[key] = running + 1
            return
        line = self._waiting.setdefault(key, deque())
        if len(line) >= self._max_waiting:
            raise TooManyWait
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the turn had come, and the next one must have it
                self.leave(key)
            elif turn in line:
                line.remove(turn)
            raise

    def leave(self, key: str) -> None:
        """Gives the turn to the next who waits."""
        line = self._waiting.get(key)
        while line:
            turn = line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._waiting.pop(key, None)
        self._running[key] -= 1
        if not self._running[key]:
            del self._running[key]


class Turn:
    """The turn of one request: it may leave it while it waits for something, and take one again."""

    def __init__(self, turns: ReadTurns, key: str) -> None:
        self._turns, self._key, self._held = turns, key, False

    async def take(self) -> None:
        """Waits for the turn. Raises TooManyWait."""
        if not self._held:
            await self._turns.enter(self._key)
            self._held = True

    def leave(self) -> None:
        """Gives the turn to the next; does nothing where there is none."""
        if self._held:
            self._held = False
            self._turns.leave(self._key)
