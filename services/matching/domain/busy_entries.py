"""Busy times as they are sent: entries of which some may be wrong; the right ones count (docs/rules.md, section 8)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.chassis.model import Instant, Invalid

from .agenda import MAX_BUSY, Busy, merged

MAX_ENTRIES = 5_000
OWN_UID = "@magpie"
"""Ends the UID of our entries in calendars, after the id of the meeting."""
ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Skipped:
    """An entry that is left out, or of which a part is: its place in the list, counted from 0, and why."""

    index: int
    reason: str


@dataclass(frozen=True)
class BusyList:
    """Times as they were sent, in UTC, and the entries that were left out."""

    times: Sequence[Busy]
    skipped: Sequence[Skipped]

    def merged(self) -> list[Busy]:
        """The times as they are stored: in order; those that touch or overlap are one. Raises Invalid if all entries
        are wrong, or for too many times after merging."""
        if self.skipped and not self.times and not all(s.reason == TAKES_NO_TIME for s in self.skipped):
            first = self.skipped[0]
            raise Invalid(f"No entry can be taken; the first one {first.reason}.", pointer=f"/busy/{first.index}")
        times = merged(self.times)
        if len(times) > MAX_BUSY:
            raise Invalid(
                f"There are {len(times)} separate busy times; at most {MAX_BUSY} are kept. Send fewer days.",
                pointer="/busy",
            )
        return times


TAKES_NO_TIME = "takes no time: it ends when it starts, or has no end"


class _Entry(BaseModel):
    """One entry: instants with a zone, or dates for whole days. Without an end, or as its own end, a date is one day;
    an instant takes no time."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    start: Any
    end: Any = None


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_instant: TypeAdapter[dt.datetime] = TypeAdapter(Instant)
_day: TypeAdapter[dt.date] = TypeAdapter(Annotated[dt.date, "YYYY-MM-DD"])


def has_dates(entries: Sequence[object]) -> bool:
    """Whether any entry needs a zone, because it names a day."""
    return any(isinstance(entry, dict) and any(map(_is_day, entry.values())) for entry in entries)


def read_entries(entries: Sequence[object], zone: ZoneInfo) -> BusyList:
    """Reads a list of entries; `zone` says when a day begins."""
    times: list[Busy] = []
    skipped: list[Skipped] = []
    for index, entry in enumerate(entries):
        try:
            time = _time(entry, zone)
        except ValidationError as error:
            skipped.append(Skipped(index, _reason(error)))
        except (ValueError, OverflowError) as error:
            skipped.append(Skipped(index, str(error)))
        else:
            if time.start == time.end:
                skipped.append(Skipped(index, TAKES_NO_TIME))
            else:
                times.append(time)
    return BusyList(times, skipped)


def _time(entry: object, zone: ZoneInfo) -> Busy:
    sent = _Entry.model_validate(entry)
    start = _moment(sent.start, zone)
    if _is_day(sent.start) and sent.end in (None, sent.start):
        # Until the next midnight: not 24 hours where clocks change.
        end = _moment((dt.date.fromisoformat(sent.start) + ONE_DAY).isoformat(), zone)
    else:
        end = start if sent.end is None else _moment(sent.end, zone)
    if end < start:
        raise ValueError("ends before it starts")
    return Busy(start=start, end=end)


def _is_day(sent: object) -> bool:
    return isinstance(sent, str) and _DAY.fullmatch(sent) is not None


def _moment(sent: object, zone: ZoneInfo) -> dt.datetime:
    if _is_day(sent):
        day = _day.validate_python(sent)
        return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
    return _instant.validate_python(sent).astimezone(dt.UTC)


def _reason(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = "".join(f"{part}: " for part in first["loc"])
    return f"is not valid: {place}{first['msg'].removeprefix('Value error, ')}"
