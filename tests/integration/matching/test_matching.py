"""From two published profiles to a meeting, and every way out."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from services.chassis.model.ids import derived_id, keyed_id
from services.chassis.mongo.clock import Clock
from services.matching import store
from services.matching.domain.calendar import LENGTH, starts
from services.matching.domain.claim import slots
from services.matching.job_kinds import DeadlineJob
from tests.integration.matching.bridge import HALL, Bridge
from tests.support.answers import told
from tests.support.contract import ERASED, chinese_profile, korean_profile, withdrawn
from tests.support.services import Running
from tests.support.waiting import eventually


async def test_two_firms_find_each_other_agree_and_book(matching: Running) -> None:
    """Korean and Chinese texts that are no translations of each other meet; each step tells one event."""
    bridge = Bridge(matching)
    match = await bridge.proposed()
    assert match["parties"] == ["p-cn", "p-kr"] and match["state"] == "proposed"
    langs = {e["need"]["text"]["lang"] + e["offer"]["text"]["lang"] for e in match["evidence"]}
    assert langs == {"kozh", "zhko"} and 0 < match["score"] <= 1
    match_id = match["match_id"]
    assert (await bridge.hanbit.post(f"/v1/matches/{match_id}/accept")).json()["state"] == "accepted"
    assert (await bridge.hanbit.post(f"/v1/matches/{match_id}/accept")).json()["state"] == "accepted"
    assert (await bridge.huaqiao.post(f"/v1/matches/{match_id}/accept")).json()["state"] == "agreed"
    start = (await bridge.free(match_id))[3]
    meeting = await bridge.requested(match_id, start)
    again = await bridge.hanbit.post("/v1/meetings", json={"match_id": match_id, "start": start, "venue": HALL})
    assert (again.status_code, again.json()["meeting_id"]) == (200, meeting["meeting_id"])
    assert await bridge.claims() == 0
    url = f"/v1/meetings/{meeting['meeting_id']}"
    assert (await bridge.hanbit.post(f"{url}/confirm")).json()["type"].endswith("own-request")
    booked = (await bridge.huaqiao.post(f"{url}/confirm")).json()
    assert booked["state"] == "booked" and booked["members"] == ["kim-1", "wang-1"]
    assert (await bridge.huaqiao.post(f"{url}/confirm")).json() == booked
    assert await bridge.claims() == 4
    told = await matching.events("matches")
    assert [type(e).__name__ for e in told] == ["MatchProposed", "MatchAccepted", "MatchAgreed"]
    assert all("text" not in e.need.model_dump() for e in told[0].evidence)
    assert [type(e).__name__ for e in await matching.events("meetings")] == ["MeetingRequested", "MeetingBooked"]
    records = await matching.records("matches")
    assert [int(dict(r.headers)["ce_sequence"]) for r in records] == [1, 2, 3]
    assert not any("라이다".encode() in (r.value or b"") for r in records)


async def test_a_taken_slot_is_409_with_the_next_free_ones(matching: Running) -> None:
    """A request holds nothing: two may want the same hour, one gets it, the other hears of others and stays open."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = await bridge.free(match_id)
    other_time = await bridge.requested(match_id, free[1])
    booked = await bridge.booked(match_id, free[0])
    answer = await bridge.huaqiao.post(f"/v1/meetings/{other_time['meeting_id']}/confirm")
    problem = answer.json()
    assert answer.status_code == 409 and problem["type"].endswith("/taken")
    assert problem["slots"][0]["start"] == free[2] and len(problem["slots"]) == 5
    assert await bridge.state("meetings", other_time["meeting_id"]) == "requested"
    assert free[0] not in await bridge.free(match_id) and free[1] not in await bridge.free(match_id)
    assert (await bridge.hanbit.post(f"/v1/meetings/{booked['meeting_id']}/cancel")).json()["state"] == "cancelled"
    assert await bridge.claims() == 0
    assert (await bridge.huaqiao.post(f"/v1/meetings/{other_time['meeting_id']}/confirm")).status_code == 200


async def test_a_withdrawn_profile_takes_its_matches_and_meetings_with_it(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    free = await bridge.free(match_id)
    booked = await bridge.booked(match_id, free[0])
    await bridge.publish(withdrawn(korean_profile("p-kr")), key="p-kr", sequence=2)

    async def ended() -> bool:
        return await bridge.state("matches", match_id) == "withdrawn"

    await eventually(ended, "the match withdrawn")
    assert await bridge.state("meetings", booked["meeting_id"]) == "cancelled" and await bridge.claims() == 0
    late = await bridge.huaqiao.post("/v1/meetings", json={"match_id": match_id, "start": free[9], "venue": HALL})
    assert late.status_code == 409
    assert [e.reason for e in (await matching.events("matches"))[-1:]] == ["profile_withdrawn"]
    await bridge.publish(korean_profile("p-kr"), key="p-kr", sequence=3)

    async def proposed_anew() -> bool:
        found = (await bridge.hanbit.get("/v1/matches", params={"profile_id": "p-kr", "state": "proposed"})).json()
        return len(found["items"]) == 1 and found["items"][0]["match_id"] != match_id

    await eventually(proposed_anew, "published again: a new match")


async def test_an_erased_profile_leaves_only_its_sequence(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    await bridge.publish(ERASED, key="p-kr", sequence=2)

    async def gone() -> bool:
        return bool((await bridge.huaqiao.get(f"/v1/matches/{match_id}")).json()["state"] == "withdrawn")

    await eventually(gone, "the match withdrawn")
    assert (await bridge.hanbit.get("/v1/matches", params={"profile_id": "p-kr"})).status_code == 404
    await bridge.publish(korean_profile("p-kr"), key="p-kr", sequence=1)
    await bridge.publish(chinese_profile("p-cn"), key="p-cn", sequence=2)
    await matching.drained()
    db = matching.service.database.db
    row = await db.profiles.find_one({"_id": "p-kr"})
    assert row and (row["state"], row["sequence"], row["offers"]) == ("erased", 2, [])
    assert await db.indexed.count_documents({"_id": "p-kr", "gone": {"$ne": True}}) == 0


async def test_a_declined_pair_rests(matching: Running) -> None:
    bridge = Bridge(matching)
    match = await bridge.proposed()
    url = f"/v1/matches/{match['match_id']}"
    declined = await bridge.huaqiao.post(f"{url}/decline", json={"reason": "competitor"})
    assert declined.json()["state"] == "declined" and "competitor" not in declined.text
    assert (await bridge.huaqiao.post(f"{url}/decline")).status_code == 200
    accepted = await bridge.hanbit.post(f"{url}/accept")
    assert accepted.status_code == 409 and accepted.json()["state"] == "declined"
    await bridge.publish(korean_profile("p-kr", languages=["ko"]), key="p-kr", sequence=2)
    await bridge.publish(chinese_profile("p-cn3", owner="third"), key="p-cn3")

    async def third_proposed() -> bool:
        found = (await bridge.hanbit.get("/v1/matches", params={"profile_id": "p-kr", "state": "proposed"})).json()
        return [m["parties"] for m in found["items"]] == [["p-cn3", "p-kr"]]

    await eventually(third_proposed, "another partner, not the declined one")
    assert not any(b"competitor" in (r.value or b"") for r in await matching.records("matches"))


async def test_a_request_lapses_by_its_job_and_by_the_clock(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    meeting = await bridge.requested(match_id, (await bridge.free(match_id))[0])
    db, id = matching.service.database.db, meeting["meeting_id"]
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)
    await db.meetings.update_one({"_id": id}, {"$set": {"lapses_at": past}})
    late = await bridge.huaqiao.post(f"/v1/meetings/{id}/confirm")
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "lapsed")
    await db.jobs.update_many({"kind": "lapse"}, {"$set": {"run_at": past}})

    async def lapsed() -> bool:
        return await bridge.state("meetings", id) == "expired"

    await eventually(lapsed, "the job has run")
    assert [(e.state, e.reason) for e in await matching.events("meetings")][-1] == ("expired", "lapsed")


async def test_who_may_not_learns_nothing(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = (await bridge.proposed())["match_id"]
    organiser = matching.client("kic", role="organiser")
    assert (await organiser.get(f"/v1/matches/{match_id}")).status_code == 200
    for id in (match_id, "nothing"):
        assert (await organiser.post(f"/v1/matches/{id}/accept")).status_code == 403
    assert (await matching.client(None).get(f"/v1/matches/{match_id}")).status_code == 401


class Behind(Clock):
    """A replica's copy of mongod's clock that is three seconds behind."""

    def now_us(self) -> int:
        return super().now_us() - 3_000_000


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_job_is_not_lost_to_a_clock_that_is_behind(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """mongod says that the time has come. By the replica's own copy it has not; the job has one run."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    id = (await bridge.requested(match_id, (await bridge.free(match_id))[0]))["meeting_id"]
    if not guarded:
        monkeypatch.setattr(DeadlineJob, "due", lambda self, now: now)
    matching.service.database.clock.__class__ = Behind
    db = matching.service.database.db
    now = (await db.client.admin.command("hello"))["localTime"]
    await db.meetings.update_one({"_id": id}, {"$set": {"lapses_at": now}})
    await db.jobs.update_many({"kind": "lapse"}, {"$set": {"run_at": now, "payload.at": now}})

    async def has_run() -> bool:
        return await db.jobs.find_one({"kind": "lapse"}) is None

    await eventually(has_run, "the job has run")
    assert await bridge.state("meetings", id) == ("expired" if guarded else "requested")


async def test_not_yours_and_not_there_are_one_answer(matching: Running) -> None:
    """Status, headers and text, on every route that names something."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    start = (await bridge.free(match_id))[0]
    meeting_id = (await bridge.booked(match_id, start))["meeting_id"]
    stranger = matching.client("stranger", sub="eve-1")
    at = {"start": start, "venue": HALL}

    def asked(profile: str, match: str, meeting: str, member: str) -> list[tuple[str, str, Any]]:
        return [
            ("GET", f"/v1/matches?profile_id={profile}", None),
            ("GET", f"/v1/meetings?profile_id={profile}", None),
            ("GET", f"/v1/profiles/{profile}/exclusions", None),
            ("PUT", f"/v1/profiles/{profile}/exclusions", {}),
            ("POST", "/v1/matches", {"profile_id": profile, "partner_id": "p-cn"}),
            ("GET", f"/v1/matches/{match}", None),
            ("POST", f"/v1/matches/{match}/accept", None),
            ("POST", f"/v1/matches/{match}/decline", None),
            ("GET", f"/v1/slots?match_id={match}", None),
            ("POST", "/v1/meetings", {"match_id": match, **at}),
            ("GET", f"/v1/meetings/{meeting}", None),
            ("POST", f"/v1/meetings/{meeting}/confirm", None),
            ("POST", f"/v1/meetings/{meeting}/reschedule", at),
            ("POST", f"/v1/meetings/{meeting}/cancel", None),
            ("GET", f"/v1/members/{member}/busy", None),
            ("PUT", f"/v1/members/{member}/busy", {"busy": []}),
        ]

    there, not_there = asked("p-kr", match_id, meeting_id, "kim-1"), asked("p-no", "m-no", "t-no", "no-1")
    for (method, path, body), (_, other_path, other_body) in zip(there, not_there, strict=True):
        found = await stranger.request(method, path, json=body)
        other = await stranger.request(method, other_path, json=other_body)
        assert found.status_code == 404, (method, path, found.text)
        assert told(found) == told(other), path


async def test_ids_cannot_be_computed_from_what_is_public(matching: Running) -> None:
    """Of what a subscriber reads: ids and types of events, correlation, keys of profiles."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    meeting_id = (await bridge.requested(match_id, (await bridge.free(match_id))[0]))["meeting_id"]
    records = [r for topic in ("profiles", "matches", "meetings") for r in await matching.records(topic)]
    causes = {value.decode() for record in records for _, value in record.headers if value}
    causes |= {derived_id(cause, *names) for cause in causes for names in (("propose",), ("embed",), ("match",))}
    guesses = {derived_id(cause, "match", "p-cn|p-kr") for cause in causes}
    guesses |= {keyed_id(b"", cause, "match", "p-cn|p-kr") for cause in causes}
    assert len(guesses) > 20 and match_id not in guesses and meeting_id not in guesses
    assert uuid.UUID(match_id).version == uuid.UUID(meeting_id).version == 8


async def test_bad_requests_for_a_meeting_name_their_field(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    start = (await bridge.free(match_id))[0]
    good = {"match_id": match_id, "start": start, "venue": HALL}
    off_grid = (dt.datetime.fromisoformat(start) + dt.timedelta(minutes=5)).isoformat()
    for change, pointer in (
        ({"start": off_grid}, "/start"),
        ({"start": "2020-01-01T10:00:00+09:00"}, "/start"),
        ({"start": 1800000000}, "/start"),
        ({"start": "2026-12-01T10:00:00"}, "/start"),
        ({"venue": {"kind": "onsite", "place": "문의 010-1234-5678"}}, "/venue/place"),
        ({"venue": {"kind": "online", "url": "http://meet.example/x"}}, "/venue"),
        ({"venue": {"kind": "online", "url": "https://u:p@meet.example/x"}}, "/venue/url"),
        ({"colour": "blue"}, "/colour"),
    ):
        answer = await bridge.hanbit.post("/v1/meetings", json=good | change)
        assert answer.status_code == 422, change
        assert [e["pointer"] for e in answer.json()["errors"]] == [pointer]
    space = await bridge.hanbit.get(f"/v1/slots?match_id={match_id}&from=2026-12-01T10:00:00+09:00")
    assert space.status_code == 422 and "%2B" in space.text and "/query/from" in space.text


async def test_the_list_shows_what_a_request_may_book(matching: Running) -> None:
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    shown = [dt.datetime.fromisoformat(s) for s in await bridge.free(match_id, limit="500")]
    now = matching.service.database.now()
    expected = [at for at in starts(now, now + dt.timedelta(days=14)) if at > now]
    assert shown == expected[: len(shown)] and len(shown) > 100
    item = (await bridge.hanbit.get("/v1/slots", params={"match_id": match_id})).json()["items"][0]
    assert item["local"]["KR"].endswith("+09:00") and item["local"]["CN"].endswith("+08:00")
    assert len(list(slots(shown[0], shown[0] + LENGTH))) == 2


async def test_a_rewind_changes_nothing(matching: Running) -> None:
    """Cursors emptied, the whole topic read again by a new start of the consumer: no event, no job, no row moves."""
    bridge = Bridge(matching)
    match_id = await bridge.agreed()
    await bridge.booked(match_id, (await bridge.free(match_id))[0])
    await matching.drained()
    database = matching.service.database

    async def state() -> dict[str, list[Any]]:
        names = [c.name for c in store.ALL] + ["jobs"]
        found: dict[str, list[Any]] = {
            n: await database.db[n].find({"marker": {"$exists": False}}).sort("_id", 1).to_list(None) for n in names
        }
        found["records"] = [len(await matching.records(topic)) for topic in ("matches", "meetings")]
        return found

    before = await state()
    assert matching.service.listening
    consumer = matching.service.listening.consumer
    await database.db.cursors.delete_many({})
    consumer._guards.clear()
    kafka = consumer._kafka()
    assert kafka
    await kafka.seek_to_beginning()

    async def read_again() -> bool:
        return await database.db.cursors.count_documents({}) >= 1

    await eventually(read_again, "the topic read again")
    await matching.drained()
    assert await state() == before
