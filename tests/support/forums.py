"""A forum as tests announce it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.support.days import FIRST_DAY


def forum_body(first: str = FIRST_DAY, **other: Any) -> dict[str, Any]:
    """Two days in Seoul with two halls of three tables, a room, two interpreters and a talk."""
    second = (dt.date.fromisoformat(first) + dt.timedelta(days=1)).isoformat()
    tables = [{"id": f"{hall}-{n}", "hall": hall} for hall in ("A", "B") for n in (1, 2, 3)]
    body = {
        "names": {"ko": "한중 혁신 포럼", "zh": "中韩创新论坛", "en": "Korea-China Forum"},
        "mode": "hybrid",
        "zone": "Asia/Seoul",
        "days": [
            {"date": first, "opens": "09:00", "closes": "18:00", "breaks": [{"start": "12:00", "end": "13:00"}]},
            {"date": second, "opens": "10:00", "closes": "16:00"},
        ],
        "change_over": 10,
        "halls": [{"id": "A", "names": {"ko": "대연회장"}}, {"id": "B"}],
        "walks": [{"halls": ["A", "B"], "minutes": 7}],
        "tables": tables,
        "rooms": [{"id": "R-1", "hall": "A"}],
        "interpreters": [
            {"id": "kim-1", "pairs": [["ko", "zh"]], "max_in_row": 3},
            {
                "id": "wang-1",
                "pairs": [["zh", "en"], ["ko", "zh"]],
                "hours": [{"start": f"{first}T09:00:00+09:00", "end": f"{first}T12:00:00+09:00"}],
            },
        ],
        "talks": [
            {
                "id": "T-1",
                "titles": {"ko": "개막 강연"},
                "start": f"{first}T09:00:00+09:00",
                "end": f"{first}T09:40:00+09:00",
                "room": "R-1",
                "speakers": [{"profile_id": "kr-1"}],
            }
        ],
    }
    return body | other


def forum_of_2027(**other: Any) -> dict[str, Any]:
    """The same on days that stand in the test, for one that has a clock of its own."""
    return forum_body("2027-03-04", **other)
