"""What the two processes say to each other: texts one way, what they are scored by the other way."""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from typing import NoReturn

from schemas.common import Text
from services.chassis.model import Doc

from ..domain.indexed_profile import EncodedText

READY: Doc = {"ready": True}


class _Plain(pickle.Unpickler):
    """Takes values and no classes: what comes back is data, whatever has happened to the process that sent it."""

    def find_class(self, module: str, name: str, /) -> NoReturn:
        """Refuses."""
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


def packed(said: Doc) -> bytes:
    """A message as it is sent."""
    return pickle.dumps(said, protocol=pickle.HIGHEST_PROTOCOL)


def plain(data: bytes) -> Doc:
    """A message that was sent. Raises UnpicklingError if it is more than data."""
    found: Doc = _Plain(io.BytesIO(data)).load()
    return found


def question(texts: Sequence[Text]) -> bytes:
    """Texts to encode."""
    return packed({"texts": [text.model_dump() for text in texts]})


def texts_of(asked: bytes) -> list[Text]:
    """The texts of a question."""
    return [Text.model_validate(text) for text in plain(asked)["texts"]]


def answer(texts: Sequence[EncodedText]) -> bytes:
    """Encoded texts, in the order of the question."""
    return packed({"texts": [text.model_dump() for text in texts]})


def failure(reason: str, traceback: str) -> bytes:
    """The answer where there are none. Neither has texts in it (`safe_text`, `safe_traceback`)."""
    return packed({"failed": reason, "traceback": traceback})
