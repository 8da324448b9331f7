"""Times and names as the reader of a page sees them."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..domain.calendar import ZONES
from ..domain.profile_row import ProfileRow
from ..domain.schedule import Lang, city, day_name, shown_name

MAX_NAME, MAX_TEXT = 60, 160


@dataclass(frozen=True)
class BothTimes:
    """A time in Seoul and in Beijing: `[("서울", "10:00–10:20"), ("베이징", "09:00–09:20")]`; `iso` for machines."""

    iso: str
    date: str
    clocks: tuple[tuple[str, str], ...]


def both_times(start: dt.datetime, end: dt.datetime | None, lang: Lang, zone: ZoneInfo) -> BothTimes:
    """From when until when, by the clock of this zone first; its date is that of the zone. For a participant it is the
    zone of the reader's country, for an organiser that of the forum, which may be a third one."""
    zones = (zone, *(other for other in ZONES.values() if other.key != zone.key))

    def clock(zone: dt.tzinfo) -> str:
        until = f"–{end.astimezone(zone):%H:%M}" if end else ""
        return f"{start.astimezone(zone):%H:%M}{until}"

    return BothTimes(
        iso=start.astimezone(dt.UTC).isoformat(timespec="minutes"),
        date=day_name(start.astimezone(zone).date(), lang),
        clocks=tuple((city(zone, lang), clock(zone)) for zone in zones),
    )


def short_name(row: ProfileRow | None, lang: Lang) -> str:
    """The name of a firm, cut where it is very long."""
    return cut(shown_name(row, lang), MAX_NAME)


def firm_names(rows: Mapping[str, ProfileRow], lang: Lang) -> Mapping[str, str]:
    """The names of firms by id, for an organiser: those that share a name also show their ids, which organisers know
    from their own files. A firm without a row has the name of one that is not public."""
    shown = {id: short_name(row, lang) for id, row in rows.items()}
    count = Counter(shown.values())
    told = {id: f"{name} ({id})" if count[name] > 1 else name for id, name in shown.items()}
    return defaultdict(lambda: short_name(None, lang), told)


def cut(text: str, length: int) -> str:
    """At most this many characters."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
