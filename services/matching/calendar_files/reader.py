"""Has a calendar file expanded in another process, within limits of time, and takes what comes of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from services.chassis.model import Invalid

from ..domain.agenda import Busy
from ..domain.busy_entries import OWN_UID, BusyList, Skipped
from ..limited_process import run_limited

MAX_BYTES = 4 << 20
"""A year of a busy person has one to three million bytes, most of them names and descriptions, which are not read."""
AT_ONCE = 1
"""Files that a replica has expanded at the same time; more wait."""
WALL_SECONDS = 20.0
HORIZON = dt.timedelta(days=92)
"""How far a repetition is followed: as far as slots can be asked for at once."""
_turns = asyncio.Semaphore(AT_ONCE)


class TooSlow(Invalid):
    """It was not read to its end: it makes too much work, or this machine has too much of it."""


class _Answer(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    busy: list[tuple[dt.datetime, dt.datetime, str]] = []
    skipped: list[tuple[int, str]] = []
    refused: str | None = None


Known = Callable[[Sequence[str]], Awaitable[set[str]]]
"""Which of these are ids of our meetings."""


async def read_calendar(
    body: bytes, zone: str, now: dt.datetime, *, known: Known, turns: asyncio.Semaphore | None = None
) -> BusyList:
    """The busy times of a calendar file from now on, for three months; our own meetings in it are none. `turns`: others
    than those of requests. Raises Invalid for a file that is no calendar or makes too much work."""
    wish = {"zone": zone, "start": now.isoformat(), "end": (now + HORIZON).isoformat()}
    async with turns or _turns:
        sent = json.dumps(wish).encode() + b"\n" + body
        written = await run_limited("services.matching.calendar_files", sent, wall_seconds=WALL_SECONDS)
    try:
        answer = _Answer.model_validate_json(written)
    except ValidationError:
        raise TooSlow("The calendar takes too long to read; export fewer events, or a shorter time.") from None
    if answer.refused is not None:
        raise Invalid(f"The calendar {answer.refused}; export it again, or send the busy times as JSON.")
    own = await known(sorted({uid.removesuffix(OWN_UID) for _, _, uid in answer.busy if uid}))
    times = [Busy(start=low, end=high) for low, high, uid in answer.busy if uid.removesuffix(OWN_UID) not in own]
    return BusyList(times, [Skipped(index, reason) for index, reason in answer.skipped])
