"""A calendar file as busy times, event by event. Only `__main__` calls this, in a process that may be killed."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event, vDDDLists

from ..domain.busy_entries import OWN_UID, TAKES_NO_TIME
from .events import NOT_VALID, WITHOUT, Moment, Read, UnreadableError, clock, must_say_when, read_event, read_periods
from .lines import calendars_in
from .zones import zones_of

MAX_EVENTS = 4_000
MAX_OCCURRENCES = 5_000
SERIES_SECONDS = 0.3
"""CPU time for one event with its repetitions."""
MAX_UID = 100
ANY_ZONE = dt.timedelta(days=2)
"""More than any zone moves a date or a clock time."""
RULE_FAILED = f"is read in part: its RRULE {NOT_VALID}, {WITHOUT['RRULE']}"
TOO_OFTEN = "repeats too often or by a rule that takes too long"
TOO_LONG = "lists more times than can be read"
TIMES_FAILED = f"cannot be read: one of its times {NOT_VALID}"
Time = tuple[dt.datetime, dt.datetime]


class TooMuch(Exception):
    """The whole file is refused: too many events, or too many occurrences in all."""


@dataclass(frozen=True)
class Window:
    """The time that is looked at, and the zone of dates."""

    start: dt.datetime
    end: dt.datetime
    zone: dt.tzinfo

    def of(self, times: Sequence[Time]) -> list[Time]:
        """Those of which something is in it."""
        return [(low, high) for low, high in times if low < self.end and (self.start < high or self.start <= low)]

    def is_surely_without(self, event: Event) -> bool:
        """Whether an event that does not repeat is surely over before, or begins surely after. Most of a long file is,
        and to expand it all would take longer than a process may."""
        if any(name in event for name in ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "DURATION")):
            return False
        begins, ends = event.get("DTSTART"), event.get("DTEND") or event.get("DTSTART")
        first, last = (_instant(at.dt, self.zone) for at in (begins, ends))
        return last < self.start - ANY_ZONE or first > self.end + ANY_ZONE


class _SlowSeries(BaseException):
    """One event takes too long to expand. No library must catch it as an error of its own."""


@dataclass
class Expanded:
    """Busy times in UTC, each with its UID if that may be ours, and the events that give none, or not all: their place
    in the file, counted from 0, and why."""

    busy: list[tuple[dt.datetime, dt.datetime, str]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    readable: int = 0

    @property
    def unreadable(self) -> str:
        """Why no event can be read; empty if one can, or if there is none."""
        return self.skipped[0][1] if self.skipped and not self.readable else ""


def expand(text: str, start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> Expanded:
    """The busy times of a file between two instants. `zone` reads dates and clock times without a zone.

    Raises ValueError for what is no calendar, and TooMuch."""
    calendars = calendars_in(text)
    if not calendars:
        raise ValueError("no calendar")
    known = zip(zones_of(calendars, zone), calendars, strict=True)
    parts = [(zones, part) for zones, each in known for part in each.named("VEVENT", "VFREEBUSY")]
    if len(parts) > MAX_EVENTS:
        raise TooMuch(f"has {len(parts)} events; at most {MAX_EVENTS} are read")
    window = Window(start, end, zone)
    found = Expanded()
    events: list[Read] = []
    for index, (zones, part) in enumerate(parts):
        with _named_if_slow(found, index, TOO_LONG if part.name == "VFREEBUSY" else TOO_OFTEN):
            if part.name == "VEVENT":
                events.append(read_event(part, index, zones))
            else:
                periods, why = read_periods(part, zones)
                found.skipped += [(index, reason) for reason in why]
                found.readable += bool(periods) or not why
                _take(found, index, window.of(periods), "")
    for series in _series(events):
        with _named_if_slow(found, series[0].index, TOO_OFTEN):
            _take_series(found, series, window)
    found.skipped.sort()
    return found


def _series(events: Sequence[Read]) -> Iterator[list[Read]]:
    """Events of one UID belong together: later ones replace single occurrences."""
    groups: dict[str, list[Read]] = {}
    for read in events:
        uid = str(read.event.get("UID") or f"without {read.index}")
        known = groups.get(uid)
        if known is None:
            groups[uid] = [read]
        elif read.event.get("RECURRENCE-ID") is not None or known[0].event.get("RECURRENCE-ID") is not None:
            known.append(read)
        else:  # some programs give several events one UID
            groups[f"{uid} {read.index}"] = [read]
    yield from groups.values()


def _take_series(found: Expanded, series: list[Read], window: Window) -> None:
    """One that does not say when it is leaves the others as they are: what it should replace stays busy."""
    reasons = [(read.index, _why_unreadable(read)) for read in series]
    readable = [read for read, (_, why) in zip(series, reasons, strict=True) if not why]
    found.skipped += [(index, why) for index, why in reasons if why]
    try:
        times, why = _known_times([read.event for read in readable], window)
    except Exception:  # whatever a library says of these times, the other events are read
        found.skipped.append((series[0].index, TIMES_FAILED))
        return
    told = [(series[0].index, why), *((read.index, read.partly(is_busy=bool(times))) for read in readable)]
    found.skipped += [(index, text) for index, text in told if text]
    found.readable += len(readable)
    _take(found, series[0].index, times, _own_uid([read.event for read in series]))


def _why_unreadable(read: Read) -> str:
    try:
        must_say_when(read)
    except UnreadableError as error:
        return str(error)
    except Exception:  # a zone of its own may say anything
        return TIMES_FAILED
    return ""


def _known_times(series: list[Event], window: Window) -> tuple[list[Time], str]:
    """The times of a series, or the first of each of its events, and why."""
    try:
        return _times(series, window), ""
    except Exception:  # a library that does not know a rule says so in its own ways
        if not any(name in event for event in series for name in WITHOUT):
            raise
    return [time for event in series for time in _times([_once(event)], window)], RULE_FAILED


def _times(series: list[Event], window: Window) -> list[Time]:
    if not series or (len(series) == 1 and window.is_surely_without(series[0])):
        return []
    alone = Calendar()
    for event in _with_replaced(series):
        alone.add_component(event)
    found = []
    for event in recurring_ical_events.of(alone).between(window.start - ANY_ZONE, window.end + ANY_ZONE):
        if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        found.append((_instant(event.start, window.zone), _instant(event.end, window.zone)))
        if len(found) > MAX_OCCURRENCES:
            raise _SlowSeries
    return window.of(found)


def _with_replaced(series: list[Any]) -> list[Any]:
    """The series without the EXDATEs of occurrences that another event replaces: some programs write both, and the
    library would leave out the replacement, too."""
    replaced = {_same(event["RECURRENCE-ID"].dt) for event in series if "RECURRENCE-ID" in event}
    return [_without(event, replaced) if "EXDATE" in event and replaced else event for event in series]


def _without(event: Any, replaced: Set[Moment]) -> Any:
    said = event["EXDATE"] if isinstance(event["EXDATE"], list) else [event["EXDATE"]]
    kept = [at.dt for each in said for at in each.dts if _same(at.dt) not in replaced]
    other = event.copy()
    del other["EXDATE"]
    if kept:
        other.add("EXDATE", vDDDLists(kept), encode=False)
    return other


def _same(at: Moment) -> Moment:
    return at.astimezone(dt.UTC) if isinstance(at, dt.datetime) and at.tzinfo else at


def _once(event: Event) -> Event:
    """The event at its own time only."""
    once = event.copy()
    for name in WITHOUT:
        once.pop(name, None)
    return once


def _own_uid(series: Sequence[Event]) -> str:
    uid = str(series[0].get("UID", ""))
    return uid if uid.endswith(OWN_UID) and len(uid) <= MAX_UID else ""


def _take(found: Expanded, index: int, times: list[Time], uid: str) -> None:
    lasting = [(low, high, uid) for low, high in times if low < high]
    if times and not lasting:
        found.skipped.append((index, TAKES_NO_TIME))
    found.busy += lasting
    if len(found.busy) > MAX_OCCURRENCES:
        raise TooMuch(f"has more than {MAX_OCCURRENCES} times in the next weeks")


def _instant(at: Moment, zone: dt.tzinfo) -> dt.datetime:
    return clock(at, zone).astimezone(dt.UTC)


@contextmanager
def _named_if_slow(found: Expanded, index: int, why: str) -> Iterator[None]:
    """Bounds the CPU time for an event; one that takes longer is named."""
    try:
        with _cpu_limit(SERIES_SECONDS):
            yield
    except _SlowSeries:
        found.skipped.append((index, why))


@contextmanager
def _cpu_limit(seconds: float) -> Iterator[None]:
    """Raises _SlowSeries in the code inside when it has used so much CPU time."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _SlowSeries

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
