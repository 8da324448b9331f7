"""A schedule to read, print or subscribe to: the booked meetings of a member, a table or an interpreter, in the
reader's language and with both local times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from .calendar import ZONES
from .meeting import Meeting
from .profile_row import ProfileRow
from .schedule_words import CITIES, NO_NAME

Lang = Literal["ko", "zh", "en"]
LOCALES = {"ko": "ko", "zh": "zh_Hans_CN", "en": "en"}
PATTERNS = {"ko": "M월 d일 (E)", "zh": "M月d日 E", "en": "EEE d MMM"}
MAX_LINES = 500
"""Of a schedule; who has more asks for fewer days."""


@dataclass(frozen=True)
class Line:
    """A booked meeting: whom one meets, when and where. `changed_at`: its last change."""

    meeting_id: str
    start: dt.datetime
    end: dt.datetime
    names: tuple[str, ...]
    place: str | None
    url: str | None
    sequence: int
    changed_at: dt.datetime
    fallback_url: str | None = None

    @property
    def links(self) -> list[str]:
        """Where a remote side joins, the first one first: also where the other side sits at a table."""
        return [url for url in (self.url, self.fallback_url) if url is not None]

    def clock(self, zone: ZoneInfo) -> str:
        """From when until when, as clocks there show it."""
        return f"{self.start.astimezone(zone):%H:%M}–{self.end.astimezone(zone):%H:%M}"


@dataclass(frozen=True)
class Schedule:
    """The lines in order of time. `of`: the table or the interpreter; empty for a member. `zone` is the reader's: days
    are its days, and its times come first."""

    lang: Lang
    zone: ZoneInfo
    lines: Sequence[Line]
    of: str = ""
    is_interpreters: bool = False

    @property
    def zones(self) -> tuple[ZoneInfo, ...]:
        """Both zones, the reader's first."""
        return (self.zone, *(zone for zone in ZONES.values() if zone.key != self.zone.key))

    def days(self) -> Iterator[tuple[str, list[Line]]]:
        """The lines of each day, with its name."""
        for date, lines in groupby(self.lines, key=lambda line: line.start.astimezone(self.zone).date()):
            yield day_name(date, self.lang), list(lines)


def day_name(date: dt.date, lang: Lang) -> str:
    """The name of a day: `12월 1일 (화)`."""
    return format_date(date, PATTERNS[lang], locale=LOCALES[lang])


def moment(at: dt.datetime, zone: ZoneInfo, lang: Lang) -> str:
    """An instant with its day, and the city or else the zone by whose clock it is: `12월 1일 (화) 10:00 (서울)`."""
    local = at.astimezone(zone)
    return f"{day_name(local.date(), lang)} {local:%H:%M} ({city(zone, lang)})"


def city(zone: ZoneInfo, lang: Lang) -> str:
    """The city by whose clock a time is shown, or else the zone."""
    return CITIES[zone.key][lang] if zone.key in CITIES else zone.key


def shown_name(row: ProfileRow | None, lang: str) -> str:
    """The name that the reader knows best; else the English one; else that in the organisation's own language."""
    if row is None or row.names is None:
        return NO_NAME[lang]
    own = row.names.zh if row.country == "CN" else row.names.ko
    return getattr(row.names, lang) or row.names.en or own or row.legal_name or NO_NAME[lang]


def of_member(
    meetings: Iterable[Meeting], rows: Mapping[str, ProfileRow], *, org: str, member_id: str, lang: Lang
) -> list[Line]:
    """What a member of an organisation has booked, with the name of the other side."""
    found = []
    for meeting in meetings:
        own = [side for side, member in meeting.sides.items() if (meeting.owners[side], member) == (org, member_id)]
        others = [side for side in meeting.parties if side not in own]
        if own:
            found.append(_line(meeting, [shown_name(rows.get(side), lang) for side in others]))
    return _in_order(found)


def of_table(meetings: Iterable[Meeting], rows: Mapping[str, ProfileRow], *, lang: Lang) -> list[Line]:
    """What is booked at a table, or with an interpreter, with the names of both sides."""
    return _in_order(_line(one, [shown_name(rows.get(side), lang) for side in one.parties]) for one in meetings)


def _line(meeting: Meeting, names: Iterable[str]) -> Line:
    changed_at = dt.datetime.fromtimestamp(meeting.at / 1_000_000, dt.UTC)
    venue = meeting.venue
    return Line(
        meeting_id=meeting.id,
        start=meeting.start,
        end=meeting.end,
        names=tuple(names),
        place=venue.place,
        url=venue.url,
        sequence=meeting.ical_sequence,
        changed_at=changed_at,
        fallback_url=venue.fallback_url,
    )


def _in_order(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.start, line.meeting_id))[:MAX_LINES]
