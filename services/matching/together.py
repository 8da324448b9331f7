"""Callers that come while a call is under way share the next one: what many ask for at once costs less for each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(eq=False)
class Caller(Generic[Q, A]):
    """One that waits for its answer."""

    question: Q
    answer: asyncio.Future[A] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Together(Generic[Q, A]):
    """While one call works, in a thread, the next callers gather, in the order in which they come. One alone never
    waits."""

    def __init__(
        self,
        call: Callable[[Sequence[Q]], Sequence[A]],
        *,
        limit: Callable[[], int],
        size: Callable[[Q], int] = lambda question: 1,
        at_once: int = 1,
        common: tuple[type[Exception], ...] = (),
    ) -> None:
        """`call` answers several questions, in their order. `limit`: how much is asked for in one call, as `size`
        measures it. `at_once`: calls that may work side by side. `common`: errors that are no one question's trouble:
        all of the call get them."""
        self._ask, self._limit, self._size, self._at_once = call, limit, size, at_once
        self._common = common
        self._waiting: deque[Caller[Q, A]] = deque()
        self._working: set[asyncio.Task[None] | None] = set()

    async def ask(self, question: Q) -> A:
        """The answer. Raises what the call raises for this question."""
        caller: Caller[Q, A] = Caller(question)
        self._waiting.append(caller)
        if len(self._working) < self._at_once:
            self._working.add(asyncio.ensure_future(self._work()))
        return await caller.answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._call(self._next())
        finally:
            # In the same step as the last look. A callback of this task comes later: one that asked in between would
            # wait until one more asks.
            self._working.discard(asyncio.current_task())

    def _next(self) -> list[Caller[Q, A]]:
        """The callers of the next call; at least one, however much it asks for."""
        callers, asked = list[Caller[Q, A]](), 0
        while self._waiting and (not callers or asked + self._size(self._waiting[0].question) <= self._limit()):
            callers.append(self._waiting.popleft())
            asked += self._size(callers[-1].question)
        return callers

    async def _call(self, callers: Sequence[Caller[Q, A]]) -> Exception | None:
        """Returns the error, if there was one."""
        try:
            found = await asyncio.to_thread(self._ask, [one.question for one in callers])
            answers = list(zip(callers, found, strict=True))
        except Exception as error:
            await self._failed(callers, error)
            return error
        for caller, answer in answers:
            if not caller.answer.done():  # it may have been cancelled
                caller.answer.set_result(answer)
        return None

    async def _failed(self, callers: Sequence[Caller[Q, A]], error: Exception) -> None:
        """What cannot be answered is the trouble of its own caller: each one is called for alone, until an error comes
        that is no one's own."""
        left = deque(callers)
        while len(callers) > 1 and left and not isinstance(error, self._common):
            error = await self._call([left.popleft()]) or error
        for caller in left:
            if not caller.answer.done():
                caller.answer.set_exception(error)
