"""Busy times over HTTP: lists as people send them, and calendars as their programs export them."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import time
from typing import Any

import pytest

from services.chassis.http import body_limits, middleware
from services.matching.calendar_files import MAX_BYTES, expand, reader
from tests.integration.matching.bridge import Bridge
from tests.support.days import FIRST_DAY, day
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
    first = dt.datetime.fromisoformat(f"{FIRST_DAY}T00:00:00+00:00")
    edges = [(first + n * dt.timedelta(minutes=10)).isoformat() for n in range(701)]
    touching = [{"start": start, "end": end} for start, end in itertools.pairwise(edges)]
    wrong = {"start": f"{FIRST_DAY}T11:00:00Z", "end": f"{FIRST_DAY}T10:00:00Z"}
    entries = [*touching, wrong, {"start": day(28)}]
    answer = await bridge.hanbit.put(URL, json={"busy": entries}, params={"zone": "Asia/Shanghai"})
    assert answer.status_code == 200
    body = answer.json()
    assert [b["start"][:16] for b in body["busy"]] == [f"{FIRST_DAY}T00:00", f"{day(27)}T16:00"]
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


async def test_a_list_of_busy_times_is_taken_and_one_that_cannot_be_read_changes_nothing(matching: Running) -> None:
    bridge = Bridge(matching)
    listed = "BEGIN:VFREEBUSY\r\nUID:f\r\nFREEBUSY;FBTYPE=BUSY:{}\r\nEND:VFREEBUSY\r\n"
    answer = await put(bridge, calendar(listed.format(f"{in_days(3)}/PT1H,{in_days(4)}/{in_days(4, '020000')}")))
    assert answer.status_code == 200 and len(answer.json()["busy"]) == 2, answer.text
    nowhere = event("UID:n", f"DTSTART;TZID=Nowhere:{in_days(3)[:-1]}", "DURATION:PT1H")
    for wrong in (listed.format("soon"), nowhere):
        refused = await put(bridge, calendar(wrong))
        assert refused.status_code == 422 and "has no event that can be read" in refused.json()["detail"]
    assert (await bridge.hanbit.get(URL)).json()["busy"] == answer.json()["busy"]
    kept = await put(bridge, calendar(hour(3), nowhere))
    assert len(kept.json()["busy"]) == 1
    assert kept.json()["skipped"] == [{"index": 1, "reason": "cannot be read: its DTSTART names an unknown time zone"}]


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
    hostile = event("UID:h", f"DTSTART:{in_days(1)}", "DURATION:PT1S", rule)
    asked = asyncio.create_task(put(bridge, calendar(hostile, hour(3))))
    served = 0
    while not asked.done():
        assert (await bridge.huaqiao.get("/v1/members/wang-1/busy")).status_code == 200
        served += 1
    answer = await asked
    assert answer.status_code == 200 and len(answer.json()["busy"]) == 1, answer.text
    assert [s["index"] for s in answer.json()["skipped"]] == [0]
    # Where the rule held the event loop, one would have waited for all of it, and then hardly another come.
    assert served > 5, "others are served meanwhile"


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
    assert (await bridge.hanbit.get(URL)).json() == before
    assert (await put(bridge, calendar())).json()["busy"] == [], "an empty calendar is one"


def a_year_of_a_busy_person() -> bytes:
    """Some 2 MB, as programs export them: names, descriptions and alarms, most of it over or far away."""
    guests = [
        f"ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;CN=손님{n}:mailto:guest{n}@hanbit.example" for n in range(5)
    ]
    text = [
        "DESCRIPTION:안건과 자료는 아래 주소에 있습니다.\\n",
        *[" https://hanbit.example/doc?id=1234567890&참고" for _ in range(20)],
    ]
    alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT10M", "DESCRIPTION:곧 시작", "END:VALARM"]
    far = [hour(n % 300 - 330, *guests, *text, *alarm, uid=f"past-{n}") for n in range(1000)]
    far += [hour(n % 90 + 100, *guests, *text, *alarm, uid=f"later-{n}") for n in range(300)]
    return calendar(*far, *(hour(n + 1, *guests, *text, *alarm, uid=f"next-{n}") for n in range(80)))


async def test_a_year_of_a_busy_person_is_read_and_a_larger_file_is_too_large(matching: Running) -> None:
    bridge = Bridge(matching)
    whole = a_year_of_a_busy_person()
    assert 2_000_000 < len(whole) < MAX_BYTES
    answer = await put(bridge, whole)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["busy"]) == 80 and answer.json()["skipped"] == []
    too_large = await put(bridge, whole + b" " * (MAX_BYTES + 1 - len(whole)))
    assert (too_large.status_code, str(MAX_BYTES) in too_large.json()["detail"]) == (413, True)
    for headers in ({"Content-Type": "application/json"}, {"Content-Type": "text/calendar-x"}, {}):
        other = await bridge.hanbit.put(URL, content=b" " * 300_000, headers=headers)
        assert other.status_code == 413, "only a calendar may be so large"
    elsewhere = await bridge.hanbit.post("/v1/meetings", content=b" " * 300_000, headers=CALENDAR)
    assert elsewhere.status_code == 413


@pytest.mark.parametrize("guarded", [True, False])
async def test_only_so_many_large_files_are_held_at_a_time(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(body_limits, "MAX_LARGE_OF_ORG", 100)
    monkeypatch.setattr(middleware, "REFUSAL_SECONDS", 0.01)
    monkeypatch.setattr(reader, "_turns", asyncio.Semaphore(reader.AT_ONCE))  # of this test's loop
    bridge = Bridge(matching)
    answers = await asyncio.gather(*(put(bridge, calendar(hour(3))) for _ in range(6)))
    statuses = sorted(answer.status_code for answer in answers)
    if not guarded:
        assert statuses == [200] * 6
        return
    assert statuses[:2] == [200, 200] and statuses[-1] == 429
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 429)
    assert (await put(bridge, calendar(hour(3)))).status_code == 200, "each gave its place back"


async def test_without_its_limit_one_rule_would_take_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown on the function itself: in the process it would end at the limit of the system."""
    monkeypatch.setattr(expand, "SERIES_SECONDS", 2.0)
    now = dt.datetime.now(dt.UTC)
    text = calendar(event("UID:h", f"DTSTART:{in_days(1)}", "DURATION:PT1S", HOSTILE["secondly"])).decode()
    began = time.process_time()
    found = expand.expand(text, now, now + dt.timedelta(days=92), dt.UTC)  # type: ignore[arg-type]
    assert time.process_time() - began > 1.5 and [index for index, _ in found.skipped] == [0]
