"""Which kinds of jobs may be due, as this process knows it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class DueKinds:
    """Kinds of jobs that this process has planned, or has room for again: its workers look for these at once, and for
    no others. What other processes plan, and what becomes due by time, a poll finds."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._told = asyncio.Event()

    def tell(self, kinds: Iterable[str] = ()) -> None:
        """Wakes the workers; with these kinds beside those that they have not looked for yet."""
        self._kinds.update(kinds)
        self._told.set()

    def take(self) -> set[str]:
        """The kinds to look for now. What is told from here on is for the next look."""
        found, self._kinds = self._kinds, set()
        self._told.clear()
        return found

    async def wait(self) -> None:
        """Until something is told."""
        await self._told.wait()
