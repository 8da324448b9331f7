"""Texts of jobs that run at the same moment are encoded in one call: a model takes a third of the time for a text among
many (`make bench-matching`, the rush)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Protocol

from schemas.common import Text
from services.chassis.commit import RetryLater
from services.chassis.model import Unavailable

from .domain.indexed_profile import EncodedText
from .together import Together

MAX_TEXTS = 32
"""Texts of one call: from here on a text hardly gets cheaper, and the next one waits for the whole call."""
MAX_TEXTS_LATER = 4
"""The same of an encoder that completes in the background: it takes all cores, from those who wait for the first."""


class Encodes(Protocol):
    """An encoder, in this process or in one of its own."""

    @property
    def name(self) -> str:
        """Under which it is stored what it has encoded."""
        ...

    @property
    def is_metered(self) -> bool:
        """Whether a text costs, or leaves this installation."""
        ...

    def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        """One encoded text for each text, in the same order. Slow: call it in a thread."""
        ...


class EncodeTogether:
    """An encoder whose callers share its calls."""

    def __init__(self, encoder: Encodes, max_texts: int | None = None) -> None:
        self._encoder = encoder
        self._together: Together[Sequence[Text], list[EncodedText]] = Together(
            self._encode, limit=lambda: max_texts or MAX_TEXTS, size=len, common=(RetryLater, Unavailable)
        )

    @property
    def name(self) -> str:
        """That of the encoder."""
        return self._encoder.name

    @property
    def is_metered(self) -> bool:
        """Whether a text costs, or leaves this installation."""
        return self._encoder.is_metered

    async def encode(self, texts: Sequence[Text]) -> list[EncodedText]:
        """One encoded text for each text, in the same order. Raises what the encoder raises for these texts."""
        return await self._together.ask(texts)

    def _encode(self, asked: Sequence[Sequence[Text]]) -> list[list[EncodedText]]:
        found = self._encoder.encode([text for texts in asked for text in texts])
        return [found[a:b] for a, b in pairwise([0, *accumulate(map(len, asked))])]
