"""The next change of a change stream, and its end, which the driver does not tell."""

from __future__ import annotations

from typing import cast

from motor.motor_asyncio import AsyncIOMotorChangeStream
from pymongo.errors import OperationFailure

from ..model.documents import Doc
from ..model.failures import Unavailable

NOT_RESUMED = frozenset({260, 280, 286})
"""The stream had ended, or its history is lost, when the driver wanted to take it up again after an error."""


class StreamEnded(Unavailable):
    """The collection was dropped, renamed or restored, so its change stream tells nothing any more: open another one,
    and read the collection from its beginning."""


async def next_change(stream: AsyncIOMotorChangeStream[Doc]) -> Doc | None:
    """The next change, or None if there was none for a while. Raises StreamEnded.

    Every look at a stream is by this function: the driver answers None for a stream that has ended, at once and each
    time, which is taken for a quiet collection, and keeps a processor busy."""
    try:
        change = await stream.try_next()
    except OperationFailure as error:
        if error.code in NOT_RESUMED:
            raise StreamEnded(f"the change stream cannot be taken up again (code {error.code})") from error
        raise
    # Motor makes a property of it, which its types do not say.
    if change is None and not cast(bool, stream.alive):
        raise StreamEnded("the change stream has ended: its collection was dropped, renamed or restored")
    return change
