"""A schedule as a calendar that programs subscribe to (RFC 5545, RFC 7986)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vUri

from ..domain import schedule_words as words
from ..domain.busy_entries import OWN_UID
from ..domain.schedule import Line, Schedule

REFRESH = dt.timedelta(hours=1)


def member_feed(schedule: Schedule) -> bytes:
    """All meetings of a member. An entry has the UID of the invitation to the same meeting, so that a calendar that
    has both shows one."""
    calendar = _calendar(schedule, words.MY_SCHEDULE[schedule.lang])
    for line in schedule.lines:
        event = _event(line, schedule.zone)
        event.add("summary", words.MEETING_WITH[schedule.lang].format(", ".join(line.names)))
        # In the text, too: not every calendar shows the property `URL`, and it has room for one of two links.
        event.add("description", "\n".join([_times(line, schedule), *line.links]))
        if where := line.place or line.url:
            event.add("location", where)
        if line.url:
            event.add("url", vUri(line.url))
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def busy_feed(schedule: Schedule) -> bytes:
    """When a member is taken, and nothing else: for an assistant, or a calendar that others see."""
    calendar = _calendar(schedule, words.BUSY[schedule.lang])
    for line in schedule.lines:
        event = _event(line, schedule.zone)
        event.add("summary", words.BUSY[schedule.lang])
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _calendar(schedule: Schedule, name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Magpie//matching//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", schedule.zone.key)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar


def _event(line: Line, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", f"{line.meeting_id}{OWN_UID}")
    event.add("sequence", line.sequence)
    event.add("dtstamp", line.changed_at.replace(microsecond=0))
    event.add("dtstart", line.start.astimezone(zone))
    event.add("dtend", line.end.astimezone(zone))
    event.add("status", "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event


def _times(line: Line, schedule: Schedule) -> str:
    return " / ".join(f"{line.clock(zone)} {words.CITIES[zone.key][schedule.lang]}" for zone in schedule.zones)
