"""Moves, busy times and conflicts: the time of people, over HTTP and in the claims."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services.matching import store
from services.matching.domain.claim import claim_id
from tests.integration.matching.bridge import HALL, Bridge
from tests.support.contract import korean_profile
from tests.support.services import Running
from tests.support.waiting import eventually


def day_of(free: list[str]) -> list[str]:
    """The starts of the first whole morning: six in a row and more."""
    days: dict[str, list[str]] = {}
    for start in free:
        days.setdefault(start[:10], []).append(start)
    return next(starts for starts in days.values() if len(starts) > 20)


async def move(client: Any, meeting_id: str, start: str, **more: Any) -> Any:
    return await client.post(f"/v1/meetings/{meeting_id}/reschedule", json={"start": start, **more})


async def confirm(client: Any, meeting_id: str) -> Any:
    """What the meeting asks for now."""
    shown = (await client.get(f"/v1/meetings/{meeting_id}")).json()
    asked = shown.get("move") or shown
    return await client.post(f"/v1/meetings/{meeting_id}/confirm", json={"start": asked["start"]})


async def claimed(matching: Running) -> set[str]:
    return {claim.id for claim in await matching.service.database.find(store.CLAIMS, {})}


def claims(start: str, *members: str) -> set[str]:
    """`members` are keys: the organisation and the member."""
    at = dt.datetime.fromisoformat(start)
    return {claim_id(m, at + dt.timedelta(minutes=n)) for m in members for n in (0, 10)}


async def test_a_booking_may_move_by_ten_minutes_and_frees_what_it_leaves(matching: Running) -> None:
    """It may overlap its own claims; afterwards somebody else books the hour that it left."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    first, second, _, fourth, *_ = day_of(await bridge.free(match_id))
    meeting = await bridge.booked(match_id, first)
    id = meeting["meeting_id"]
    for sequence, start in ((1, second), (2, fourth)):
        asked = (await move(bridge.hanbit, id, start)).json()
        assert asked["move"]["start"] == start and asked["start"] != start
        assert (await move(bridge.hanbit, id, start)).json() == asked
        done = (await confirm(bridge.huaqiao, id)).json()
        assert (done["meeting_id"], done["start"], done["ical_sequence"], done.get("move")) == (
            id,
            start,
            sequence,
            None,
        )
    await bridge.publish(korean_profile("p-kr2", owner="second"), key="p-kr2")
    other = matching.client("second", sub="lee-1")

    async def proposed() -> Any:
        answer = await other.get("/v1/matches", params={"profile_id": "p-kr2"})
        return answer.status_code == 200 and answer.json()["items"]

    match = (await eventually(proposed, "a second match"))[0]["match_id"]
    for side in (other, bridge.huaqiao):
        assert (await side.post(f"/v1/matches/{match}/accept")).status_code == 200
    request = await other.post("/v1/meetings", json={"match_id": match, "start": first, "venue": HALL})
    assert (await confirm(bridge.huaqiao, request.json()["meeting_id"])).status_code == 200
    assert await claimed(matching) == claims(first, "second/lee-1", "huaqiao/wang-1") | claims(
        fourth, "hanbit/kim-1", "huaqiao/wang-1"
    )
    told = [type(e).__name__ for e in await matching.events("meetings", id)]
    assert told == ["MeetingRequested", "MeetingBooked", *["MeetingMoveRequested", "MeetingRescheduled"] * 2]


async def test_a_move_into_a_taken_time_leaves_everything_as_it_was(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = day_of(await bridge.free(match_id))
    one, other = await bridge.booked(match_id, free[0]), await bridge.booked(match_id, free[4])
    before = await claimed(matching)
    await move(bridge.hanbit, one["meeting_id"], free[4])
    answer = await confirm(bridge.huaqiao, one["meeting_id"])
    assert answer.status_code == 409 and answer.json()["type"].endswith("taken") and answer.json()["slots"]
    assert await claimed(matching) == before
    assert await bridge.state("meetings", other["meeting_id"]) == "booked"


async def test_a_meeting_that_is_moved_is_shown_the_starts_that_it_can_have(matching: Running) -> None:
    """Those that overlap its own time are among them, and the refusal of a move offers them too. A move that waits for
    its answer holds its old time, and not the new one."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    before = day_of(await bridge.free(match_id))
    id = (await bridge.booked(match_id, before[2]))["meeting_id"]
    other = (await bridge.booked(match_id, before[8]))["meeting_id"]

    async def shown(**query: Any) -> list[int]:
        answer = await bridge.hanbit.get("/v1/slots", params={"match_id": match_id, "from": before[0], **query})
        found = [item["start"] for item in answer.json()["items"]]
        return [place for place, start in enumerate(before[:12]) if start in found]

    assert await shown() == [0, 4, 5, 6, 10, 11]
    assert await shown(meeting_id=id) == [0, 1, 3, 4, 5, 6, 10, 11]
    await move(bridge.hanbit, id, before[5])
    assert await shown() == [0, 4, 5, 6, 10, 11], "asked for, and held by no one"
    assert (await move(bridge.hanbit, id, before[7])).status_code == 200
    refused = await confirm(bridge.huaqiao, id)
    assert refused.json()["type"].endswith("taken")
    await move(bridge.hanbit, other, before[3])
    refused = await confirm(bridge.huaqiao, other)
    assert [item["start"] for item in refused.json()["slots"]][:2] == [before[4], before[5]]
    await move(bridge.hanbit, id, before[3])
    assert (await confirm(bridge.huaqiao, id)).json()["start"] == before[3]
    assert await shown() == [0, 1, 5, 6, 10, 11]
    stranger = await bridge.hanbit.get("/v1/slots", params={"match_id": match_id, "meeting_id": "another"})
    assert stranger.status_code == 404


async def test_a_move_lapses_and_the_booking_stands(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = day_of(await bridge.free(match_id))
    id = (await bridge.booked(match_id, free[0]))["meeting_id"]
    await move(bridge.hanbit, id, free[1])
    db = matching.service.database.db
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)
    await db.meetings.update_one({"_id": id}, {"$set": {"move.lapses_at": past}})
    assert (await confirm(bridge.huaqiao, id)).json()["type"].endswith("lapsed")
    await db.jobs.update_many({"kind": "lapse"}, {"$set": {"run_at": past}})

    async def forgotten() -> bool:
        return "move" not in (await bridge.hanbit.get(f"/v1/meetings/{id}")).json()

    await eventually(forgotten, "the move forgotten")
    assert await bridge.state("meetings", id) == "booked"
    agenda = await matching.service.database.one(store.AGENDAS, "hanbit/kim-1")
    assert agenda and agenda.requests == [] and list(agenda.booked) == [id]


async def test_busy_times_refuse_a_confirmation_and_make_a_booking_a_conflict(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = day_of(await bridge.free(match_id))
    end = (dt.datetime.fromisoformat(free[0]) + dt.timedelta(minutes=20)).isoformat()
    asked = await bridge.requested(match_id, free[0])
    beside = await bridge.booked(match_id, free[2])
    times = {"busy": [{"start": free[0], "end": end}]}
    assert (await bridge.hanbit.put("/v1/members/wang-1/busy", json=times)).status_code == 404
    assert (await bridge.huaqiao.put("/v1/members/wang-1/busy", json=times)).status_code == 200
    assert free[0] not in await bridge.free(match_id)
    refused = await confirm(bridge.huaqiao, asked["meeting_id"])
    assert refused.status_code == 409 and refused.json()["type"].endswith("busy") and refused.json()["slots"]
    assert await bridge.state("meetings", asked["meeting_id"]) == "requested"
    wider = {"busy": [{"start": free[0], "end": free[3]}]}
    for _ in range(2):
        assert (await bridge.huaqiao.put("/v1/members/wang-1/busy", json=wider)).status_code == 200
    shown = (await bridge.hanbit.get(f"/v1/meetings/{beside['meeting_id']}")).json()
    assert (shown["state"], shown["conflicts"]) == ("booked", ["wang-1"])
    told = [type(e).__name__ for e in await matching.events("meetings", beside["meeting_id"])]
    assert told.count("MeetingConflictDetected") == 1
    assert (await bridge.huaqiao.get("/v1/members/wang-1/busy")).json()["busy"][0]["end"].startswith(free[3][:16])
    backwards = {"busy": [{"start": end, "end": free[0]}]}
    assert (await bridge.huaqiao.put("/v1/members/wang-1/busy", json=backwards)).status_code == 422


async def test_a_confirmation_that_meets_another_ask_books_nothing(matching: Running) -> None:
    """A client repeats its confirmation, and meets a move that was asked for meanwhile."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = day_of(await bridge.free(match_id))
    id = (await bridge.booked(match_id, free[0]))["meeting_id"]
    url = f"/v1/meetings/{id}"
    await move(bridge.hanbit, id, free[3])
    stale = (await bridge.huaqiao.get(url)).headers["ETag"]
    refused = await bridge.huaqiao.post(f"{url}/confirm")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (409, "another-ask")
    assert refused.json()["present"]["venue"] == HALL and refused.json()["present"]["start"][:16] == free[3][:16]
    await move(bridge.hanbit, id, free[5])
    ways: list[dict[str, Any]] = [{"json": {"start": free[3]}}, {"headers": {"If-Match": "*"}}]
    for how in ways:
        assert (await bridge.huaqiao.post(f"{url}/confirm", **how)).json()["present"]["start"][:16] == free[5][:16]
    assert (await bridge.huaqiao.post(f"{url}/confirm", headers={"If-Match": stale})).status_code == 412
    present = (await bridge.huaqiao.get(url)).headers["ETag"]
    done = await bridge.huaqiao.post(f"{url}/confirm", headers={"If-Match": present})
    assert (done.status_code, done.json()["start"], "asked" in done.json()) == (200, free[5], False)
    assert (await bridge.huaqiao.post(f"{url}/confirm", json={"start": free[5], "venue": HALL})).json() == done.json()


async def test_slots_asked_for_in_pieces_or_pages_are_the_whole(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    day = day_of(await bridge.free(match_id))[0][:10]

    async def slots(**query: Any) -> Any:
        return await bridge.hanbit.get("/v1/slots", params={"match_id": match_id, **query})

    async def starts(low: str, high: str) -> list[str]:
        items = (await slots(**{"from": f"{day}T{low}:00Z", "to": f"{day}T{high}:00Z"})).json()["items"]
        return [item["start"] for item in items]

    whole = await starts("00:00", "12:00")
    assert len(whole) == 34
    for cut in ("01:00", "01:30", "01:35", "02:50", "03:00", "05:59", "08:40"):
        assert await starts("00:00", cut) + await starts(cut, "12:00") == whole
    paged: list[str] = []
    cursor = None
    while cursor is not None or not paged:
        body = (await slots(limit=7, **({"cursor": cursor} if cursor else {}))).json()
        paged, cursor = paged + [item["start"] for item in body["items"]], body["next"]
    assert paged == await bridge.free(match_id, limit="500")
    backwards = await slots(**{"from": f"{day}T12:00:00Z", "to": f"{day}T00:00:00Z"})
    assert backwards.status_code == 422 and backwards.json()["errors"][0]["pointer"] == "/query/from"
    assert (await starts("12:00", "12:00")) == []
    other = (await slots(limit=7)).json()["next"]
    assert (await slots(cursor=other, to=f"{day}T12:00:00Z")).status_code == 422
