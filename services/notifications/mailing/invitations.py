"""A meeting as iCalendar (RFC 5545, 5546): calendars of its members take it in, move it and take it out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vText, vUri

ZONES = {"KR": ZoneInfo("Asia/Seoul"), "CN": ZoneInfo("Asia/Shanghai")}
ABBREVIATIONS = {"Asia/Seoul": "KST", "Asia/Shanghai": "CST"}
REQUEST, CANCEL = "REQUEST", "CANCEL"
METHODS = {"meeting.booked": REQUEST, "meeting.rescheduled": REQUEST, "meeting.cancelled": CANCEL}


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What a calendar is told of a meeting. `stamp` is when it happened, so that a repeated mail is the same."""

    meeting_id: str
    method: str
    sequence: int
    start: dt.datetime
    end: dt.datetime
    country: str
    summary: str
    description: str
    location: str | None
    url: str | None
    organiser: str
    attendee: str
    attendee_name: str
    stamp: dt.datetime


def icalendar(invitation: Invitation) -> str:
    """The text of the part, lines ended by CRLF and folded at 75 octets."""
    calendar = Calendar()
    calendar.add("prodid", "-//Magpie//notifications//EN")
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    for zone in ZONES.values():
        calendar.add_component(_zone(zone, invitation.start))
    calendar.add_component(_event(invitation))
    return str(calendar.to_ical().decode())


def _event(invitation: Invitation) -> Event:
    zone = ZONES.get(invitation.country, ZONES["KR"])
    event = Event()
    event.add("uid", f"{invitation.meeting_id}@magpie")
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.stamp.astimezone(dt.UTC).replace(microsecond=0))
    event.add("dtstart", invitation.start.astimezone(zone))
    event.add("dtend", invitation.end.astimezone(zone))
    event.add("summary", invitation.summary)
    event.add("description", invitation.description)
    event.add("status", "CANCELLED" if invitation.method == CANCEL else "CONFIRMED")
    if invitation.location:
        event.add("location", invitation.location)
    if invitation.url:
        event.add("url", vUri(invitation.url))
    event.add("organizer", _person(parseaddr(invitation.organiser)[1], cn=parseaddr(invitation.organiser)[0]))
    answering = {"role": "REQ-PARTICIPANT", "partstat": "NEEDS-ACTION", "rsvp": "TRUE"}
    event.add("attendee", _person(invitation.attendee, cn=invitation.attendee_name, **answering))
    return event


def _person(address: str, **parameters: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    for name, value in parameters.items():
        if value:
            person.params[name.upper()] = vText(value)
    return person


def _zone(zone: ZoneInfo, at: dt.datetime) -> Timezone:
    """Neither country changes its clocks: one STANDARD part says it all. The offset is that of the meeting's time."""
    offset = at.astimezone(zone).utcoffset()
    standard = TimezoneStandard()
    standard.add("dtstart", dt.datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", offset)
    standard.add("tzoffsetto", offset)
    standard.add("tzname", ABBREVIATIONS[zone.key])
    timezone = Timezone()
    timezone.add("tzid", zone.key)
    timezone.add_component(standard)
    return timezone
