"""Busy times over HTTP: lists as people send them, and calendars as their programs export them."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import time
from typing import Any

import pytest

from services.matching.calendar_files import expand
from tests.integration.matching.bridge import Bridge
from tests.support.services import Running

URL = "/v1/members/kim-1/busy"
CALENDAR = {"Content-Type": "text/calendar; charset=utf-8"}


def in_days(days: int, clock: str = "010000") -> str:
    return f"{dt.datetime.now(dt.UTC) + dt.timedelta(days=days):%Y%m%d}T{clock}Z"


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT", ""])


def calendar(*events: str) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//까치//달력//KO\r\nX-WR-TIMEZONE:Asia/Seoul\r\n"
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()


def hour(days: int, *more: str, uid: str = "plain") -> str:
    return event(f"UID:{uid}", f"DTSTART:{in_days(days)}", f"DTEND:{in_days(days, '020000')}", *more)


async def put(bridge: Bridge, body: bytes, **query: str) -> Any:
    return await bridge.hanbit.put(URL, content=body, headers=CALENDAR, params=query)


async def test_a_list_is_merged_before_it_is_counted_and_a_wrong_entry_is_named(matching: Running) -> None:
    bridge = Bridge(matching)
    first = dt.datetime(2027, 1, 4, tzinfo=dt.UTC)
    edges = [(first + n * dt.timedelta(minutes=10)).isoformat() for n in range(701)]
    touching = [{"start": start, "end": end} for start, end in itertools.pairwise(edges)]
    wrong = {"start": "2027-01-04T11:00:00Z", "end": "2027-01-04T10:00:00Z"}
    entries = [*touching, wrong, {"start": "2027-02-01"}]
    answer = await bridge.hanbit.put(URL, json={"busy": entries}, params={"zone": "Asia/Shanghai"})
    assert answer.status_code == 200
    body = answer.json()
    assert [b["start"][:16] for b in body["busy"]] == ["2027-01-04T00:00", "2027-01-31T16:00"]
    assert body["skipped"] == [{"index": 700, "reason": "ends before it starts"}]
    assert (await bridge.hanbit.get(URL)).json()["busy"] == body["busy"]
    all_wrong = await bridge.hanbit.put(URL, json={"busy": [wrong]})
    assert (all_wrong.status_code, all_wrong.json()["errors"][0]["pointer"]) == (422, "/busy/0")
    refused: tuple[Any, ...] = ({"busy": 1}, {"bussy": []}, [], {"busy": [], "more": 1})
    for bad in refused:
        assert (await bridge.hanbit.put(URL, json=bad)).status_code == 422
    for raw in (b"{", b"", b'{"busy": [], "busy": []}', b"\xff"):
        assert (await bridge.hanbit.put(URL, content=raw)).status_code == 422
    assert (await bridge.hanbit.put(URL, json={"busy": []}, params={"zone": "localtime"})).status_code == 422
    assert (await bridge.hanbit.get(URL)).json()["busy"] == body["busy"], "what was refused has changed nothing"


async def test_a_calendar_is_expanded_with_its_repetitions(matching: Running) -> None:
    bridge = Bridge(matching)
    weekly = [
        event("UID:w", f"DTSTART:{in_days(3)}", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4", f"EXDATE:{in_days(10)}"),
        event("UID:w", f"RECURRENCE-ID:{in_days(17)}", f"DTSTART:{in_days(18)}", f"DTEND:{in_days(18, '030000')}"),
    ]
    day = f"{dt.datetime.now(dt.UTC) + dt.timedelta(days=5):%Y%m%d}"
    others = [
        event("UID:d", f"DTSTART;VALUE=DATE:{day}"),
        event("UID:s", f"DTSTART;TZID=Korea Standard Time:{day}T235000", "DURATION:PT30M"),
        event("UID:t", f"DTSTART:{in_days(6)}", "DURATION:PT1H", "TRANSP:TRANSPARENT"),
        event("UID:c", f"DTSTART:{in_days(6)}", "DURATION:PT1H", "STATUS:CANCELLED"),
        event("UID:n", f"DTSTART:{in_days(7)}"),
        event("UID:g", "DTSTART:soon"),
        event("UID:b", f"DTSTART:{in_days(8, '020000')}", f"DTEND:{in_days(8)}"),
        event("UID:past", "DTSTART:20200101T000000Z", "DURATION:PT1H"),
        event("UID:far", f"DTSTART:{in_days(200)}", "DURATION:PT1H"),
    ]
    answer = await put(bridge, calendar(*weekly, *others))
    assert answer.status_code == 200, answer.text
    busy = [(b["start"][:10].replace("-", ""), b["start"][11:16], b["end"][11:16]) for b in answer.json()["busy"]]
    before = f"{dt.datetime.now(dt.UTC) + dt.timedelta(days=4):%Y%m%d}"
    assert (
        busy
        == [
            (in_days(3)[:8], "01:00", "02:00"),
            (before, "15:00", "15:20"),  # the whole day in Seoul, and ten minutes before midnight that go on after it
            (in_days(18)[:8], "01:00", "03:00"),
            (in_days(24)[:8], "01:00", "02:00"),
        ]
    )
    assert [s["index"] for s in answer.json()["skipped"]] == [6, 7, 8]
    assert "까치" not in answer.text and (await bridge.hanbit.get(URL)).json()["busy"] == answer.json()["busy"]


async def test_a_calendar_makes_a_booking_a_conflict_and_hides_its_slots(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    start = (await bridge.free(match_id))[5]
    meeting = await bridge.booked(match_id, start)
    at = dt.datetime.fromisoformat(start)
    busy = event("UID:1", f"DTSTART:{at:%Y%m%dT%H%M%SZ}", "DURATION:PT40M")
    assert (await put(bridge, calendar(busy))).status_code == 200
    shown = (await bridge.hanbit.get(f"/v1/meetings/{meeting['meeting_id']}")).json()
    assert (shown["state"], shown["conflicts"]) == ("booked", ["kim-1"])
    other = bridge.matching.client("hanbit", sub="lee-1")
    assert (await other.put(URL, content=calendar(busy), headers=CALENDAR)).status_code == 404


HOSTILE = {
    "secondly": "RRULE:FREQ=SECONDLY",
    "never": "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "never, by the second": "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31",
    "count": "RRULE:FREQ=MINUTELY;COUNT=999999999",
    "no step": "RRULE:FREQ=DAILY;INTERVAL=0",
}


@pytest.mark.parametrize("rule", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_rule_is_named_and_the_other_events_count(matching: Running, rule: str) -> None:
    bridge = Bridge(matching)
    began = time.monotonic()
    hostile = event("UID:h", f"DTSTART:{in_days(1)}", "DURATION:PT1S", rule)
    asked = asyncio.create_task(put(bridge, calendar(hostile, hour(3))))
    slowest = 0.0
    while not asked.done():  # others are served meanwhile
        sent = time.monotonic()
        assert (await bridge.huaqiao.get("/v1/members/wang-1/busy")).status_code == 200
        slowest = max(slowest, time.monotonic() - sent)
    answer = await asked
    assert answer.status_code == 200 and len(answer.json()["busy"]) == 1, answer.text
    assert [s["index"] for s in answer.json()["skipped"]] == [0]
    assert time.monotonic() - began < 10 and slowest < 1.0


async def test_a_file_that_makes_too_much_work_is_refused_whole(matching: Running) -> None:
    bridge = Bridge(matching)
    assert (await put(bridge, calendar(hour(3)))).status_code == 200
    before = (await bridge.hanbit.get(URL)).json()
    hostile = [event(f"UID:{n}", f"DTSTART:{in_days(1)}", "DURATION:PT1S", "RRULE:FREQ=SECONDLY") for n in range(200)]
    many = [event(f"UID:{n}", f"DTSTART:{in_days(1)}") for n in range(expand.MAX_EVENTS + 1)]
    apart = [
        event(f"UID:{n}", f"DTSTART:{in_days(1 + n // 8, f'{n % 8:02}0000')}", "DURATION:PT10M") for n in range(720)
    ]
    for body in (calendar(*hostile), calendar(*many), calendar(*apart), b"no calendar", b"", b"\x00" * 1000):
        answer = await put(bridge, body)
        assert answer.status_code == 422, (body[:80], answer.text)
    assert (await put(bridge, calendar(hour(3)) + b" " * 300_000)).status_code == 413
    assert (await bridge.hanbit.get(URL)).json() == before
    assert (await put(bridge, calendar())).json()["busy"] == [], "an empty calendar is one"


async def test_without_its_limit_one_rule_would_take_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown on the function itself: in the process it would end at the limit of the system."""
    monkeypatch.setattr(expand, "SERIES_SECONDS", 2.0)
    now = dt.datetime.now(dt.UTC)
    text = calendar(event("UID:h", f"DTSTART:{in_days(1)}", "DURATION:PT1S", HOSTILE["secondly"])).decode()
    began = time.process_time()
    found = expand.expand(text, now, now + dt.timedelta(days=92), dt.UTC)  # type: ignore[arg-type]
    assert time.process_time() - began > 1.5 and [index for index, _ in found.skipped] == [0]
