"""Has a calendar file expanded in another process, within limits of time, and takes what comes of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from services.chassis.model import Invalid

from ..domain.agenda import Busy
from ..domain.busy_entries import BusyList, Skipped

MAX_BYTES = 4 << 20
"""A year of a busy person has one to three million bytes, most of them names and descriptions, which are not read."""
AT_ONCE = 1
"""Files that a replica has expanded at the same time; more wait."""
WALL_SECONDS = 20.0
HORIZON = dt.timedelta(days=92)
"""How far a repetition is followed: as far as slots can be asked for at once."""
_ROOT = Path(__file__).resolve().parents[3]
_turns = asyncio.Semaphore(AT_ONCE)


class _Answer(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    busy: list[tuple[dt.datetime, dt.datetime]] = []
    skipped: list[tuple[int, str]] = []
    refused: str | None = None


async def read_calendar(body: bytes, zone: str, now: dt.datetime) -> BusyList:
    """The busy times of a calendar file from now on, for three months. Raises Invalid for a file that is no calendar or
    makes too much work."""
    wish = {"zone": zone, "start": now.isoformat(), "end": (now + HORIZON).isoformat()}
    async with _turns:
        written = await _run(json.dumps(wish).encode() + b"\n" + body)
    try:
        answer = _Answer.model_validate_json(written)
    except ValidationError:
        raise Invalid("The calendar takes too long to read; export fewer events, or a shorter time.") from None
    if answer.refused is not None:
        raise Invalid(f"The calendar {answer.refused}; export it again, or send the busy times as JSON.")
    times = [Busy(start=low, end=high) for low, high in answer.busy]
    return BusyList(times, [Skipped(index, reason) for index, reason in answer.skipped])


async def _run(wish: bytes) -> bytes:
    """What the other process has written; nothing if it did not end by itself. It gets nothing of our environment,
    where secrets are."""
    environment = {"PYTHONPATH": str(_ROOT), "PATH": os.environ.get("PATH", "")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.matching.calendar_files",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    try:
        async with asyncio.timeout(WALL_SECONDS):
            written, _ = await process.communicate(wish)
            return written
    except TimeoutError:
        return b""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
