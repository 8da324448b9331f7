"""Schedules over HTTP: whose they are, and feeds that open by their address alone."""

from __future__ import annotations

import io
import logging

import pytest
from pypdf import PdfReader
from vobject.base import readOne

from services.matching import after_store, store
from tests.integration.matching.a_forum import FORUM, Shape, made, organiser, planned, published
from tests.integration.matching.bridge import HALL, Bridge
from tests.support.contract import ERASED
from tests.support.days import EVE, FIRST_DAY, day
from tests.support.services import Running
from tests.support.waiting import eventually


async def test_a_schedule_is_ones_own_and_a_tables_is_the_organisers(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    start = (await bridge.free(match_id))[0]
    booked = await bridge.booked(match_id, start)
    url = "/v1/members/kim-1/schedule"
    mine = (await bridge.hanbit.get(url)).json()["items"]
    assert [(item["meeting_id"], item["start"][:16], item["place"]) for item in mine] == [
        (booked["meeting_id"], start[:16], HALL["place"])
    ]
    assert (await bridge.huaqiao.get("/v1/members/wang-1/schedule")).json()["items"][0]["with"] != mine[0]["with"]
    page = await bridge.hanbit.get(f"{url}.html", params={"lang": "zh"})
    assert page.headers["content-type"].startswith("text/html") and "我的会谈日程" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    pdf = await bridge.hanbit.get(f"{url}.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert "내 미팅 일정" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    for path in (url, f"{url}.html", f"{url}.pdf"):
        assert (await bridge.huaqiao.get(path)).status_code == 404
        assert (await matching.client("stranger", sub="kim-1").get(path)).status_code == 200  # its own, and empty
    kic = matching.client("kic", role="organiser", sub="kic-1")
    for path in ("/v1/table-schedule.html", "/v1/table-schedule.pdf"):
        query = {"place": HALL["place"]}
        assert (await kic.get(path, params=query)).status_code == 200
        assert (await bridge.hanbit.get(path, params=query)).status_code == 403
    table = await kic.get("/v1/table-schedule.html", params={"place": HALL["place"], "lang": "en"})
    assert table.text.count("<tr>") == 2
    long = {"from": f"{FIRST_DAY}T00:00:00Z", "to": f"{day(150)}T00:00:00Z"}
    assert (await bridge.hanbit.get(url, params=long)).status_code == 422


async def test_an_interpreter_has_a_schedule_which_organisers_print(matching: Running) -> None:
    await made(matching, Shape(side=2))
    await planned(matching)
    await published(matching, 1)
    meetings = await matching.service.database.find(store.MEETINGS, {"state": "booked"})
    mine = [one for one in meetings if f"interpreter/{FORUM}/kim-1" in one.resources]
    assert mine
    query = {"forum_id": FORUM, "interpreter": "kim-1", "from": f"{EVE}T00:00:00Z"}
    page = await organiser(matching).get("/v1/interpreter-schedule.html", params=query)
    assert "통역 일정: kim-1" in page.text and page.text.count("<tr>") == len(mine) + page.text.count("<thead>")
    assert all((one.venue.place or "") in page.text for one in mine)
    pdf = await organiser(matching).get("/v1/interpreter-schedule.pdf", params=query | {"country": "CN"})
    printed = PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text().replace(" ", "")
    assert pdf.headers["content-type"] == "application/pdf" and "译员日程" in printed
    other = await organiser(matching).get("/v1/interpreter-schedule.html", params=query | {"forum_id": "forum-2"})
    assert "확정된 미팅이 없습니다." in other.text
    assert (await matching.client("org-kr-0").get("/v1/interpreter-schedule.html", params=query)).status_code == 403
    here = {"place": mine[0].venue.place or "", "from": f"{EVE}T00:00:00Z"}
    sheets = [
        (await organiser(matching).get("/v1/table-schedule.html", params=here | of)).text.count("<tr>")
        for of in ({"forum_id": FORUM}, {}, {"forum_id": "another-forum"})
    ]
    assert sheets[0] == sheets[1] > 1 and sheets[2] == 0, "another forum's table of this name is another table"


async def test_a_feed_opens_by_its_address_until_it_is_taken_back(
    matching: Running, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    booked = await bridge.booked(match_id, (await bridge.free(match_id))[0])
    url, anyone = "/v1/members/kim-1/feeds/full", matching.client(None)
    assert (await bridge.hanbit.get(url)).status_code == 404
    key = {"Idempotency-Key": "once"}
    first = (await bridge.hanbit.put(url, params={"lang": "ko"}, headers=key)).json()["url"]
    assert (await bridge.hanbit.put(url, params={"lang": "ko"}, headers=key)).json()["url"] == first
    assert (await bridge.hanbit.get(url)).json()["url"] == first
    assert (await bridge.huaqiao.put(url)).status_code == 404
    feed = await anyone.get(first.removeprefix("http://127.0.0.1:8102"))
    assert feed.headers["content-type"].startswith("text/calendar")
    [event] = readOne(feed.text).vevent_list
    assert event.uid.value == f"{booked['meeting_id']}@magpie" and "미팅" in event.summary.value
    busy = (await bridge.hanbit.put("/v1/members/kim-1/feeds/busy")).json()["url"]
    hidden = (await anyone.get(busy.removeprefix("http://127.0.0.1:8102"))).text
    assert "SUMMARY:Busy" in hidden and "LOCATION" not in hidden
    second = (await bridge.hanbit.put(url)).json()["url"]
    assert (await anyone.get(first.removeprefix("http://127.0.0.1:8102"))).status_code == 404
    assert (await bridge.hanbit.delete(url)).status_code == 204
    assert (await anyone.get(second.removeprefix("http://127.0.0.1:8102"))).status_code == 404
    assert (await anyone.get("/feeds/guessed.ics")).status_code == 404
    said = capsys.readouterr()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]  # the client's own
    logged = "\n".join(ours) + said.out + said.err
    tokens = [address.rpartition("/")[2].removesuffix(".ics") for address in (first, second, busy)]
    assert all(token not in logged for token in tokens)
    stored = str([doc async for doc in matching.service.database.db.answers.find({})])
    stored += str([doc async for doc in matching.service.database.db.feeds.find({})])
    assert all(token not in stored for token in tokens)


@pytest.mark.parametrize("guarded", [True, False])
async def test_feeds_go_with_the_last_profile(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge = Bridge(matching)
    await bridge.proposed()
    assert (await bridge.hanbit.put("/v1/members/kim-1/feeds/busy")).status_code == 200
    if not guarded:
        monkeypatch.setattr(after_store, "feed_ids", _none)
    await bridge.publish(ERASED, key="p-kr", sequence=2)
    db = matching.service.database.db

    async def forgotten() -> bool:
        return await db.profiles.find_one({"_id": "p-kr", "state": "erased"}) is not None and not (
            await db.jobs.count_documents({"kind": "forget_answers"})
        )

    await eventually(forgotten, "what the erased profile left")
    assert (await db.feeds.find_one({"token_hash": {"$exists": True}}) is None) is guarded


async def _none(*_: object) -> list[str]:
    return []


async def test_the_hours_of_a_week_are_the_ones_in_which_one_can_meet(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    weekly = [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "10:00", "end": "11:00"}]
    sent = await bridge.hanbit.put("/v1/members/kim-1/busy", json={"weekly": weekly})
    assert sent.status_code == 200, sent.text
    assert {start[11:13] for start in await bridge.free(match_id)} == {"01"}  # ten in Seoul, in UTC
    assert (await bridge.hanbit.put("/v1/members/kim-1/busy", json={})).status_code == 422
    backwards = {"weekly": [{"days": ["mon"], "start": "11:00", "end": "10:00"}]}
    assert (await bridge.hanbit.put("/v1/members/kim-1/busy", json=backwards)).status_code == 422
