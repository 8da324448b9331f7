"""What the two processes say to each other: texts one way, what they are scored by the other way. BSON and not pickle:
what comes back is data, whatever has happened to the process that sent it."""

from __future__ import annotations

from collections.abc import Sequence

import bson

from schemas.common import Text
from services.chassis.model import Doc

from ..domain.indexed_profile import EncodedText

READY: Doc = {"ready": True}


def question(texts: Sequence[Text]) -> bytes:
    """Texts to encode."""
    return bson.encode({"texts": [text.model_dump() for text in texts]})


def texts_of(asked: bytes) -> list[Text]:
    """The texts of a question."""
    return [Text.model_validate(text) for text in bson.decode(asked)["texts"]]


def answer(texts: Sequence[EncodedText]) -> bytes:
    """Encoded texts, in the order of the question."""
    return bson.encode({"texts": [text.model_dump() for text in texts]})


def failure(reason: str) -> bytes:
    """The answer where there are none. `reason` has no texts in it."""
    return bson.encode({"failed": reason})
