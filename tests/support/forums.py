"""A forum as tests announce it."""

from __future__ import annotations

from typing import Any


def forum_body(**other: Any) -> dict[str, Any]:
    """Two days in Seoul with two halls of three tables, a room, two interpreters and a talk."""
    tables = [{"id": f"{hall}-{n}", "hall": hall} for hall in ("A", "B") for n in (1, 2, 3)]
    body = {
        "names": {"ko": "한중 혁신 포럼", "zh": "中韩创新论坛", "en": "Korea-China Forum"},
        "mode": "hybrid",
        "zone": "Asia/Seoul",
        "days": [
            {"date": "2027-03-04", "opens": "09:00", "closes": "18:00", "breaks": [{"start": "12:00", "end": "13:00"}]},
            {"date": "2027-03-05", "opens": "10:00", "closes": "16:00"},
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
                "hours": [{"start": "2027-03-04T09:00:00+09:00", "end": "2027-03-04T12:00:00+09:00"}],
            },
        ],
        "talks": [
            {
                "id": "T-1",
                "titles": {"ko": "개막 강연"},
                "start": "2027-03-04T09:00:00+09:00",
                "end": "2027-03-04T09:40:00+09:00",
                "room": "R-1",
                "speakers": [{"profile_id": "kr-1"}],
            }
        ],
    }
    return body | other
