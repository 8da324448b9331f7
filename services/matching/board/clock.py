"""Times and names as the reader of a page sees them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ..domain import schedule
from ..domain.calendar import ZONES
from ..domain.profile_row import ProfileRow
from ..domain.schedule import Lang, day_name, shown_name
from ..domain.schedule_words import CITIES

MAX_NAME, MAX_TEXT = 60, 160


@dataclass(frozen=True)
class BothTimes:
    """A time in Seoul and in Beijing: `[("서울", "10:00–10:20"), ("베이징", "09:00–09:20")]`; `iso` for machines."""

    iso: str
    date: str
    clocks: tuple[tuple[str, str], ...]


def both_times(start: dt.datetime, end: dt.datetime | None, lang: Lang, *, first: str = "KR") -> BothTimes:
    """From when until when, for a reader in this country; its date is the reader's."""
    zones = sorted(ZONES.items(), key=lambda named: named[0] != first)

    def clock(zone: dt.tzinfo) -> str:
        until = f"–{end.astimezone(zone):%H:%M}" if end else ""
        return f"{start.astimezone(zone):%H:%M}{until}"

    return BothTimes(
        iso=start.astimezone(dt.UTC).isoformat(timespec="minutes"),
        date=day_name(start.astimezone(zones[0][1]).date(), lang),
        clocks=tuple((CITIES[zone.key][lang], clock(zone)) for _, zone in zones),
    )


def moment(at: dt.datetime, lang: Lang, *, country: str = "KR") -> str:
    """An instant with its day and city: `12월 1일 (화) 10:00 (서울)`."""
    return schedule.moment(at, ZONES[country], lang)


def short_name(row: ProfileRow | None, lang: Lang) -> str:
    """The name of a firm, cut where it is very long."""
    return cut(shown_name(row, lang), MAX_NAME)


def cut(text: str, length: int) -> str:
    """At most this many characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
