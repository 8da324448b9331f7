"""A meeting as iCalendar (RFC 5545, RFC 5546), so that its members' calendar programs add, move and remove it."""

from __future__ import annotations

import datetime as dt
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vText, vUri

from ..domain.addresses import ascii_address
from .contents import CANCEL, PUBLISH, Invitation

ZONES = {"KR": ZoneInfo("Asia/Seoul"), "CN": ZoneInfo("Asia/Shanghai")}
ABBREVIATIONS = {"Asia/Seoul": "KST", "Asia/Shanghai": "CST"}


def to_icalendar(*invitations: Invitation) -> str:
    """The text of the calendar part, of invitations with one method: lines end with CRLF and are folded at 75
    octets. Raises ValueError for an attendee without a mail address."""
    first = invitations[0]
    calendar = Calendar()
    calendar.add("prodid", "-//Magpie//notifications//EN")
    calendar.add("version", "2.0")
    calendar.add("method", first.method)
    for zone in ZONES.values():
        calendar.add_component(_to_timezone(zone, first.start))
    for invitation in invitations:
        calendar.add_component(_to_event(invitation))
    return str(calendar.to_ical().decode())


def _to_event(invitation: Invitation) -> Event:
    zone = ZONES.get(invitation.country, ZONES["KR"])
    event = Event()
    event.add("uid", f"{invitation.meeting_id}@magpie")
    event.add("sequence", invitation.sequence)
    # iCalendar has no fractions of a second, and wants this one in UTC.
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
    event.add("organizer", _address(parseaddr(invitation.organiser)[1], cn=parseaddr(invitation.organiser)[0]))
    if invitation.method == PUBLISH:
        return event  # one has no attendees (RFC 5546, 3.2.1)
    reply_requested = {"role": "REQ-PARTICIPANT", "partstat": "NEEDS-ACTION", "rsvp": "TRUE"}
    event.add("attendee", _address(ascii_address(invitation.attendee), cn=invitation.attendee_name, **reply_requested))
    return event


def _address(email: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    for name, value in parameters.items():
        if value:
            address.params[name.upper()] = vText(value)
    return address


def _to_timezone(zone: ZoneInfo, at: dt.datetime) -> Timezone:
    """The VTIMEZONE of a zone, with its offset at the time of the meeting. One STANDARD part is enough, as neither
    country changes its clocks."""
    offset = at.astimezone(zone).utcoffset()
    standard = TimezoneStandard()
    # Without a zone: RFC 5545 (3.6.5) wants local time here.
    standard.add("dtstart", dt.datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", offset)
    standard.add("tzoffsetto", offset)
    standard.add("tzname", ABBREVIATIONS[zone.key])
    timezone = Timezone()
    timezone.add("tzid", zone.key)
    timezone.add_component(standard)
    return timezone
