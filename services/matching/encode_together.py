"""Texts of jobs that run at the same moment are encoded in one call: a model takes a third of the time for a text among
many (`make bench-matching`, the rush)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.common import Text

from .domain.indexed_profile import EncodedText
from .encoder import Encoder

MAX_TEXTS = 32
"""Texts of one call: from here on a text hardly gets cheaper, and the next one waits for the whole call."""


@dataclass(eq=False)
class Caller:
    """One that waits for its texts."""

    texts: Sequence[Text]
    answer: asyncio.Future[list[EncodedText]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class EncodeTogether:
    """While one call works, the next callers gather, in the order in which they come. One alone never waits."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._waiting: deque[Caller] = deque()
        self._working: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """That of the encoder."""
        return self._encoder.name

    async def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        """One encoded text for each text, in the same order. Raises what the encoder raises for these texts."""
        caller = Caller(texts)
        self._waiting.append(caller)
        if self._working is None:
            self._working = asyncio.ensure_future(self._work())
        return await caller.answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._call(self._next())
        finally:
            self._working = None

    def _next(self) -> list[Caller]:
        """The callers of the next call; at least one, however many texts it has."""
        callers, count = list[Caller](), 0
        while self._waiting and (not callers or count + len(self._waiting[0].texts) <= MAX_TEXTS):
            callers.append(self._waiting.popleft())
            count += len(callers[-1].texts)
        return callers

    async def _call(self, callers: Sequence[Caller]) -> None:
        try:
            found = await asyncio.to_thread(self._encoder.encode, [text for one in callers for text in one.texts])
        except Exception as error:
            await self._failed(callers, error)
            return
        start = 0
        for caller in callers:
            if not caller.answer.done():  # it may have been cancelled
                caller.answer.set_result(found[start : start + len(caller.texts)])
            start += len(caller.texts)

    async def _failed(self, callers: Sequence[Caller], error: Exception) -> None:
        """A text that cannot be encoded is the trouble of its own caller: each one is called for alone."""
        if len(callers) > 1:
            for caller in callers:
                await self._call([caller])
        elif not callers[0].answer.done():
            callers[0].answer.set_exception(error)
