"""A calendar file as busy times, event by event. Only `__main__` calls this, in a process that may be killed."""

from __future__ import annotations

import datetime as dt
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

from ..domain.busy_entries import OWN_UID

MAX_EVENTS = 4_000
MAX_OCCURRENCES = 5_000
SERIES_SECONDS = 0.3
"""CPU time for one event with its repetitions."""
MAX_UID = 100
ANY_ZONE = dt.timedelta(days=2)
"""More than any zone moves a date or a clock time."""


class TooMuch(Exception):
    """The whole file is refused: too many events, or too many occurrences in all."""


class BackwardsError(Exception):
    """An event ends before it starts."""


class _SlowSeries(BaseException):
    """One event takes too long to expand. No library must catch it as an error of its own."""


@dataclass
class Expanded:
    """Busy times in UTC, each with its UID if that may be ours, and the events that give none: their place in the file,
    counted from 0, and why."""

    busy: list[tuple[dt.datetime, dt.datetime, str]] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)


def expand(text: str, start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> Expanded:
    """The busy times of a file between two instants. `zone` reads dates and clock times without a zone.

    Raises ValueError for what is no calendar, and TooMuch."""
    calendars = Calendar.from_ical(text, multiple=True)
    if not calendars:
        raise ValueError("no calendar")
    events = [(calendar, event) for calendar in calendars for event in calendar.walk("VEVENT")]
    if len(events) > MAX_EVENTS:
        raise TooMuch(f"has {len(events)} events; at most {MAX_EVENTS} are read")
    found = Expanded()
    for index, calendar, series in _series(events):
        try:
            with _cpu_limit(SERIES_SECONDS):
                times = _times(calendar, series, start, end, zone)
        except _SlowSeries:
            found.skipped.append((index, "repeats too often or by a rule that takes too long"))
        except BackwardsError:
            found.skipped.append((index, "ends before it starts"))
        except Exception:  # whatever a library says of one event, the others are read
            found.skipped.append((index, "cannot be read: its start, end or rule is not as RFC 5545 wants it"))
        else:
            _take(found, index, times, _own_uid(series))
    return found


def _series(events: Sequence[tuple[Component, Component]]) -> Iterator[tuple[int, Component, list[Component]]]:
    """Events of one UID belong together: later ones replace single occurrences. With the place of the first."""
    groups: dict[str, tuple[int, Component, list[Component]]] = {}
    for index, (calendar, event) in enumerate(events):
        uid = str(event.get("UID") or f"without {index}")
        known = groups.get(uid)
        if known is None:
            groups[uid] = (index, calendar, [event])
        elif event.get("RECURRENCE-ID") is not None or known[2][0].get("RECURRENCE-ID") is not None:
            known[2].append(event)
        else:  # some programs give several events one UID
            groups[f"{uid} {index}"] = (index, calendar, [event])
    yield from groups.values()


def _times(
    calendar: Component, series: list[Component], start: dt.datetime, end: dt.datetime, zone: ZoneInfo
) -> list[tuple[dt.datetime, dt.datetime]]:
    if any(event.errors for event in series) or all(event.get("DTSTART") is None for event in series):
        raise ValueError("not as RFC 5545 wants it")
    if any(_ends_before_it_starts(event, zone) for event in series):
        raise BackwardsError
    if len(series) == 1 and _is_at_another_time(series[0], start, end):
        return []
    alone = Calendar()
    if calendar.get("X-WR-TIMEZONE") is not None:
        alone["X-WR-TIMEZONE"] = calendar["X-WR-TIMEZONE"]
    for part in (*calendar.walk("VTIMEZONE"), *series):
        alone.add_component(part)
    found = []
    for event in recurring_ical_events.of(alone).between(start, end):
        if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        found.append((_instant(event.start, zone), _instant(event.end, zone)))
        if len(found) > MAX_OCCURRENCES:
            raise _SlowSeries
    return found


def _ends_before_it_starts(event: Component, zone: ZoneInfo) -> bool:
    """The library would exchange the two."""
    start, end = event.get("DTSTART"), event.get("DTEND")
    return start is not None and end is not None and _instant(end.dt, zone) < _instant(start.dt, zone)


def _is_at_another_time(event: Component, start: dt.datetime, end: dt.datetime) -> bool:
    """Whether an event that does not repeat is surely over before, or begins surely after. Most of a long file is, and
    to expand it all would take longer than a process may."""
    if any(event.get(name) is not None for name in ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "DURATION")):
        return False
    begins, ends = event.get("DTSTART"), event.get("DTEND") or event.get("DTSTART")
    first, last = (_instant(at.dt, ZoneInfo("UTC")) for at in (begins, ends))
    return last < start - ANY_ZONE or first > end + ANY_ZONE


def _own_uid(series: Sequence[Component]) -> str:
    uid = str(series[0].get("UID", ""))
    return uid if uid.endswith(OWN_UID) and len(uid) <= MAX_UID else ""


def _take(found: Expanded, index: int, times: list[tuple[dt.datetime, dt.datetime]], uid: str) -> None:
    lasting = [(low, high, uid) for low, high in times if low < high]
    if times and not lasting:
        found.skipped.append((index, "takes no time: it ends when it starts, or has no end"))
    found.busy += lasting
    if len(found.busy) > MAX_OCCURRENCES:
        raise TooMuch(f"has more than {MAX_OCCURRENCES} times in the next weeks")


def _instant(at: dt.date, zone: ZoneInfo) -> dt.datetime:
    if not isinstance(at, dt.datetime):
        at = dt.datetime.combine(at, dt.time())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC)


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
