"""Quiet hours never hold a mail past what it is about: the old start of a meeting that moved, the end of the time to
answer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from schemas.meetings import (
    MeetingBooked,
    MeetingCancelled,
    MeetingMoveRequested,
    MeetingRequested,
    MeetingRescheduled,
    Move,
    Venue,
)
from services.notifications.domain import delivery_window
from tests.support.postbox import Postbox
from tests.support.services import Running

from .forum import MEETING
from .office import WANG, Office

NIGHT = {"quiet_hours": {"start": "22:00", "end": "08:00"}}
EVENING = "2037-11-30T14:30:00+00:00"  # 22:30 in Shanghai; quiet until 00:00 UTC
EARLY, AFTERNOON = "2037-12-01T00:30:00.000+00:00", "2037-12-02T06:00:00.000+00:00"
BOOKED = MEETING | {"state": "booked", "start": EARLY, "end": "2037-12-01T00:50:00.000+00:00", "lapses_at": None}
MOVED = BOOKED | {"start": AFTERNOON, "end": "2037-12-02T06:20:00.000+00:00", "ical_sequence": 1}


@pytest.fixture
def office(mailing: Running, postbox: Postbox) -> Office:
    return Office(mailing, postbox)


def unbound(until: dt.datetime, *bounds: dt.datetime | None) -> dt.datetime:
    """As it was: the present start alone."""
    return min([until, *(bound - delivery_window.URGENT_BEFORE_MEETING for bound in bounds[:1] if bound is not None)])


def a_move(start: str, lapses_at: str) -> Move:
    venue = Venue(kind="onsite", place="B-1")
    return Move(start=start, end=start, venue=venue, asked_by="p-kr", lapses_at=lapses_at)


CASES: dict[str, tuple[Any, str]] = {
    "moved away from an early hour": (MeetingRescheduled(**MOVED), "2037-11-30T22:30:00+00:00"),
    "asked to move to an early hour": (
        MeetingMoveRequested(**(BOOKED | {"start": AFTERNOON, "move": a_move(EARLY, AFTERNOON)})),
        "2037-11-30T22:30:00+00:00",
    ),
}


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_move_is_told_before_any_of_its_starts(
    office: Office, monkeypatch: pytest.MonkeyPatch, case: tuple[Any, str], guarded: bool
) -> None:
    event, latest = case
    if not guarded:
        monkeypatch.setattr(delivery_window, "not_past", unbound)
    await office.open(wang=NIGHT, kim={"channels": ["inbox"]})
    known = BOOKED if isinstance(event, MeetingRescheduled) else BOOKED | {"start": AFTERNOON}
    await office.tell(MeetingBooked(**known), "t-1", 1)
    await office.come(WANG, 1)
    await office.time.to(EVENING)
    await office.tell(event, "t-1", 2)
    await office.is_in("queued", "wang-1")
    await office.time.idle()
    assert len(office.postbox.to(WANG)) == 1
    await office.time.to(latest)
    if guarded:
        await office.come(WANG, 2)
    else:
        await office.time.idle()
        assert len(office.postbox.to(WANG)) == 1, "held until the morning, half an hour before"


async def test_a_request_is_told_before_it_lapses_and_not_after(office: Office) -> None:
    await office.open(at=EVENING, wang=NIGHT, kim={"channels": ["inbox"]})
    asked = MEETING | {"start": AFTERNOON, "lapses_at": "2037-12-01T00:10:00.000+00:00"}
    await office.tell(MeetingRequested(**asked), "t-1", 1)
    await office.is_in("queued", "wang-1")
    await office.time.to("2037-11-30T22:09:00+00:00")
    await office.time.idle()
    assert office.postbox.to(WANG) == []
    await office.time.to("2037-11-30T22:10:00+00:00")
    await office.come(WANG, 1)
    over = asked | {"meeting_id": "t-2", "lapses_at": "2037-11-30T22:00:00.000+00:00"}
    await office.tell(MeetingRequested(**over), "t-2", 1)
    assert [d["reason"] for d in await office.is_in("suppressed", "wang-1")] == ["too_late"]


async def test_a_plan_of_which_nothing_is_left_in_the_morning_is_not_mailed(office: Office) -> None:
    await office.open(at=EVENING, wang=NIGHT, kim={"channels": ["inbox"]})
    planned = BOOKED | {"start": AFTERNOON, "end": MOVED["end"], "forum_id": "f-1", "plan": 1}
    await office.tell(MeetingBooked(**planned), "t-1", 1)
    await office.is_in("queued", "wang-1")
    await office.tell(MeetingCancelled(**(planned | {"state": "cancelled", "ical_sequence": 1})), "t-1", 2)
    await office.is_in("queued", "wang-1", 2)
    await office.time.to("2037-12-01T00:00:00+00:00")
    (mail,) = await office.come(WANG, 1)
    assert "取消" in mail.mail["Subject"]
    assert [d["reason"] for d in await office.is_in("suppressed", "wang-1")] == ["no_longer_open"]
