"""Calendars elsewhere that are read regularly: from a real server, by jobs, within bounds."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
import time
from collections.abc import AsyncIterator
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from deploy.local.system import Servers
from services.chassis.model import targets
from services.chassis.ops import outward
from services.matching import plan_sources
from services.matching.app import build
from services.matching.calendar_files import reader
from services.matching.domain import linked_calendar as links
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from services.matching.usecases import forget_profile, linked_calendars, sweep
from tests.integration.matching.a_forum import another, takes_part
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_busy_calendars import calendar, event, hour, in_days
from tests.support.completions import Reply
from tests.support.contract import ERASED, korean_profile
from tests.support.receiver import Received, Receiver, receiver
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

URL = "/v1/members/kim-1/linked-calendar"
SECRET = "private-3f9ac0c17d5e4b"
QUICK = 0.003
"""Minutes between two readings."""


class Linking(Bridge):
    """Two sides, and the server at which one of them keeps a calendar."""

    def __init__(self, matching: Running, there: Receiver) -> None:
        super().__init__(matching)
        self.there = there
        self.url = there.url.replace("/hook", f"/calendar/{SECRET}/busy.ics")

    @property
    def db(self) -> Any:
        return self.matching.service.database.db

    def says(self, body: bytes, **headers: str) -> None:
        self.there.answer = lambda _: Reply(body, headers={"Content-Type": "text/calendar", **headers})

    async def has_profile(self) -> None:
        await self.publish(korean_profile("p-kr"), key="p-kr")
        await eventually(lambda: self.db.profiles.find_one({"_id": "p-kr", "state": "published"}), "a profile")

    async def link(self, url: str | None = None, **more: Any) -> dict[str, Any]:
        answer = await self.hanbit.put(URL, json={"url": url or self.url}, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def seen(self, **query: str) -> dict[str, Any]:
        return dict((await self.hanbit.get(URL, params=query)).json())

    async def until(self, state: str) -> dict[str, Any]:
        async def reached() -> Any:
            found = await self.seen()
            return found if found["state"] == state else None

        found: dict[str, Any] = await eventually(reached, f"the link is {state}")
        return found

    async def busy(self) -> list[str]:
        shown = (await self.hanbit.get("/v1/members/kim-1/busy")).json()
        return [time["start"] for time in shown["linked"]] if "linked" in shown else []


def settings(**more: Any) -> MatchingSettings:
    quick = {"linked_calendar_open": True, "linked_calendar_minutes": QUICK, "linked_calendar_timeout_seconds": 1.0}
    return MatchingSettings(**(quick | more))


@pytest.fixture
async def linking(
    servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder, request: pytest.FixtureRequest
) -> AsyncIterator[Linking]:
    more = getattr(request, "param", {})
    chassis = chassis_settings(servers, run_id, tmp_path)
    async with receiver() as there, running(build(chassis, settings(**more), encoder=encoder)) as service:
        yield Linking(service, there)


SLOW = pytest.mark.parametrize("linking", [{"linked_calendar_minutes": 30.0}], indirect=True)
"""One reading, and no second one within the test."""


async def test_a_calendar_acts_as_busy_times_that_were_sent_and_is_followed(linking: Linking) -> None:
    match_id = await linking.agreed()
    start = (await linking.free(match_id))[5]
    meeting = await linking.booked(match_id, start)
    at = dt.datetime.fromisoformat(start)
    linking.says(calendar(hour(3, "SUMMARY:비밀 인수 협상", "LOCATION:비밀의 방"), event("UID:bad", "DTSTART:soon")))
    shown = await linking.link()
    assert shown["state"] == "waiting" and shown["host"] == "127.0.0.1" and "failure" not in shown
    found = await linking.until("ok")
    assert (found["times"], found["skipped"]) == (1, 1) and found["read_at"] == found["tried_at"]
    assert len(await linking.busy()) == 1
    stored = str(await linking.db.agendas.find_one({"_id": "hanbit/kim-1"}))
    assert "비밀" not in stored + str(await linking.db.linked_calendars.find({}).to_list(None))
    free = await linking.free(match_id)
    linking.says(calendar(event("UID:1", f"DTSTART:{at:%Y%m%dT%H%M%SZ}", "DURATION:PT4H")))
    taken = f"/v1/meetings/{meeting['meeting_id']}"

    async def in_conflict() -> bool:
        return bool((await linking.hanbit.get(taken)).json().get("conflicts") == ["kim-1"])

    await eventually(in_conflict, "the booking in conflict")
    assert (await linking.hanbit.get(taken)).json()["state"] == "booked"
    later = await linking.free(match_id)
    assert later != free and not [s for s in later if at <= dt.datetime.fromisoformat(s) < at + dt.timedelta(hours=4)]
    assert (await linking.hanbit.put("/v1/members/kim-1/busy", json={"busy": []})).status_code == 200
    assert len(await linking.busy()) == 1, "what is sent and what is linked stand beside each other"
    assert (await linking.hanbit.delete(URL)).status_code == 204
    assert await linking.busy() == [] and (await linking.hanbit.get(URL)).status_code == 404
    assert await linking.db.linked_calendars.find_one({"sealed_url": {"$exists": True}}) is None


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("act", ["is read with fewer times", "is unlinked"])
async def test_who_has_time_again_by_its_calendar_is_looked_for_at_its_forum(
    linking: Linking, act: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(plan_sources, "forums_of_member", _no_forums)
    await linking.has_profile()
    there = dt.datetime.strptime(in_days(3), "%Y%m%dT%H%M%SZ")
    days = [{"date": f"{there:%Y-%m-%d}", "opens": "09:00", "closes": "18:00"}]
    await another(linking.matching, [takes_part("forum-1", "p-kr", "hanbit", "kim-1")], days=days)
    linking.says(calendar(hour(3), hour(9, uid="later")))
    await linking.link()
    await linking.until("ok")
    looks = linking.db.jobs.count_documents
    assert await looks({"kind": "look_again"}) == 0, "no one has more time than before"
    if act == "is unlinked":
        assert (await linking.hanbit.delete(URL)).status_code == 204
    else:
        linking.says(calendar(hour(3)))

        async def is_read(times: int) -> bool:
            return len(await linking.busy()) == times

        await eventually(lambda: is_read(1), "another time is free, when there is no forum")
        assert await looks({"kind": "look_again"}) == 0
        linking.says(calendar(hour(9, uid="later")))
        await eventually(lambda: is_read(1), "the calendar was read")

        async def is_another() -> bool:
            (start,) = await linking.busy()
            return dt.datetime.fromisoformat(start).date() != there.date()

        await eventually(is_another, "the hour at the forum is free")
    assert await looks({"kind": "look_again"}) == int(guarded)


async def _no_forums(*_: object) -> list[str]:
    return []


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("kind", ["by its UID", "by its time"])
async def test_our_own_meeting_in_the_calendar_is_no_conflict(
    linking: Linking, kind: str, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who takes the invitation into the calendar is busy then, because of us."""
    match_id = await linking.agreed()
    start = (await linking.free(match_id))[5]
    meeting = await linking.booked(match_id, start)
    begins, ends = (dt.datetime.fromisoformat(meeting[edge]) for edge in ("start", "end"))
    if kind == "by its UID":  # as it was before it was moved
        ends += dt.timedelta(hours=1)
        if not guarded:
            monkeypatch.setattr(linked_calendars, "known_meetings", _none)
    elif not guarded:
        monkeypatch.setattr(linked_calendars, "_still_to_come", lambda times, agenda, now: list(times))
    uid = f"{meeting['meeting_id']}@magpie" if kind == "by its UID" else "busy-1"
    mine = event(f"UID:{uid}", f"DTSTART:{begins:%Y%m%dT%H%M%SZ}", f"DTEND:{ends:%Y%m%dT%H%M%SZ}")
    linking.says(calendar(mine, hour(80)))
    await linking.link()
    assert (await linking.until("ok"))["times"] == (1 if guarded else 2)
    shown = (await linking.hanbit.get(f"/v1/meetings/{meeting['meeting_id']}")).json()
    assert shown.get("conflicts", []) == ([] if guarded else ["kim-1"])


async def _none(*_: object, **__: object) -> set[str]:
    return set()


async def test_a_server_that_knows_versions_is_asked_for_changes_only(linking: Linking) -> None:
    await linking.has_profile()
    marked = {"ETag": '"v1"', "Last-Modified": "Sat, 28 Nov 2026 12:05:00 GMT"}

    def answer(asked: Received) -> Reply:
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return Reply(calendar(hour(3)), headers=marked)

    linking.there.answer = answer
    await linking.link()
    await eventually(lambda: len(linking.there.received) > 2, "three readings")
    first, second = linking.there.received[:2]
    assert "if-none-match" not in first.headers and first.headers["accept-encoding"] == "identity"
    assert second.headers["if-modified-since"] == marked["Last-Modified"]
    revision = (await linking.db.agendas.find_one({"_id": "hanbit/kim-1"}))["revision"]
    assert (await linking.until("ok"))["times"] == 1 and len(await linking.busy()) == 1
    assert revision == 1, "what has not changed writes no agenda"


LARGE = Reply(b"x" * (links.MAX_BYTES + 1))
FAILURES: dict[str, tuple[Reply, str, int | None]] = {
    "it is not shared any more": (Reply(status=404), "refused", 404),
    "its server is broken": (Reply(status=500), "server_error", 500),
    "its server is busy": (Reply(status=503), "busy", 503),
    "it says unchanged to no question": (Reply(status=304), "unexpected", 304),
    "it is elsewhere": (Reply(status=302, headers={"Location": "/elsewhere"}), "redirected", 302),
    "it is a page": (Reply(b"<html>sign in</html>"), "no_calendar", None),
    "it is too large": (LARGE, "too_large", None),
    "it never ends": (Reply(endless=True), "too_large", None),
    "it never begins": (Reply(hangs=True), "timeout", None),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_one_that_fails_keeps_its_times_and_says_why(linking: Linking, name: str) -> None:
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    await linking.link()
    good = await linking.until("ok")
    reply, reason, status = FAILURES[name]
    linking.there.answer = lambda _: reply
    await linking.until("failing")
    found, *others = [await linking.seen(lang=lang) for lang in ("en", "ko", "zh")]
    assert (found["failure"]["reason"], found["failure"].get("status")) == (reason, status)
    said = [one["failure"]["detail"] for one in (found, *others)]
    assert all(part in text for part, text in zip(("tried again", "다시 시도", "重试"), said, strict=True)), said
    assert found["times"] == 1 and len(await linking.busy()) == 1, "the last times stay"
    assert found["read_at"] >= good["read_at"] and found["tried_at"] > good["tried_at"]
    assert all(asked.path.endswith("busy.ics") for asked in linking.there.received), "no redirect is followed"


async def test_pauses_grow_while_it_fails_and_it_recovers_by_itself(linking: Linking) -> None:
    await linking.has_profile()
    linking.there.answer = lambda _: Reply(status=500)
    await linking.link()
    await eventually(lambda: len(linking.there.received) >= 4, "four readings")
    linked = await linking.db.linked_calendars.find_one({"_id": "hanbit/kim-1"})
    pause = (linked["next_at"] - linked["tried_at"]).total_seconds()
    assert linked["failures"] >= 3 and pause > QUICK * 60 * 2 ** (linked["failures"] - 1)
    linking.says(calendar(hour(3)))
    assert "failure" not in await linking.until("ok")


@SLOW
async def test_one_that_takes_too_long_to_read_is_called_so(linking: Linking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "WALL_SECONDS", 0.01)
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    await linking.link()
    assert (await linking.until("failing"))["failure"]["reason"] == "too_slow"


@SLOW
@pytest.mark.parametrize("guarded", [True, False])
async def test_a_body_without_end_is_cut_at_its_bound(
    linking: Linking, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(links, "MAX_BYTES", 1 << 40)
    await linking.has_profile()
    linking.there.answer = lambda _: Reply(endless=True)
    await linking.link()
    assert (await linking.until("failing"))["failure"]["reason"] == ("too_large" if guarded else "timeout")


@pytest.mark.parametrize(
    "linking", [{"linked_calendar_open": False, "linked_calendar_minutes": 30.0}], indirect=True, ids=["closed"]
)
@pytest.mark.parametrize("guarded", [True, False])
async def test_a_name_that_leads_inside_is_not_connected_to(
    linking: Linking, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused by its form when it is linked; by its address at each reading."""
    monkeypatch.setattr(outward, "_addresses", lambda host, port: ["127.0.0.1"])
    if not guarded:
        monkeypatch.setattr(targets, "is_public", lambda address: True)
    await linking.has_profile()
    for inside in (linking.url, linking.url.replace("http:", "https:"), "https://mongo/x.ics", "webcal://10.0.0.1/x"):
        refused = await linking.hanbit.put(URL, json={"url": inside})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/url")
        assert SECRET not in refused.text
    port = re.search(r":(\d+)/", linking.url)
    assert port
    shown = await linking.link(f"webcal://calendar.hanbit.example:{port[1]}/{SECRET}.ics")
    assert shown["host"] == "calendar.hanbit.example"
    reason = (await linking.until("failing"))["failure"]["reason"]
    assert reason == "not_public" if guarded else reason in ("tls", "connection"), "it spoke to the server inside"


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_asks_for_a_pause_is_left_alone(
    linking: Linking, status: int, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(linked_calendars, "retry_after_seconds", lambda *_, **__: None)
        monkeypatch.setattr(links, "BUSY_STATUSES", ())
    await linking.has_profile()
    busy = {"outcome": "busy"}
    before = REGISTRY.get_sample_value("magpie_calendar_readings_total", busy) or 0.0
    until = linking.matching.service.database.now() + dt.timedelta(hours=2)
    header = "7200" if status == 429 else format_datetime(until, usegmt=True)
    linking.there.answer = lambda _: Reply(b"later", status=status, headers={"Retry-After": header})
    await linking.link()
    shown = await linking.until("failing")
    ahead = dt.datetime.fromisoformat(shown["next_at"]) - linking.matching.service.database.now()
    assert (ahead > dt.timedelta(minutes=119)) is guarded and shown["failure"]["status"] == status
    assert shown["failure"]["reason"] == ("busy" if guarded else {429: "unexpected", 503: "server_error"}[status])
    counted = REGISTRY.get_sample_value("magpie_calendar_readings_total", busy) or 0.0
    assert counted - before == int(guarded)


@SLOW
async def test_a_request_reads_nothing_and_says_the_url_to_no_one(
    linking: Linking, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await linking.has_profile()
    linking.there.answer = lambda _: Reply(hangs=True)
    began = time.monotonic()
    key = {"Idempotency-Key": "once"}
    shown = await linking.link(headers=key)
    assert time.monotonic() - began < 0.9 and await linking.link(headers=key) == shown
    await linking.until("failing")
    said = capsys.readouterr()
    logged = "\n".join(record.getMessage() for record in caplog.records) + said.out + said.err
    kept = str([await linking.db[name].find({}).to_list(None) for name in await linking.db.list_collection_names()])
    answers = str(shown) + str(await linking.seen()) + str(await linking.busy())
    assert SECRET in linking.there.received[0].path, "the server was asked for it"
    assert all(SECRET not in text for text in (logged, kept, answers))
    assert (await linking.huaqiao.get(URL)).status_code == 404
    assert (await linking.huaqiao.put(URL, json={"url": linking.url})).status_code == 404
    colleague = linking.matching.client("hanbit", sub="lee-1")
    assert (await colleague.delete(URL)).status_code == 404


@pytest.mark.parametrize(
    "linking", [{"max_linked_calendars_per_org": 1, "linked_calendar_minutes": 30.0}], indirect=True, ids=["one"]
)
async def test_an_organisation_has_so_many_and_two_at_once_do_not_take_one_place(linking: Linking) -> None:
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    lee = linking.matching.client("hanbit", sub="lee-1")
    body = {"url": linking.url}
    both = await asyncio.gather(
        linking.hanbit.put(URL, json=body), lee.put("/v1/members/lee-1/linked-calendar", json=body)
    )
    assert sorted(answer.status_code for answer in both) == [200, 409]
    refused = next(answer.json() for answer in both if answer.status_code == 409)
    assert refused["type"].endswith("too-many-linked-calendars") and "at most 1" in refused["detail"]
    assert (await linking.db.link_books.find_one({"_id": "hanbit"}))["members"] in (["kim-1"], ["lee-1"])
    without = await linking.matching.client("other", sub="kim-1").put(URL, json=body)
    assert (without.status_code, without.json()["type"].rpartition("/")[2]) == (409, "no-profile")


@SLOW
@pytest.mark.parametrize("guarded", [True, False])
async def test_links_that_come_and_go_flood_no_server(
    linking: Linking, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(links, "ASK_EVERY", dt.timedelta(0))
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    for _ in range(4):
        await linking.link()
        assert (await linking.hanbit.delete(URL)).status_code == 204
    last = await linking.link()
    ahead = dt.datetime.fromisoformat(last["next_at"]) - linking.matching.service.database.now()
    assert (ahead > 3 * dt.timedelta(seconds=10)) is guarded


@SLOW
@pytest.mark.parametrize("guarded", [True, False])
async def test_it_goes_with_the_last_profile(linking: Linking, guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    await linking.link()
    await linking.until("ok")
    if not guarded:
        monkeypatch.setattr(forget_profile, "linked_ids", _none)
    await linking.publish(ERASED, key="p-kr", sequence=2)

    async def forgotten() -> bool:
        return await linking.db.profiles.find_one({"_id": "p-kr", "state": "erased"}) is not None and not (
            await linking.db.jobs.count_documents({"kind": "forget_answers"})
        )

    await eventually(forgotten, "what the erased profile left")
    left = {"sealed_url": {"$exists": True}}
    assert (await linking.db.linked_calendars.find_one(left) is None) is guarded
    assert await linking.db.agendas.find_one({"linked.0": {"$exists": True}}) is None
    assert await linking.db.link_books.find_one({"members.0": {"$exists": True}}) is None
    if not guarded:  # the next reading ends it, too
        hour_ago = linking.matching.service.database.now() - dt.timedelta(hours=2)
        await linking.db.linked_calendars.update_one({}, {"$set": {"next_at": hour_ago}})
        await linking.db.jobs.delete_many({"kind": "read_calendar"})
        assert await sweep.sweep(linking.matching.service.database, linking.matching.service.commands) == 1

        async def gone() -> bool:
            return await linking.db.linked_calendars.find_one(left) is None

        await eventually(gone, "a link without a profile ended")


@SLOW
@pytest.mark.parametrize("guarded", [True, False])
async def test_a_reading_whose_job_has_died_is_planned_again(
    linking: Linking, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, commands = linking.matching.service.database, linking.matching.service.commands
    await linking.has_profile()
    linking.says(calendar(hour(3)))
    await linking.link()
    await linking.until("ok")
    assert await sweep.sweep(database, commands) == 0, "it waits for its time"
    await linking.db.jobs.delete_many({"kind": "read_calendar"})
    long_ago = database.now() - dt.timedelta(hours=2)
    await linking.db.linked_calendars.update_one({}, {"$set": {"next_at": long_ago}})
    if not guarded:
        monkeypatch.setattr(sweep, "overdue_links", _none)
    await sweep.sweep(database, commands)
    if guarded:
        await eventually(lambda: len(linking.there.received) == 2, "read again")
    assert len(linking.there.received) == (2 if guarded else 1)
