"""A person's things belong to a member of an organisation, and leave with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.matching import store
from services.matching.api import busy as busy_api
from services.matching.domain import match, meeting
from services.matching.usecases import busy_times
from tests.integration.matching.bridge import HALL, Bridge
from tests.integration.matching.test_proposing import publish
from tests.support.contract import ERASED, korean_profile
from tests.support.services import Running
from tests.support.waiting import eventually


def by_sub_alone(org: str, member_id: str) -> str:
    return member_id


async def second_match(bridge: Bridge, other: Any) -> str:
    """Another Korean firm agrees with the same Chinese one, whose Ms Li represents it there."""
    await bridge.publish(korean_profile("p-kr2", owner="second"), key="p-kr2")

    async def proposed() -> Any:
        answer = await other.get("/v1/matches", params={"profile_id": "p-kr2"})
        return answer.status_code == 200 and answer.json()["items"]

    match_id = str((await eventually(proposed, "a second match"))[0]["match_id"])
    for side in (other, bridge.matching.client("huaqiao", sub="li-1")):
        assert (await side.post(f"/v1/matches/{match_id}/accept")).status_code == 200
    return match_id


@pytest.mark.parametrize("guarded", [True, False])
async def test_the_same_sub_in_another_organisation_is_another_person(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Its busy times, its requests and its bookings are its own."""
    if not guarded:
        for module in (match, meeting, busy_times, busy_api):
            monkeypatch.setattr(module, "member_key", by_sub_alone)
    bridge = Bridge(matching)
    namesake = matching.client("second", sub="kim-1")
    mine, theirs = await bridge.agreed(), await second_match(bridge, namesake)
    start, busy = (await bridge.free(mine))[:2]
    await bridge.booked(mine, start)
    request = await namesake.post("/v1/meetings", json={"match_id": theirs, "start": start, "venue": HALL})
    confirmed = await bridge.huaqiao.post(f"/v1/meetings/{request.json()['meeting_id']}/confirm")
    assert confirmed.status_code == (200 if guarded else 409)
    end = (dt.datetime.fromisoformat(busy) + dt.timedelta(minutes=20)).isoformat()
    times = {"busy": [{"start": busy, "end": end}]}
    assert (await namesake.put("/v1/members/kim-1/busy", json=times)).status_code == 200
    seen = (await bridge.hanbit.get("/v1/members/kim-1/busy")).json()
    assert (seen["member_id"], seen["busy"] == []) == ("kim-1", guarded)


async def test_two_profiles_of_one_organisation_share_their_people(matching: Running) -> None:
    """Ms Kim acts for both; she is booked once at a time."""
    bridge = Bridge(matching)
    mine = await bridge.agreed()
    await bridge.publish(korean_profile("p-kr2"), key="p-kr2")
    asked: Any = None

    async def is_asked() -> bool:
        nonlocal asked
        asked = await bridge.hanbit.post("/v1/matches", json={"profile_id": "p-kr2", "partner_id": "p-cn"})
        return asked.status_code in (200, 201)

    await eventually(is_asked, "the second profile asks, or is proposed")
    match_id = asked.json()["match_id"]
    for side in (bridge.hanbit, matching.client("huaqiao", sub="li-1")):
        assert (await side.post(f"/v1/matches/{match_id}/accept")).status_code == 200
    start = (await bridge.free(mine))[0]
    await bridge.booked(mine, start)
    request = await bridge.hanbit.post("/v1/meetings", json={"match_id": match_id, "start": start, "venue": HALL})
    refused = await bridge.huaqiao.post(f"/v1/meetings/{request.json()['meeting_id']}/confirm")
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (409, "taken")


async def test_an_erasure_removes_answers_agendas_and_busy_times(matching: Running) -> None:
    """What was answered to the organisation, and to the other side about their meeting. The agendas go with its last
    profile, and those of others stay."""
    bridge, database = Bridge(matching), matching.service.database
    match_id = await bridge.agreed()
    start, _, later, *_ = await bridge.free(match_id)
    await publish(bridge, korean_profile("p-kr2", offers=[], needs=[]))
    times = {"busy": [{"start": later, "end": (dt.datetime.fromisoformat(later) + dt.timedelta(days=1)).isoformat()}]}
    for client, member in ((bridge.hanbit, "kim-1"), (bridge.huaqiao, "wang-1")):
        client.headers["Idempotency-Key"] = f"busy-{member}"
        assert (await client.put(f"/v1/members/{member}/busy", json=times)).status_code == 200
    meeting = await bridge.requested(match_id, start)
    exclusions = {"groups": ["erased-group"]}
    assert (await bridge.hanbit.put("/v1/profiles/p-kr/exclusions", json=exclusions)).status_code == 200
    confirmed = await bridge.huaqiao.post(f"/v1/meetings/{meeting['meeting_id']}/confirm")
    assert confirmed.status_code == 200
    before = await database.db.answers.find({}).to_list(None)
    assert len(before) == 5 and any("전시장".encode() in answer["body"] for answer in before)
    await bridge.publish(ERASED, key="p-kr", sequence=2)

    async def left() -> list[Any]:
        return await database.db.answers.find({"body": {"$ne": b""}}).to_list(None)

    async def only_the_busy_times_of_the_other_side() -> bool:
        return [answer["org"] for answer in await left()] == ["huaqiao"]

    await eventually(only_the_busy_times_of_the_other_side, "answers forgotten")
    assert "전시장".encode() not in (await left())[0]["body"]
    agenda = await database.one(store.AGENDAS, "hanbit/kim-1")
    assert agenda is not None and agenda.busy and not agenda.booked, "another profile of the organisation is left"
    await bridge.publish(ERASED, key="p-kr2", sequence=2)

    async def agendas() -> bool:
        return [found.id for found in await database.find(store.AGENDAS, {})] == ["huaqiao/wang-1"]

    await eventually(agendas, "the last profile takes the agendas with it")
