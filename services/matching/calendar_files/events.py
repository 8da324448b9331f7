"""One event or one list of busy times, from its lines: each property is read for itself, so that what is wrong with
one of them is known by its name."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from icalendar import Event, vDDDLists, vDDDTypes, vDuration, vRecur

from .lines import Line, Part
from .zones import Zones

NOT_VALID, NO_ZONE = "is not as RFC 5545 wants it", "names an unknown time zone"
TWICE = "is there twice, and differs"
ONCE = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")
MAX_SEQUENCE_DIGITS = 20
DAY = dt.timedelta(days=1)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ADDING = ("RRULE", "RDATE")
WITHOUT = {
    "RRULE": "so only some of its times are known",
    "RDATE": "so only some of its times are known",
    "EXDATE": "so times that it leaves out are busy, too",
    "RECURRENCE-ID": "so the time that it replaces is busy, too",
}
"""What comes of an event without these. The others say when it is."""
Moment = dt.datetime | dt.date
Period = tuple[dt.datetime, dt.datetime]


class UnreadableError(Exception):
    """An event of which it cannot be said when it is; the text says why."""


@dataclass
class Read:
    """An event, with what could not be read of it by the names of its properties: why, in words."""

    index: int
    event: Event = field(default_factory=Event)
    zone: dt.tzinfo = dt.UTC
    is_in_utc: bool = False
    """Whether its start is written in UTC, whatever the zone of its calendar."""
    faults: dict[str, str] = field(default_factory=dict)

    def moment(self, name: str) -> Moment | None:
        """One of its times; None if it has none by this name."""
        found = self.event.get(name)
        return found.dt if found is not None else None

    def partly(self, *, is_busy: bool) -> str:
        """Says what is missing; empty if nothing is. What takes times out matters only where there are some."""
        matter = [name for name in self.faults if name in WITHOUT and (is_busy or name in ADDING)]
        told = [f"its {name} {self.faults[name]}, {WITHOUT[name]}" for name in matter]
        return f"is read in part: {'; '.join(told)}" if told else ""


class _FaultError(Exception):
    """What is wrong with a property, if that can be said."""


def read_event(part: Part, index: int, zones: Zones) -> Read:
    """Reads a VEVENT. What is empty counts as if it were not there."""
    read = Read(index, zone=zones.floating)
    # The start is read first: its zone is also that of times that name none.
    for line in sorted(part.lines, key=lambda line: line.name != "DTSTART"):
        if not line.value:
            continue
        try:
            _add(read, line, zones)
        except _FaultError as error:
            read.faults[line.name] = str(error)
        except Exception:  # whatever a library says of one property, the others are read
            read.faults.setdefault(line.name, NOT_VALID)
    for name in ONCE:  # a line of a description may look like one of these
        if name in read.event and read.faults.get(name) == NOT_VALID:
            del read.faults[name]
    _settle_end(read)
    return read


def must_say_when(read: Read) -> None:
    """Raises UnreadableError for an event whose start or end is not known, or that ends before it starts."""
    for name, why in read.faults.items():
        if name not in WITHOUT:
            raise UnreadableError(f"cannot be read: its {name} {why}")
    start, end, duration = read.moment("DTSTART"), read.moment("DTEND"), read.event.get("DURATION")
    if start is None:
        raise UnreadableError("cannot be read: it has no DTSTART")
    if (end is not None and clock(end, read.zone) < clock(start, read.zone)) or (duration and duration.td < 0 * DAY):
        raise UnreadableError("ends before it starts")


def read_periods(part: Part, zones: Zones) -> tuple[list[Period], Sequence[str]]:
    """The busy times that a VFREEBUSY lists, and why others could not be read. RFC 5545, 3.2.9: types that are not
    known are busy."""
    found: list[Period] = []
    why: dict[str, None] = {}
    for line in part.lines:
        if line.parameters.get("FBTYPE", "").upper() == "FREE":
            continue
        for value in filter(None, map(str.strip, line.value.split(","))):
            try:
                found.append(_period(line, value, zones))
            except UnreadableError as error:
                why[str(error)] = None
            except _FaultError as error:
                why[f"cannot be read: its FREEBUSY {error}"] = None
            except Exception:  # whatever a library says of one time, the others are read
                why[f"cannot be read: its FREEBUSY {NOT_VALID}"] = None
    return found, list(why)


def _period(line: Line, value: str, zones: Zones) -> Period:
    start, end = _times(line, value, zones, zones.floating)
    low = clock(start, zones.floating)
    high = low + end if isinstance(end, dt.timedelta) else clock(end, zones.floating)
    if high < low:
        raise UnreadableError("ends before it starts")
    return low.astimezone(dt.UTC), high.astimezone(dt.UTC)


def _add(read: Read, line: Line, zones: Zones) -> None:
    if line.name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        # Some programs call a time a date; it begins with one.
        is_date = line.parameters.get("VALUE", "").upper() == "DATE"
        (at,) = _times(line, line.value[:8] if is_date else line.value, zones, read.zone)
        if read.event.get(line.name, vDDDTypes(at)).dt != at:
            raise _FaultError(TWICE)
        # RANGE: a change also of what comes after.
        read.event[line.name] = vDDDTypes(at, {k: v for k, v in line.parameters.items() if k == "RANGE"})
        if line.name == "DTSTART" and isinstance(at, dt.datetime) and at.tzinfo:
            read.zone = at.tzinfo
            read.is_in_utc = line.value.strip().upper().endswith("Z") and not line.parameters.get("TZID")
    elif line.name in ("RDATE", "EXDATE"):
        values = [_times(line, value, zones, read.zone) for value in line.value.split(",") if value]
        read.event.add(line.name, vDDDLists([at if len(at) > 1 else at[0] for at in values]), encode=False)
    else:
        add = _OTHERS.get(line.name, _add_text)
        add(read, line)


def _add_text(read: Read, line: Line) -> None:
    """A line of a description may look like one of these: the first UID is meant, and in doubt the event is busy."""
    first = str(read.event.get(line.name, line.value))
    read.event[line.name] = first if line.name == "UID" or first.upper() == line.value.upper() else ""


def _add_sequence(read: Read, line: Line) -> None:
    """Of two versions the higher number is the newer one, so it is taken whole; some programs count by the clock
    (20261130120000). What is longer than any count is none."""
    is_count = line.value.isdecimal() and len(line.value) <= MAX_SEQUENCE_DIGITS
    read.event[line.name] = int(line.value) if is_count else 0


def _add_duration(read: Read, line: Line) -> None:
    read.event[line.name] = vDuration(vDuration.from_ical(line.value))


def _add_rule(read: Read, line: Line) -> None:
    """The library takes the end of a repetition for UTC. One that names no zone is meant in that of the event, and a
    date is meant with its whole day."""
    rule = vRecur.from_ical("".join(line.value.split()))
    _settle_zone(read, rule)
    start = read.moment("DTSTART")
    if isinstance(start, dt.datetime) and "UNTIL" in rule:
        (until,) = rule["UNTIL"]
        if not isinstance(until, dt.datetime):
            until = dt.datetime.combine(until, dt.time(23, 59, 59))
        rule["UNTIL"] = [(until if until.tzinfo else until.replace(tzinfo=read.zone)).astimezone(dt.UTC)]
    read.event.add(line.name, rule, encode=False)


def _settle_zone(read: Read, rule: vRecur) -> None:
    """Most calendars with a zone of their own mean the days of that zone, also where they write in UTC. One whose start
    is on a day of its rule in UTC alone means those of UTC, as RFC 5545 does."""
    start = read.moment("DTSTART")
    if not read.is_in_utc or not isinstance(start, dt.datetime):
        return
    in_utc = start.astimezone(dt.UTC)
    if _is_on_its_day(in_utc, rule) and not _is_on_its_day(start, rule):
        read.event["DTSTART"], read.zone = vDDDTypes(in_utc), dt.UTC


def _is_on_its_day(at: dt.datetime, rule: vRecur) -> bool:
    """Whether this is on a day of the week, and of the month, that a rule names, if it does."""
    week = {str(day).upper()[-2:] for day in rule.get("BYDAY", ())}
    month = {int(day) for day in rule.get("BYMONTHDAY", ())}
    from_its_end = at.day - monthrange(at.year, at.month)[1] - 1
    is_in_week = not week or WEEKDAYS[at.weekday()] in week
    return is_in_week and (not month or not month.isdisjoint({at.day, from_its_end}))


_OTHERS: Mapping[str, Callable[[Read, Line], None]] = {
    "SEQUENCE": _add_sequence,
    "DURATION": _add_duration,
    "RRULE": _add_rule,
}


def _times(line: Line, value: str, zones: Zones, floating: dt.tzinfo) -> tuple[Moment | dt.timedelta, ...]:
    """A moment as one value, a period as two. The library is not told of the zone: it takes one that it does not know
    for that of the reader."""
    at = vDDDTypes.from_ical(value)
    name = line.parameters.get("TZID")
    zone = zones.named(name) if name else floating
    said = at if isinstance(at, tuple) else (at,)
    if not isinstance(said[0], dt.date):
        raise ValueError("is no moment")
    return tuple(_in_zone(each, zone, zones, is_named=bool(name)) for each in said)


def _in_zone(
    at: Moment | dt.timedelta, zone: dt.tzinfo | None, zones: Zones, *, is_named: bool
) -> Moment | dt.timedelta:
    if not isinstance(at, dt.datetime):
        return at
    if at.tzinfo and not (is_named and zone):
        # A calendar with a zone of its own repeats in it what it writes in UTC.
        return at.astimezone(zones.whole) if zones.whole else at
    if zone is None:
        raise _FaultError(NO_ZONE)
    return at.replace(tzinfo=zone)


def _settle_end(read: Read) -> None:
    """One of DTEND and DURATION is enough. A date is the whole day, whatever its end says, and one beside a clock time
    is its midnight: the library would take that in UTC."""
    event = read.event
    duration = event.get("DURATION")
    for name, other in (("DTEND", "DURATION"), ("DURATION", "DTEND")):
        if other in event and (name in read.faults or name == "DURATION"):
            event.pop(name, None)
            read.faults.pop(name, None)
    start, end = read.moment("DTSTART"), read.moment("DTEND")
    if start is not None and end is not None and isinstance(start, dt.datetime) != isinstance(end, dt.datetime):
        event["DTSTART"], event["DTEND"] = (vDDDTypes(clock(at, read.zone)) for at in (start, end))
    elif start is not None and start == end and not isinstance(start, dt.datetime):
        del event["DTEND"]
    if duration is not None and not isinstance(start, dt.datetime) and 0 * DAY <= duration.td < DAY:
        event.pop("DURATION", None)


def clock(at: Moment | dt.timedelta, zone: dt.tzinfo) -> dt.datetime:
    """The time that it is there: a date is its midnight."""
    if isinstance(at, dt.timedelta):
        raise ValueError("is no moment")
    if isinstance(at, dt.datetime):
        return at if at.tzinfo else at.replace(tzinfo=zone)
    return dt.datetime.combine(at, dt.time(), zone)
