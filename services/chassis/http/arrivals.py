"""A client never polls for its own writes: what another service has written a moment ago is waited for, within bounds.

A wait ends when the answer is another one, not when the id turns up: so a foreign id takes as long as one that no
service knows, and the time tells a stranger nothing."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from ..model.documents import Doc, Ref
from ..model.refusals import NotFound
from ..mongo.database import Database
from .rate_limit import TokenBuckets
from .read_turns import TooManyWait, Turn

T = TypeVar("T")
WAIT_SECONDS = 2.0
FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS = 0.03, 0.25
MAX_WAITING, MAX_WAITING_OF_ONE = 200, 4
"""Requests that wait at a time, in all and of one organisation; the next ones hear 404 at once."""
VAIN_PER_SECOND, VAIN_BURST = 0.1, 10
"""How often an organisation may wait for what never comes. A wait that finds something costs nothing."""
MADE_BY_US = frozenset({5, 7, 8})
"""Versions of the UUIDs that services make; another id cannot exist."""
_TEXT_ID = re.compile(r"[a-z2-7]{26}")


def can_exist(id: str) -> bool:
    """Whether a service may have made this id."""
    if _TEXT_ID.fullmatch(id):
        return True
    try:
        return str(made := uuid.UUID(id)) == id and made.version in MADE_BY_US
    except ValueError:
        return False


class Arrivals:
    """Repeats what was refused because something may be on its way. One for each process."""

    def __init__(self, database: Database, *, seconds: float = WAIT_SECONDS) -> None:
        self._database, self._seconds = database, seconds
        self._waiting: Counter[str] = Counter()
        self._vain = TokenBuckets(per_second=VAIN_PER_SECOND, burst=VAIN_BURST)

    async def repeat(self, refusal: NotFound, act: Callable[[], Awaitable[T]], *, org: str, turn: Turn | None) -> T:
        """What `act` returns when what the refusal awaits has changed. Raises the refusal where it has not, and at once
        where there is nothing to wait for or too many wait. `turn` (of a read) is left meanwhile."""
        if refusal.awaits is None or not can_exist(refusal.awaits[1]) or not self._may_wait(org):
            raise refusal
        if turn is not None:
            turn.leave()
        self._waiting[org] += 1
        try:
            return await self._repeat(refusal, refusal.awaits, act, org=org, turn=turn)
        finally:
            self._waiting[org] -= 1
            self._waiting += Counter()  # forgets those that wait for nothing

    def _may_wait(self, org: str) -> bool:
        full = self._waiting[org] >= MAX_WAITING_OF_ONE or self._waiting.total() >= MAX_WAITING
        return not full and self._vain.take(org, now=time.monotonic()) == 0

    async def _repeat(
        self, refusal: NotFound, ref: Ref, act: Callable[[], Awaitable[T]], *, org: str, turn: Turn | None
    ) -> T:
        ends = time.monotonic() + self._seconds
        while time.monotonic() < ends:
            async for _ in self._changes(ref, ends):
                try:
                    found = await _in_turn(act, turn)
                except NotFound as again:
                    if again.awaits is not None and again.awaits != ref:
                        ref = again.awaits  # one of two has come, and the other may be on its way
                        break
                except TooManyWait:
                    continue
                else:
                    self._vain.give_back(org)
                    return found
        raise refusal

    async def _changes(self, ref: Ref, ends: float) -> AsyncIterator[None]:
        """When to look: once soon, as it may have come since it was refused, and at each change of the document."""
        pause, seen = FIRST_LOOK_SECONDS, await self._look(ref)
        await asyncio.sleep(pause)
        yield
        while (left := ends - time.monotonic()) > 0:
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.5, LAST_LOOK_SECONDS)
            if (now := await self._look(ref)) != seen:
                seen = now
                yield

    async def _look(self, ref: Ref) -> Doc | None:
        name, id = ref
        return await self._database.collection(name).find_one({"_id": id}, {"revision": 1})


async def _in_turn(act: Callable[[], Awaitable[T]], turn: Turn | None) -> T:
    """The act, in the turn of its read. A refusal leaves the turn; an answer does when it begins."""
    if turn is None:
        return await act()
    await turn.take()
    try:
        return await act()
    except NotFound:
        turn.leave()
        raise
