"""What a linked calendar may not do: reach inside, send without end, flood, stay longer than its owner."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import re
from email.utils import format_datetime

import pytest
from prometheus_client import REGISTRY

from services.chassis.model import targets
from services.chassis.ops import outward
from services.matching.domain import linked_calendar as links
from services.matching.usecases import forget_profile, linked_calendars, sweep
from tests.integration.matching.linking import SECRET, SLOW, URL, Linking, nothing
from tests.integration.matching.test_busy_calendars import calendar, hour
from tests.support.completions import Reply
from tests.support.contract import ERASED
from tests.support.waiting import eventually


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
    key = {"Idempotency-Key": "once"}
    shown = await linking.link(headers=key)
    assert shown["state"] == "waiting" and await linking.link(headers=key) == shown
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
        monkeypatch.setattr(forget_profile, "linked_ids", nothing)
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
        monkeypatch.setattr(sweep, "overdue_links", nothing)
    await sweep.sweep(database, commands)
    if guarded:
        await eventually(lambda: len(linking.there.received) == 2, "read again")
    assert len(linking.there.received) == (2 if guarded else 1)
