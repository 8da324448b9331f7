"""A calendar file as components and lines, of which only those are kept that say when somebody is busy: whatever is
wrong with the others, no time is lost by it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from icalendar.parser import Contentline, Contentlines

MOMENTS = {"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE", "FREEBUSY"}
_CLOCK_CHANGE = {"DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"}
KEPT: Mapping[str, set[str]] = {
    "VCALENDAR": {"X-WR-TIMEZONE"},
    "VEVENT": {"UID", "SEQUENCE", "STATUS", "TRANSP", "DURATION", "RRULE", *MOMENTS - {"FREEBUSY"}},
    "VFREEBUSY": {"FREEBUSY"},
    "VTIMEZONE": {"TZID"},
    "STANDARD": _CLOCK_CHANGE,
    "DAYLIGHT": _CLOCK_CHANGE,
}
"""The components that are read, and of each the properties. The others may be as wrong as they like."""
_HOMES = {name: "VTIMEZONE" if name in ("STANDARD", "DAYLIGHT") else "VCALENDAR" for name in KEPT}
_NAME = re.compile(r"\A\s*([\w-]+)\s*[:;]")
_TOKEN = re.compile(r"[\w-]+")
_PARAMETER = re.compile(r';\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^;"]*))')


@dataclass(frozen=True)
class Line:
    """One property: its value, and its parameters by name in capitals."""

    name: str
    parameters: Mapping[str, str]
    value: str


@dataclass(frozen=True)
class Part:
    """A component, with what is kept of it in the order of the file."""

    name: str
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def named(self, *names: str) -> Sequence[Part]:
        """The components directly in it that have one of these names."""
        return [part for part in self.parts if part.name in names]

    def value(self, name: str) -> str:
        """The first value of a property; empty without it."""
        return next((line.value for line in self.lines if line.name == name), "")


def text_of(file: bytes) -> str:
    """A file as text. Names of events are not read, so one in another encoding than UTF-8 is none the worse for it; but
    in UTF-16, which Windows calls Unicode and begins with a mark, not even the words of the format would be seen."""
    is_wide = file.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return file.decode("utf-16" if is_wide else "utf-8-sig", "replace")


def calendars_in(text: str) -> list[Part]:
    """The calendars of a file. Raises ValueError if a component that is read does not end, or has not begun: the file
    was cut off, and what is missing of it may be anything."""
    found: list[Part] = []
    opened: list[Part] = []
    for line in Contentlines.from_ical(text):  # type: ignore[no-untyped-call]
        known = _NAME.match(line)
        if known is None:
            continue
        name, word = known[1].upper(), line[known.end() :].strip().upper()
        if name == "BEGIN" and _TOKEN.fullmatch(word):
            opened.append(Part(word))
        elif name == "END":
            _close(opened, word, found)
        elif opened and name in KEPT.get(opened[-1].name, ()):
            opened[-1].lines.append(_line(name, line))
    if any(part.name in KEPT for part in opened):
        raise ValueError("ends in the middle of a component")
    return found


def _close(opened: list[Part], name: str, found: list[Part]) -> None:
    """A line of a text may look as if it began or ended something: only components that are read must be in order."""
    if all(part.name != name for part in opened):
        if name in KEPT:
            raise ValueError("a component ends that has not begun")
        return
    while (part := opened.pop()).name != name:
        if part.name in KEPT:
            raise ValueError("a component does not end")
    if name == "VCALENDAR":
        found.append(part)
    elif name in KEPT:
        home = next((around for around in reversed(opened) if around.name == _HOMES[name]), None)
        if home is not None:
            home.parts.append(part)
        elif name in ("VEVENT", "VFREEBUSY"):  # some send an event without a calendar around it
            found.append(Part("VCALENDAR", parts=[part]))


def _line(name: str, line: Contentline) -> Line:
    """The names of zones have colons and are not always quoted, times have none: so the last colon ends the name."""
    at = line.rfind(":") if name in MOMENTS else line.value_separator_index()
    head, value = (line[:at], line[at + 1 :]) if at >= 0 else (line, "")
    parameters = {key.upper(): (quoted or plain).strip() for key, quoted, plain in _PARAMETER.findall(head)}
    return Line(name, parameters, value.strip())
