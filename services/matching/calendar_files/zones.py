"""Which zone a calendar means by a name. Programs write names of IANA, of Windows in the language of its user, and
offsets; what is none of them is unknown, and never the zone of who reads it."""

from __future__ import annotations

import datetime as dt
import re
from collections import ChainMap
from collections.abc import Mapping, Sequence
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from .lines import Line, Part

_NO_PLACES = {"localtime", "factory"}
"""Mean another thing on each machine."""
_ALSO = {
    "Asia/Shanghai": ("Asia/Beijing", "Beijing", "中国标准时间", "中國標準時間", "중국 표준시"),
    "Asia/Seoul": ("KST", "Seoul", "대한민국 표준시", "한국 표준시", "韩国标准时间", "韓國標準時間"),
    "Asia/Taipei": ("台北标准时间", "台北標準時間", "타이베이 표준시", "대만 표준시"),
    "Asia/Hong_Kong": ("香港标准时间", "香港標準時間", "홍콩 표준시"),
    "Asia/Singapore": ("马来半岛标准时间", "新加坡标准时间", "말레이 반도 표준시", "싱가포르 표준시"),
    "Asia/Tokyo": ("JST", "东京标准时间", "東京標準時間", "日本标准时间", "도쿄 표준시", "일본 표준시"),
    "UTC": (
        *("Z", "tzone://Microsoft/Utc", "Coordinated Universal Time", "(UTC) Coordinated Universal Time"),
        *("协调世界时", "世界標準時間", "협정 세계시"),
    ),
}
_OFFSET = re.compile(r"\A\(?(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d{2}))?(?:\)|(?=\s)|$)\s*(.*)")
_OWN_OFFSET = re.compile(r"([+-]?)(\d{2}):?(\d{2})(?::?(\d{2}))?")
_FIRST_FIXED, _LAST_FIXED = dt.timedelta(hours=4), dt.timedelta(hours=9)
"""Between these offsets no place changes its clocks, so the offset says the time all year."""


class Zones:
    """The zones that one calendar knows: its own, those of calendars beside it, and those that everybody knows."""

    def __init__(self, calendar: Part, beside: dict[str, Part], reader: dt.tzinfo) -> None:
        self._own = ChainMap(_own_zones([calendar]), beside)
        self._found: dict[str, dt.tzinfo | None] = {}
        whole = calendar.value("X-WR-TIMEZONE")
        self.whole = self.named(whole) if whole else None
        """That of the calendar as a whole, if it says one that is known."""
        self.floating = self.whole or reader
        """Reads clock times without a zone."""

    def named(self, name: str) -> dt.tzinfo | None:
        """The zone with this name; None if it is unknown."""
        name = _plain(name)
        if name not in self._found:
            own = self._own.get(name)
            official = ZoneInfo(name) if _places().get(name.casefold()) == name else None
            self._found[name] = official or (own and _own_zone(own)) or known_zone(name)
        return self._found[name]


def zones_of(calendars: Sequence[Part], reader: dt.tzinfo) -> list[Zones]:
    """Of each calendar of a file; `reader` is the zone of who reads them."""
    beside = _own_zones(calendars)
    return [Zones(calendar, beside, reader) for calendar in calendars]


def known_zone(name: str) -> dt.tzinfo | None:
    """The zone that a name means anywhere; None if it is unknown, or means several."""
    plain = _plain(name).casefold()
    parts = plain.strip("/").split("/")
    # RFC 5545, 3.2.19: "/vendor/version/Asia/Seoul"
    endings = ["/".join(parts[at:]) for at in range(len(parts))] if plain.startswith("/") else [plain]
    for ending in endings:
        if place := _places().get(ending) or _other_names().get(ending):
            return ZoneInfo(place)
    return _by_offset(plain)


def _plain(name: str) -> str:
    """As it is meant: some programs put quotes around it, or escape its commas, in one of two places."""
    return name.replace("\\", "").strip(" \t\"'")


def _by_offset(name: str) -> dt.tzinfo | None:
    """By "UTC+8", "GMT+09:00", "(UTC+01:00) Amsterdam, Berlin": of a place whose clocks may change, only with them."""
    said = _OFFSET.fullmatch(name)
    if said is None:
        return None
    sign, hours, minutes, places = said.groups()
    offset = dt.timedelta(hours=int(hours), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    if abs(offset) > dt.timedelta(hours=14):
        return None
    if not places or _FIRST_FIXED <= offset <= _LAST_FIXED:
        return dt.timezone(offset)
    cities = [ZoneInfo(place) for city in places.split(",") if (place := _cities().get(city.strip()))]
    return next((zone for zone in cities if _standard_offset(zone) == offset), None)


def _standard_offset(zone: ZoneInfo) -> dt.timedelta:
    offsets = [dt.datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return min(offset for offset in offsets if offset is not None)


@cache
def _places() -> Mapping[str, str]:
    """Names of IANA, by themselves in small letters."""
    return {key.casefold(): key for key in available_timezones() if key.casefold() not in _NO_PLACES}


@cache
def _other_names() -> Mapping[str, str]:
    windows = {name.casefold(): place for name, place in WINDOWS_TO_OLSON.items()}
    return windows | {name.casefold(): place for place, names in _ALSO.items() for name in names}


@cache
def _cities() -> Mapping[str, str]:
    return {key.rpartition("/")[2].replace("_", " ").casefold(): key for key in sorted(available_timezones())}


def _own_zones(calendars: Sequence[Part]) -> dict[str, Part]:
    """The first with each name."""
    named = [(_plain(part.value("TZID")), part) for calendar in calendars for part in calendar.named("VTIMEZONE")]
    return dict(reversed(named))


def _own_zone(part: Part) -> dt.tzinfo | None:
    """What a VTIMEZONE says; None if that cannot be read. It is not left to the library to keep it by its name: another
    calendar of the same file may mean another zone by it."""
    lines = ["BEGIN:VTIMEZONE"]
    for change in part.named("STANDARD", "DAYLIGHT"):
        said = [_own_line(line) for line in change.lines]
        lines += [f"BEGIN:{change.name}", *said, f"END:{change.name}"]
    try:
        zone = Timezone.from_ical("\r\n".join([*lines, "END:VTIMEZONE"]))
        zone.add("TZID", "own")
        found: dt.tzinfo | None = zone.to_tz(lookup_tzid=False) if isinstance(zone, Timezone) else None
    except Exception:  # whatever a library says of it, it is no zone
        return None
    return found


def _own_line(line: Line) -> str:
    """Offsets without a sign, and with a colon, are common. Parameters say nothing here, and some stop the library."""
    offset = _OWN_OFFSET.fullmatch(line.value) if line.name.startswith("TZOFFSET") else None
    if offset is None:
        return f"{line.name}:{line.value}"
    sign, *figures = offset.groups("")
    return f"{line.name}:{sign or '+'}{''.join(figures)}"
