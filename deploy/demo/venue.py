"""The forum as its organiser defines it: two days, two halls, tables, interpreters, a talk."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Asia/Seoul"
HALL_TABLES = {"A": 12, "B": 8}
OPENS, CLOSES, LUNCH = "10:00", "17:30", ("12:00", "13:30")
INTERPRETERS = {
    "han-1": [("ko", "zh")],
    "lin-2": [("ko", "zh"), ("ko", "en")],
    "seo-3": [("ko", "zh"), ("ko", "en")],
    "zhao-4": [("ko", "zh"), ("zh", "en")],
    "wen-5": [("ko", "zh"), ("zh", "en")],
}
LINK = "https://rooms.example/{id}"
"""Where the remote sides of meetings join."""
SHARE_REMOTE, SHARE_NO_ENGLISH, SHARE_LEAVING_EARLY = 0.10, 0.25, 0.06


def forum_body(days: Sequence[str], speaker: str) -> dict[str, Any]:
    """The body of `POST /v1/forums`; its tables come as a file. `speaker`: the profile that opens the forum."""
    return {
        "names": {"ko": "한중 혁신 포럼", "zh": "中韩创新论坛", "en": "Korea-China Innovation Forum"},
        "mode": "hybrid",
        "zone": ZONE,
        "days": [
            {"date": day, "opens": OPENS, "closes": CLOSES, "breaks": [dict(zip(("start", "end"), LUNCH, strict=True))]}
            for day in days
        ],
        "halls": [
            {"id": "A", "names": {"ko": "대연회장", "zh": "大宴会厅", "en": "Grand ballroom"}},
            {"id": "B", "names": {"ko": "동관 회의장", "zh": "东馆会议厅", "en": "East hall"}},
        ],
        "walks": [{"halls": ["A", "B"], "minutes": 6}],
        "rooms": [{"id": "R-1", "hall": "A"}],
        "interpreters": [{"id": id, "pairs": pairs, "max_in_row": 5} for id, pairs in INTERPRETERS.items()],
        "talks": [
            {
                "id": "T-1",
                "titles": {"ko": "개막 강연", "zh": "开幕演讲", "en": "Opening talk"},
                "start": clock(days[0], OPENS).isoformat(),
                "end": clock(days[0], "10:20").isoformat(),
                "room": "R-1",
                "speakers": [{"profile_id": speaker}],
            }
        ],
    }


def tables_file() -> str:
    """Its tables as a spreadsheet of the organiser has them."""
    lines = [f"{hall}-{n},{hall}" for hall, count in HALL_TABLES.items() for n in range(1, count + 1)]
    return "\n".join(["테이블,홀", *lines]) + "\n"


def delegate(member_id: str, lang: str, last_day: str, chance: random.Random) -> dict[str, Any]:
    """How a person takes part: mostly on site, for both days, and in more than one language."""
    found: dict[str, Any] = {"member_id": member_id}
    if chance.random() < SHARE_REMOTE:
        found["attendance"] = "remote"
    elif chance.random() < SHARE_LEAVING_EARLY:
        found["leaves_at"] = clock(last_day, "12:00").isoformat()
    if chance.random() < SHARE_NO_ENGLISH:
        found["languages"] = [lang]
    return found


def clock(day: str, time: str) -> dt.datetime:
    """A time of day at the forum."""
    return dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZoneInfo(ZONE))


def two_days(starts: Sequence[str]) -> list[str]:
    """Of the days on which both countries work: the first two that follow each other, else the first two; fewer if
    there are not two."""
    days = sorted({dt.datetime.fromisoformat(start).astimezone(ZoneInfo(ZONE)).date() for start in starts})
    following = [day for day in days if day + dt.timedelta(days=1) in days]
    chosen = [following[0], following[0] + dt.timedelta(days=1)] if following else days[:2]
    return [day.isoformat() for day in chosen]
