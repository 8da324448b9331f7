"""Check-in, no-show, release, outcomes and debriefs: over HTTP, on the topics, and in what is stored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from deploy.local.system import Servers
from services.matching import after_store, store
from services.matching.app import build
from services.matching.domain.after import attendance as rules
from services.matching.domain.after.debrief import Debrief, debrief_id
from services.matching.domain.calendar import LENGTH
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from tests.integration.matching.bridge import HALL, Bridge
from tests.integration.notifications.travel import Travel
from tests.support.contract import ERASED
from tests.support.days import FIRST_DAY
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually


async def travel(matching: Running, to: dt.datetime) -> Travel:
    """From now on it is this moment, for what the service decides."""
    return await Travel(matching).to(to.isoformat())


async def a_meeting(matching: Running) -> tuple[Bridge, str, dt.datetime]:
    """A booked meeting, and when it begins."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    booked = await bridge.booked(match_id, (await bridge.free(match_id))[0])
    return bridge, booked["meeting_id"], dt.datetime.fromisoformat(booked["start"])


async def its_end(matching: Running, meeting_id: str) -> None:
    """The job that waits for the end of the meeting comes, as if it were that late."""
    await matching.service.database.db.jobs.update_many(
        {"kind": "held", "payload.meeting_id": meeting_id},
        {"$set": {"run_at": dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)}},
    )

    async def done() -> bool:
        return await matching.service.database.db.jobs.find_one({"kind": "held"}) is None

    await eventually(done, "the end of the meeting")


async def told(matching: Running, topic: str, key: str) -> list[str]:
    return [type(event).__name__ for event in await matching.events(topic, key)]


async def test_a_meeting_with_a_check_in_is_held_at_its_end_and_both_have_met(matching: Running) -> None:
    bridge, id, start = await a_meeting(matching)
    early = await bridge.hanbit.post(f"/v1/meetings/{id}/check-in")
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "too-early")
    await travel(matching, start - dt.timedelta(minutes=3))
    kic = matching.client("kic", role="organiser", sub="kic-1")
    code = (await kic.get("/v1/table-code", params={"place": HALL["place"]})).json()["code"]
    drawn = await kic.get("/v1/table-code.svg", params={"place": HALL["place"]})
    assert drawn.headers["content-type"] == "image/svg+xml" and drawn.text.startswith("<?xml")
    assert (await bridge.hanbit.get("/v1/table-code.svg", params={"place": HALL["place"]})).status_code == 403
    seen = await bridge.huaqiao.post("/v1/check-ins", json={"code": code})
    assert seen.status_code == 200 and seen.json()["here"]["p-cn"]["at_table"] is True
    assert (await bridge.hanbit.post(f"/v1/meetings/{id}/check-in")).json()["here"].keys() == {"p-kr", "p-cn"}
    assert (await bridge.hanbit.post("/v1/check-ins", json={"code": code[:-1] + "2"})).status_code in (200, 404)
    stranger = matching.client("stranger", sub="lee-1")
    assert (await stranger.post("/v1/check-ins", json={"code": code})).status_code == 404
    assert (await stranger.post(f"/v1/meetings/{id}/check-in")).status_code == 404
    assert await bridge.state("meetings", id) == "booked"
    await its_end(matching, id)
    assert await bridge.state("meetings", id) == "completed"
    assert await bridge.claims() == 0
    assert (await told(matching, "meetings", id))[-1] == "MeetingCompleted"
    match_id = (await bridge.hanbit.get(f"/v1/meetings/{id}")).json()["match_id"]
    outcome = (await matching.events("outcomes", match_id))[-1]
    assert (outcome.highest, outcome.confirmed) == ("met", "met")
    agenda = await matching.service.database.one(store.AGENDAS, "hanbit/kim-1")
    assert agenda is not None and not agenda.booked


@pytest.mark.parametrize("act", ["check-in", "held"])
async def test_a_side_that_says_later_that_it_was_there_has_met_the_other_one(matching: Running, act: str) -> None:
    """One check-in was enough for the meeting; each side reports the step by itself."""
    bridge, id, start = await a_meeting(matching)
    match_id = (await bridge.hanbit.get(f"/v1/meetings/{id}")).json()["match_id"]
    await travel(matching, start + dt.timedelta(minutes=2))
    await bridge.hanbit.post(f"/v1/meetings/{id}/check-in")
    await its_end(matching, id)
    await travel(matching, start + dt.timedelta(minutes=35))
    first = (await matching.events("outcomes", match_id))[-1]
    assert (first.highest, first.confirmed) == ("met", None)
    for _ in range(2):
        late = await bridge.huaqiao.post(f"/v1/meetings/{id}/{act}")
        assert late.json()["here"].keys() == {"p-kr", "p-cn"}
    said = [(event.highest, event.confirmed) for event in await matching.events("outcomes", match_id)]
    assert said == [("met", None), ("met", "met")]
    assert (await told(matching, "meetings", id)).count("MeetingCompleted") == 1


async def test_a_meeting_without_a_check_in_stays_booked_until_a_side_says_so(matching: Running) -> None:
    bridge, id, start = await a_meeting(matching)
    await its_end(matching, id)
    assert await bridge.state("meetings", id) == "booked"
    assert (await bridge.hanbit.post(f"/v1/meetings/{id}/held")).status_code == 409
    await travel(matching, start + dt.timedelta(days=1))
    assert (await bridge.hanbit.post(f"/v1/meetings/{id}/held")).json()["state"] == "completed"
    assert (await bridge.huaqiao.post(f"/v1/meetings/{id}/held")).json()["state"] == "completed"
    assert (await told(matching, "meetings", id)).count("MeetingCompleted") == 1


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_no_show_frees_the_time_says_not_who_and_counts_for_organisers(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the rule, a side that sits at the table would be called missing."""
    bridge, id, start = await a_meeting(matching)
    url = f"/v1/meetings/{id}"
    await travel(matching, start + dt.timedelta(minutes=6))
    assert (await bridge.hanbit.post(f"{url}/check-in")).status_code == 200
    if not guarded:
        real = rules.no_show
        monkeypatch.setattr(
            rules, "no_show", lambda known, *a, **k: real(known.model_copy(update={"here": {}}), *a, **k)
        )
    wrong = await bridge.huaqiao.post(f"{url}/no-show")
    assert (wrong.status_code == 409) is guarded
    if not guarded:
        return
    kic = matching.client("kic", role="organiser", sub="kic-1")
    assert (await kic.post(f"{url}/no-show")).status_code == 422
    said = await bridge.hanbit.post(f"{url}/no-show")
    assert (said.status_code, said.json()["absent"], said.json()["state"]) == (200, ["p-cn"], "no_show")
    assert (await bridge.hanbit.post(f"{url}/no-show")).json() == said.json()
    assert await bridge.claims() == 0
    events = await matching.events("meetings", id)
    assert type(events[-1]).__name__ == "MeetingNoShow" and "absent" not in events[-1].model_dump_json()
    assert (await bridge.huaqiao.post(f"{url}/held")).status_code == 409
    corrected = await kic.post(f"{url}/no-show", json={"absent": ["p-kr"]})
    assert (corrected.status_code, corrected.json()["absent"]) == (200, ["p-kr"])
    missed = [(await kic.get(f"/v1/profiles/{id}/kept")).json()["missed"] for id in ("p-kr", "p-cn")]
    assert missed == [1, 0]
    assert (await kic.post(f"{url}/no-show", json={"absent": ["p-cn"]})).json()["absent"] == ["p-cn"]
    assert len(await matching.events("meetings", id)) == len(events)
    kept = await kic.get("/v1/profiles/p-cn/kept")
    assert kept.json() == {"profile_id": "p-cn", "completed": 0, "missed": 1, "released": 0, "rate": 0.0}
    for own in (bridge.hanbit, bridge.huaqiao):
        assert (await own.get("/v1/profiles/p-cn/kept")).status_code == 403
    await travel(matching, start + LENGTH)
    assert (await bridge.hanbit.post(f"{url}/held")).json()["state"] == "completed"
    assert (await kic.get("/v1/profiles/p-cn/kept")).json()["rate"] == 1.0


async def test_an_organiser_takes_a_no_show_of_both_sides_back(matching: Running) -> None:
    """Neither side can, as each is said to have been missing: the refusal names the organiser."""
    bridge, id, start = await a_meeting(matching)
    url, kic = f"/v1/meetings/{id}", matching.client("kic", role="organiser", sub="kic-1")
    await travel(matching, start + LENGTH)
    both = await kic.post(f"{url}/no-show", json={"absent": ["p-kr", "p-cn"]})
    assert (both.status_code, both.json()["absent"]) == (200, ["p-cn", "p-kr"])
    for own in (bridge.hanbit, bridge.huaqiao):
        refused = await own.post(f"{url}/held")
        assert refused.status_code == 409 and "an organiser" in refused.json()["detail"]
    held = await kic.post(f"{url}/held")
    assert (held.status_code, held.json()["state"], held.json()["absent"]) == (200, "completed", [])
    assert (await kic.post(f"{url}/held")).json() == held.json()
    assert (await kic.post("/v1/meetings/no-such/held")).status_code == 404
    for profile in ("p-kr", "p-cn"):
        assert (await kic.get(f"/v1/profiles/{profile}/kept")).json()["completed"] == 1


async def test_a_side_gives_its_time_back_with_one_call(tight: Running) -> None:
    """Its acts are spent: it may do so all the same."""
    bridge, id, _ = await a_meeting(tight)
    await tight.service.database.db.budgets.update_many({}, {"$set": {"used": 1000}})
    assert (await bridge.hanbit.post(f"/v1/meetings/{id}/cancel")).status_code == 429
    given = await bridge.hanbit.post(f"/v1/meetings/{id}/release")
    assert (given.status_code, given.json()["state"], given.json()["reason"]) == (200, "cancelled", "released")
    assert (await bridge.hanbit.post(f"/v1/meetings/{id}/release")).json() == given.json()
    assert await bridge.claims() == 0
    kic = tight.client("kic", role="organiser", sub="kic-1")
    assert (await kic.get("/v1/profiles/p-kr/kept")).json()["released"] == 1
    event = (await tight.events("meetings", id))[-1]
    assert (type(event).__name__, event.reason, event.ended_by) == ("MeetingCancelled", "released", "p-kr")


async def test_sides_report_what_became_of_it_and_see_each_other(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = (await bridge.proposed())["match_id"]
    url = f"/v1/matches/{match_id}/outcome"
    early = await bridge.hanbit.put(url, json={"steps": ["nda"]})
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "not-agreed")
    for side in (bridge.hanbit, bridge.huaqiao):
        assert (await side.post(f"/v1/matches/{match_id}/accept")).status_code == 200
    one = await bridge.hanbit.put(url, json={"steps": ["nda", "pilot"]})
    assert one.json()["highest"] == "pilot" and "confirmed" not in one.json()
    assert (await bridge.hanbit.put(url, json={"steps": ["pilot", "nda"]})).json() == one.json()
    both = await bridge.huaqiao.put(url, json={"steps": ["nda"]})
    assert both.json()["confirmed"] == "nda"
    kic = matching.client("kic", role="organiser", sub="kic-1")
    assert (await kic.get(url)).json() == both.json() == (await bridge.hanbit.get(url)).json()
    assert (await kic.put(url, json={"steps": []})).status_code == 403
    assert (await matching.client("stranger", sub="x-1").get(url)).status_code == 404
    assert (await bridge.hanbit.put(url, json={"steps": ["nda"]})).json()["highest"] == "nda"
    found = await matching.events("outcomes", match_id)
    assert [(e.highest, e.confirmed) for e in found] == [("pilot", None), ("pilot", "nda"), ("nda", "nda")]


async def test_a_debrief_is_read_by_its_side_alone(matching: Running) -> None:
    bridge, id, start = await a_meeting(matching)
    url = f"/v1/meetings/{id}/debrief"
    note = {"rating": 4, "would_meet_again": True, "note": "샘플 먼저", "follow_ups": [{"text": "견적 보내기"}]}
    assert (await bridge.hanbit.put(url, json=note)).status_code == 409
    await travel(matching, start)
    mine = await bridge.hanbit.put(url, json=note)
    assert mine.status_code == 200 and mine.json()["note"] == "샘플 먼저"
    assert (await bridge.hanbit.put(url, json=note)).status_code == 428
    phone = await bridge.huaqiao.put(url, json={"note": "李总 电话 138-1234-5678"})
    assert phone.status_code == 422 and "138-1234" not in phone.text
    assert (await bridge.huaqiao.get(url)).json() == {"meeting_id": id, "follow_ups": []}
    kic = matching.client("kic", role="organiser", sub="kic-1")
    assert (await kic.get(url)).status_code == 404
    to_do = await bridge.hanbit.get("/v1/profiles/p-kr/follow-ups")
    assert [item["follow_ups"][0]["text"] for item in to_do.json()["items"]] == ["견적 보내기"]
    assert (await kic.get("/v1/profiles/p-kr/follow-ups")).status_code == 404
    done = {**note, "follow_ups": [{"text": "견적 보내기", "due": FIRST_DAY, "is_done": True}]}
    assert (await bridge.hanbit.put(url, json=done, headers={"If-Match": mine.headers["ETag"]})).status_code == 200
    assert (await bridge.hanbit.get("/v1/profiles/p-kr/follow-ups")).json()["items"] == []


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_debrief_goes_with_its_profile(
    matching: Running, guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    bridge, id, _ = await a_meeting(matching)
    db, collection = matching.service.database.db, store.DEBRIEFS
    for side in ("p-kr", "p-cn"):
        written = Debrief(id=debrief_id(id, side), meeting_id=id, profile_id=side, note="메모", revision=1, at=1)
        await db[collection.name].insert_one(collection.write(written))
    if not guarded:
        monkeypatch.setattr(after_store, "debrief_ids", _none)
    await bridge.publish(ERASED, key="p-kr", sequence=2)

    async def forgotten() -> bool:
        return await db.profiles.find_one({"_id": "p-kr", "state": "erased"}) is not None and not (
            await db.jobs.count_documents({"kind": "forget_answers"})
        )

    await eventually(forgotten, "what the erased profile left")
    left = [doc["profile_id"] async for doc in db.debriefs.find({"note": {"$exists": True}})]
    assert sorted(left) == (["p-cn"] if guarded else ["p-cn", "p-kr"])


async def _none(*_: object) -> list[str]:
    return []


async def test_a_remote_meeting_has_two_ways_where_one_may_not_open(
    servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder
) -> None:
    settings = MatchingSettings(rooms_url="https://rooms.example")
    async with running(build(chassis_settings(servers, run_id, tmp_path), settings, encoder=encoder)) as matching:
        bridge = Bridge(matching)
        match_id = await bridge.agreed()
        one, other, third = (await bridge.free(match_id))[0:6:2]  # twenty minutes apart
        pasted = {"kind": "online", "url": "https://meet.google.com/abc"}
        asked = await bridge.hanbit.post("/v1/meetings", json={"match_id": match_id, "start": one, "venue": pasted})
        assert asked.json()["venue"]["fallback_url"].startswith("https://rooms.example/magpie-")
        url = f"/v1/meetings/{asked.json()['meeting_id']}"
        booked = await bridge.huaqiao.post(f"{url}/confirm", json={"start": one, "venue": pasted})
        assert (booked.json()["state"], booked.json()["venue"]) == ("booked", asked.json()["venue"])
        joining = (await bridge.huaqiao.get(f"{url}/joining", params={"lang": "zh"})).json()
        assert [way["state"] for way in joining["sides"]["p-cn"]["ways"]] == ["unknown", "no"]
        assert not joining["is_sure"] and "腾讯会议" in joining["advised"]
        own = {"match_id": match_id, "start": other, "venue": {"kind": "online"}}
        room = (await bridge.hanbit.post("/v1/meetings", json=own)).json()
        assert room["venue"]["url"].startswith("https://rooms.example/magpie-")
        sure = {"kind": "online", "url": "https://meeting.tencent.com/dm/x"}
        known = await bridge.hanbit.post("/v1/meetings", json={"match_id": match_id, "start": third, "venue": sure})
        assert known.json()["venue"] == sure
        for confirmed in (room, known.json()):
            path = f"/v1/meetings/{confirmed['meeting_id']}/confirm"
            assert (await bridge.huaqiao.post(path, json={"venue": {"kind": "online"}})).json()["state"] == "booked"


async def test_without_rooms_a_link_is_pasted(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    body = {"match_id": match_id, "start": (await bridge.free(match_id))[0], "venue": {"kind": "online"}}
    refused = await bridge.hanbit.post("/v1/meetings", json=body)
    assert refused.status_code == 422 and refused.json()["errors"][0]["pointer"] == "/venue/url"
    tools = (await bridge.hanbit.get("/v1/meeting-tools", params={"lang": "ko"})).json()["items"]
    assert tools[0]["works"] and tools[0]["countries"]["CN"]["checked"] and not tools[-1]["works"]
