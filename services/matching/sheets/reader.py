"""Has a file read in another process, within limits of time, and takes what comes of it."""

from __future__ import annotations

import asyncio
import json

from pydantic import BaseModel, ConfigDict, ValidationError

from ..domain.forum_files.lines import Sheet, kind_of
from ..domain.forum_files.mistakes import Mistake
from ..limited_process import run_limited

CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_BYTES = 4 << 20
"""A forum of a thousand participants has a tenth of it."""
AT_ONCE = 1
"""Files that a replica reads at the same time; more wait."""
WALL_SECONDS = 20.0
_turns = asyncio.Semaphore(AT_ONCE)


class _RawSheet(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    name: str
    rows: list[tuple[int, list[str]]]
    formulas: list[tuple[int, int]] = []
    too_long: list[tuple[int, int]] = []
    beyond: list[tuple[int, int]] = []


class _Answer(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    sheets: list[_RawSheet] = []
    refused: str | None = None


async def read_sheets(body: bytes, *, is_csv: bool, kind: str | None) -> tuple[list[Sheet], list[Mistake]]:
    """The sheets of a file by kind, and what is wrong with the file as a whole. With a `kind`, all of its sheets that
    have something in them are of that; else the names of sheets say it."""
    async with _turns:
        sent = json.dumps({"is_csv": is_csv}).encode() + b"\n" + body
        written = await run_limited("services.matching.sheets", sent, wall_seconds=WALL_SECONDS)
    # In a thread: a file of 4 MiB takes longer than others should wait for.
    return await asyncio.to_thread(_sheets, written, kind)


def _sheets(written: bytes, kind: str | None) -> tuple[list[Sheet], list[Mistake]]:
    try:
        answer = _Answer.model_validate_json(written)
    except ValidationError:
        return [], [Mistake("takes_too_long")]
    if answer.refused is not None:
        return [], [Mistake(answer.refused)]
    if not answer.sheets:
        return [], [Mistake("no_sheet")]
    if kind is not None:
        return [_sheet(raw, kind) for raw in [raw for raw in answer.sheets if raw.rows] or answer.sheets[:1]], []
    named = [(number, kind_of(raw.name), raw) for number, raw in enumerate(answer.sheets, 1)]
    unknown = [Mistake("unknown_sheet", str(number)) for number, found, raw in named if not found and raw.rows]
    sheets = [_sheet(raw, found) for _, found, raw in named if found]
    return sheets, unknown if unknown or sheets else [Mistake("no_sheet")]


def _sheet(raw: _RawSheet, kind: str) -> Sheet:
    return Sheet(kind, raw.rows, frozenset(raw.formulas), raw.beyond, frozenset(raw.too_long))
