"""How much a request may send, and how many large ones there may be at a time."""

from __future__ import annotations

from typing import Any

import pytest

from services.chassis.http.body_limits import (
    MAX_LARGE,
    MAX_LARGE_OF_ORG,
    BodyLimits,
    BodyPlace,
    LargeBody,
    TooManyLarge,
)

FILE = LargeBody("PUT", "/v1/members/{member_id}/busy", "text/calendar", 4000)
PATH, CALENDAR = "/v1/members/kim-1/busy", b"Text/Calendar; charset=utf-8"


def taken(
    limits: BodyLimits, org: str = "hanbit", method: str = "PUT", path: str = PATH, type: bytes = CALENDAR
) -> BodyPlace:
    return limits.take(org, {"method": method, "path": path}, {b"content-type": type})


@pytest.mark.parametrize(
    "other",
    [
        {"method": "POST"},
        {"path": "/v1/members/kim-1/busy/more"},
        {"path": "/v1/members/a/b/busy"},
        {"type": b"application/json"},
        {"type": b"text/calendars"},
        {"type": b""},
        {"type": b"\xff"},
    ],
)
def test_only_the_named_file_may_be_larger(other: Any) -> None:
    limits = BodyLimits(100, [FILE])
    assert taken(limits).max_bytes == 4000 and taken(limits, **other).max_bytes == 100


def test_places_are_limited_of_an_organisation_and_in_all_and_come_back() -> None:
    limits = BodyLimits(100, [FILE])
    mine = [taken(limits) for _ in range(MAX_LARGE_OF_ORG)]
    with pytest.raises(TooManyLarge):
        taken(limits)
    others = [taken(limits, f"org-{n}") for n in range(MAX_LARGE - MAX_LARGE_OF_ORG)]
    with pytest.raises(TooManyLarge):
        taken(limits, "one more")
    assert taken(limits, "one more", type=b"application/json").max_bytes == 100, "what is small is not counted"
    for place in [*mine, *mine, others[0]]:
        place.leave()  # a second time gives nothing
    again = [taken(limits) for _ in range(MAX_LARGE_OF_ORG)]
    assert len(again) == MAX_LARGE_OF_ORG and taken(limits, "one more")
    with pytest.raises(TooManyLarge):
        taken(limits, "and another")
