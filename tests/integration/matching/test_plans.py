"""Plans of forums: drafted by jobs, compared, locked in part, published by the claims of any booking."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import Counter
from typing import Any

import pytest

from schemas.profiles import ProfileErased
from services.chassis.commit import Claimed, UnitOfWork
from services.chassis.model.events import Cause
from services.matching import store
from services.matching.domain.calendar import LENGTH
from services.matching.domain.forum_plans.plan import PlannedMeeting
from services.matching.domain.forums.registration import Targets
from services.matching.job_kinds import PlanJob
from services.matching.usecases import publish_plan
from services.matching.usecases.publish_plan import Batch, PublishPlan
from tests.integration.matching.a_forum import (
    ADDRESS,
    FORUM,
    LINK,
    Shape,
    made,
    meetings_of,
    organiser,
    planned,
    published,
)
from tests.integration.matching.bridge import Bridge
from tests.support.days import FIRST_DAY
from tests.support.forums import forum_body
from tests.support.services import Running
from tests.support.waiting import eventually

ONE_DAY: list[dict[str, Any]] = [{"date": FIRST_DAY, "opens": "09:00", "closes": "11:00"}]


async def booked(matching: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await matching.service.database.db.meetings.find({"state": "booked"}).to_list(None)
    return found


async def claims_are_those_of_bookings(matching: Running) -> None:
    database = matching.service.database
    meetings = [m for m in await database.find(store.MEETINGS, {}) if m.state == "booked"]
    needed = Counter(id for meeting in meetings for id in meeting.claim_ids())
    assert set(needed.values()) <= {1}, "two meetings share something"
    assert {claim.id for claim in await database.find(store.CLAIMS, {})} == set(needed)


async def test_a_draft_is_made_compared_locked_and_made_again(matching: Running) -> None:
    await made(matching, Shape(side=3, musts=(("kr-0", "cn-2"),), targets=Targets(minimum=1, maximum=3)))
    kic = organiser(matching)
    first = await planned(matching, seed=7)
    assert (first["number"], first["pairs"], first["placed"]) == (1, 9, 9)
    report = first["report"]
    assert (report["scheduled"], report["bound"], report["is_best"], report["musts_missed"]) == (9, 9, True, 0)
    meetings = await meetings_of(matching, 1)
    assert len(meetings) == 9 and all(one["interpreter"] and one["place"] for one in meetings)
    again = await planned(matching, seed=7)
    strip = [{k: v for k, v in one.items() if k != "locked"} for one in await meetings_of(matching, again["number"])]
    assert strip == [{k: v for k, v in one.items() if k != "locked"} for one in meetings], "one seed, one plan"
    same = (await kic.get(f"{ADDRESS}/plans/2/changes", params={"since": 1})).json()
    assert same == {"added": [], "removed": [], "moved": [], "same": 9}
    # One of them is away in the morning: the others move round that.
    away = {"busy": [{"start": f"{FIRST_DAY}T09:00:00+09:00", "end": f"{FIRST_DAY}T12:00:00+09:00"}]}
    member = matching.client("org-kr-0", sub="rep-kr-0")
    assert (await member.put("/v1/members/rep-kr-0/busy", json=away)).status_code == 200
    await planned(matching, seed=7)
    changes = (await kic.get(f"{ADDRESS}/plans/3/changes", params={"since": 1})).json()
    moved = next(one["before"] for one in changes["moved"] if "kr-0" not in one["before"]["sides"])
    lock = {"match_id": moved["match_id"], "locked": True}
    assert (await kic.post(f"{ADDRESS}/plans/1/locks", json=lock)).json() == {"locked": [moved["match_id"]]}
    assert (await planned(matching, seed=7))["placed"] == 9
    kept = {one["match_id"]: one for one in await meetings_of(matching, 4)}
    assert kept[moved["match_id"]] == moved | {"locked": True}
    listed = (await kic.get(f"{ADDRESS}/plans")).json()
    assert [plan["number"] for plan in listed["items"]] == [1, 2, 3, 4] and "published" not in listed


async def test_what_is_left_out_has_its_cause_and_help_was_tried(matching: Running) -> None:
    """Two hours, two interpreters, of which one only in the morning of another day: 16 pairs do not all fit."""
    one = [{"id": "kim-1", "pairs": [["ko", "zh"]], "max_in_row": 3}]
    await made(matching, Shape(side=4), days=ONE_DAY, interpreters=one)
    found = await planned(matching)
    report = found["report"]
    assert report["scheduled"] == 3 == report["bound"] and report["bound_by"] == "interpreters"
    assert report["causes"] == {"interpreters_full": 13}
    assert report["helps"][0]["kind"] == "interpreter" and report["helps"][0]["more"] == 3
    in_korean = (await organiser(matching).get(f"{ADDRESS}/plans/1", params={"lang": "ko"})).json()
    assert "통역이 한 명 더" in in_korean["report"]["helps"][0]["sentence"]
    left = (await organiser(matching).get(f"{ADDRESS}/plans/1/left-out", params={"lang": "zh"})).json()["items"]
    assert len(left) == 13 and "译员" in left[0]["sentence"]


async def test_publishing_books_by_claims_says_the_plan_and_keeps_live_bookings(matching: Running) -> None:
    await made(matching, Shape(side=3, remote=frozenset({"cn-0", "kr-0"})))
    await planned(matching)
    meetings = {one["match_id"]: one for one in await meetings_of(matching, 1)}
    # Somebody has become busy meanwhile.
    gone = meetings["m-kr-1-cn-1"]
    at = dt.datetime.fromisoformat(gone["start"])
    busy = {"busy": [{"start": gone["start"], "end": (at + LENGTH).isoformat()}]}
    member = matching.client("org-kr-1", sub="rep-kr-1")
    assert (await member.put("/v1/members/rep-kr-1/busy", json=busy)).status_code == 200
    found = await published(matching, 1)
    assert (found["booked"], found["refused"]) == (8, {"m-kr-1-cn-1": "busy"})
    bookings = {one["match_id"]: one for one in await booked(matching)}
    assert set(bookings) == set(meetings) - {"m-kr-1-cn-1"}
    assert all(one["forum_id"] == FORUM and one["plan"] == 1 for one in bookings.values())
    kinds = Counter((one["venue"]["kind"], one["venue"].get("url") is not None) for one in bookings.values())
    assert kinds == {("onsite", False): 3, ("onsite", True): 4, ("online", True): 1}
    await claims_are_those_of_bookings(matching)
    parts = [e for e in await matching.events("forums") if e.event_type == "magpie.forum.scheduled"]
    assert {m.meeting_id for part in parts for m in part.meetings} == {one["_id"] for one in bookings.values()}
    assert all(part.plan == 1 for part in parts) and {part.hall for part in parts} >= {"A", None}
    told = [e for e in await matching.events("meetings") if e.state == "booked"]
    assert {(e.forum_id, e.plan) for e in told} == {(FORUM, 1)} and len(told) == 8
    # The next plan keeps what is booked, and places the rest.
    second = await planned(matching, seed=5)
    kept = {one["match_id"]: one for one in await meetings_of(matching, second["number"])}
    assert all(kept[id]["start"] == one["start"] for id, one in meetings.items() if id != "m-kr-1-cn-1")
    found = await published(matching, second["number"])
    assert found["booked"] == 9 and len(await booked(matching)) == 9
    await claims_are_those_of_bookings(matching)


async def test_a_plan_without_a_meeting_is_published_too(matching: Running) -> None:
    """Its only batch is empty, and ends as any other: the next plan need not wait."""
    await made(matching, Shape(side=1), interpreters=[])
    assert (await planned(matching))["placed"] == 0
    assert (await published(matching, 1))["booked"] == 0
    assert (await planned(matching))["number"] == 2


async def test_cancelling_frees_table_and_interpreter(matching: Running) -> None:
    await made(matching, Shape(side=1))
    await planned(matching)
    await published(matching, 1)
    (meeting,) = await booked(matching)
    assert len({id.split("/")[0] for id in [c.id for c in await matching.service.database.find(store.CLAIMS, {})]}) == 3
    member = matching.client("org-kr-0", sub="rep-kr-0")
    assert (await member.post(f"/v1/meetings/{meeting['_id']}/cancel")).status_code == 200
    assert await matching.service.database.find(store.CLAIMS, {}) == []


async def test_what_cannot_be_published_is_refused_with_what_to_do(matching: Running) -> None:
    await made(matching, Shape(side=2, remote=frozenset({"cn-0"})))
    await planned(matching)
    kic, address = organiser(matching), f"{ADDRESS}/plans/1"
    without = await kic.post(f"{address}/publish", json={})
    assert without.status_code == 422 and "{id}" in without.text
    assert (await kic.post(f"{ADDRESS}/plans/9/publish", json=LINK)).status_code == 404
    assert (await matching.client("org-kr-0").post(f"{address}/publish", json=LINK)).status_code == 403
    assert (await matching.client("org-kr-0").get(address)).status_code == 403
    await published(matching, 1)
    again = await kic.post(f"{address}/publish", json=LINK)
    assert again.status_code == 409 and again.json()["type"].endswith("not-a-draft")


async def test_progress_is_streamed_until_the_draft(matching: Running) -> None:
    await made(matching, Shape(side=2))
    answer = await organiser(matching).post(f"{ADDRESS}/schedule")
    async with asyncio.timeout(60):
        stream = await organiser(matching).get(f"{answer.headers['location']}/progress")
    states = [json.loads(line[6:])["state"] for line in stream.text.splitlines() if line.startswith("data: ")]
    assert states[-1] == "draft" and states == sorted(states, key=["placing", "proving", "draft"].index)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_batch_that_is_done_again_books_nothing_twice(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """As after a kill: each batch is decided, thrown away before its commit, and decided again by another process; and
    one whose commit was not heard of comes once more."""
    monkeypatch.setattr(publish_plan, "BATCH", 2)
    if not guarded:
        monkeypatch.setattr(publish_plan, "is_next", lambda progress, step: True)
    tries, book = Counter[str](), publish_plan.book_planned

    async def failing(uow: UnitOfWork, batch: Batch, planned: PlannedMeeting, link: str | None) -> str | None:
        reason = await book(uow, batch, planned, link)
        tries[planned.match_id] += 1
        if tries[planned.match_id] == 1 and planned == batch.meetings[-1]:
            raise RuntimeError("killed before its commit")
        return reason

    monkeypatch.setattr(publish_plan, "book_planned", failing)
    await made(matching, Shape(side=2))
    await planned(matching)
    found = await published(matching, 1)
    assert len(await booked(matching)) == 4 and min(tries.values()) >= 2, "each batch was decided twice"
    await claims_are_those_of_bookings(matching)
    # A batch comes again, whose end was not heard of.
    again = PlanJob(forum_id=FORUM, number=1, step=2)
    job = Claimed(id="again", kind="plan_book", token="", tries=1, payload=again, cause=Cause.of_a_person())
    publish = PublishPlan(matching.service.database)
    batch = await publish.read(job)
    await matching.service.commands.run(lambda uow: publish.book(uow, job, batch))
    progress = await matching.service.database.one(store.PUBLICATIONS, f"{FORUM}/0001")
    assert progress is not None and found["booked"] == 4
    assert (progress.booked == 4) is guarded
    assert len(await booked(matching)) == 4


async def test_who_would_have_met_for_an_erased_profile_is_forgotten(matching: Running) -> None:
    await made(matching, Shape(side=2))
    await planned(matching)
    lock = {"match_id": "m-kr-0-cn-0", "locked": True}
    assert (await organiser(matching).post(f"{ADDRESS}/plans/1/locks", json=lock)).status_code == 200
    away = {"kind": "delegate", "id": "rep-kr-0", "profile_id": "kr-0"}
    away |= {"start": f"{FIRST_DAY}T08:00:00+09:00", "end": f"{FIRST_DAY}T08:30:00+09:00"}
    look = (await changed(matching, **away)).json()
    assert (await changed(matching, **away, confirm=look["confirm"])).status_code == 200
    assert (await organiser(matching).get(f"{ADDRESS}/away")).json()["items"]
    await Bridge(matching).publish(ProfileErased(), key="kr-0", sequence=2)
    database = matching.service.database

    async def forgotten() -> bool:
        plan, book = await database.one(store.FORUM_PLANS, f"{FORUM}/0001"), await database.one(store.PLAN_BOOKS, FORUM)
        work = await database.one(store.PLAN_WORKS, f"{FORUM}/0001")
        return "rep-kr-0" not in f"{plan} {book} {work}"

    await eventually(forgotten, "the plan has forgotten them")
    plan = await database.one(store.FORUM_PLANS, f"{FORUM}/0001")
    assert plan is not None and len(plan.meetings) == 4 and sum(bool(one.sides) for one in plan.meetings) == 2
    found = await published(matching, 1)
    assert found["booked"] == 2 and set(found["refused"].values()) == {"withdrawn"}


async def changed(matching: Running, **body: Any) -> Any:
    return await organiser(matching).post(f"{ADDRESS}/changes", json=body)


def times_of(meetings: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    return {one["match_id"]: (one["start"], one["venue"]["place"], tuple(one["resources"])) for one in meetings}


async def test_an_ill_interpreter_moves_only_those_who_need_one_and_after_a_look(matching: Running) -> None:
    """Nine meetings with two interpreters in the first morning; one falls ill."""
    await made(matching, Shape(side=3))
    await planned(matching)
    await published(matching, 1)
    before = await booked(matching)
    ill = {
        "kind": "interpreter",
        "id": "wang-1",
        "start": f"{FIRST_DAY}T08:05:00+09:00",
        "end": f"{FIRST_DAY}T12:00:00+09:00",
    }
    hit = {one["match_id"] for one in before if any("wang-1" in key for key in one["resources"])}
    assert hit, "the second interpreter has meetings"
    look = (await changed(matching, **ill)).json()
    assert {one["match_id"] for one in (*look["moved"], *look["lost"])} == hit and not look["done"]
    assert look["stay"] == 9 - len(hit) and look["lost"] == []
    assert times_of(await booked(matching)) == times_of(before), "a look changes nothing"
    other = await changed(matching, **ill, confirm="0" * 16)
    assert other.status_code == 409 and other.json()["type"].endswith("another-consequence")
    done = await changed(matching, **ill, confirm=look["confirm"])
    assert done.status_code == 200 and done.json()["done"]
    after = await booked(matching)
    assert {id for id, at in times_of(after).items() if at != times_of(before)[id]} == hit
    assert not any("wang-1" in key for one in after for key in one["resources"])
    assert {one["_id"]: one["ical_sequence"] for one in after} == {
        one["_id"]: int(one["match_id"] in hit) for one in before
    }
    await claims_are_those_of_bookings(matching)
    again = await changed(matching, **ill, confirm=look["confirm"])
    assert again.status_code == 409, "it was done, and nothing is left to do"


async def test_a_late_delegate_and_a_broken_table(matching: Running) -> None:
    await made(matching, Shape(side=2), days=ONE_DAY)
    await planned(matching)
    await published(matching, 1)
    span = {"start": f"{FIRST_DAY}T09:00:00+09:00", "end": f"{FIRST_DAY}T11:00:00+09:00"}
    table = (await booked(matching))[0]["venue"]["place"]
    look = (await changed(matching, kind="table", id=table, **span)).json()
    assert look["moved"] and look["lost"] == [] and all(one["place"] != table for one in look["moved"])
    assert (await changed(matching, kind="table", id=table, **span, confirm=look["confirm"])).status_code == 200
    assert all(one["venue"]["place"] != table for one in await booked(matching))
    late = {"kind": "delegate", "id": "rep-kr-0", "profile_id": "kr-0", **span}
    look = (await changed(matching, **late)).json()
    assert len(look["lost"]) == 2 and look["moved"] == [], "all day is too late for any of theirs"
    assert (await changed(matching, **late, confirm=look["confirm"])).status_code == 200
    assert len(await booked(matching)) == 2
    await claims_are_those_of_bookings(matching)
    assert (await changed(matching, kind="table", id="Z-9", **span)).status_code == 404
    assert (await changed(matching, kind="delegate", id="x", **span)).status_code == 422


async def test_a_speaker_who_overruns_is_a_call_of_its_own(matching: Running) -> None:
    """The talk ends at 09:30 and takes half an hour more: what its speaker has then moves, what others have stays."""
    await made(matching, Shape(side=3), days=ONE_DAY)
    talk = {"id": "T-1", "start": f"{FIRST_DAY}T08:30:00+09:00", "end": f"{FIRST_DAY}T09:30:00+09:00"}
    body = forum_body(days=ONE_DAY, talks=[talk | {"speakers": [{"profile_id": "kr-0"}]}])
    forum = await organiser(matching).get(ADDRESS)
    headers = {"If-Match": forum.headers["etag"]}
    assert (await organiser(matching).put(ADDRESS, json=body, headers=headers)).status_code == 200
    await planned(matching)
    await published(matching, 1)
    before = times_of(await booked(matching))
    first = dt.datetime.fromisoformat(f"{FIRST_DAY}T00:30:00+00:00")
    hit = {id for id, (start, *_) in before.items() if "kr-0" in id and start.replace(tzinfo=dt.UTC) == first}
    assert hit, "the speaker meets somebody right after its talk"
    overrun = {"kind": "talk", "id": "T-1", "minutes": 30}
    look = (await changed(matching, **overrun)).json()
    assert {one["match_id"] for one in (*look["moved"], *look["lost"])} == hit
    assert times_of(await booked(matching)) == before, "a look changes nothing"
    done = await changed(matching, **overrun, confirm=look["confirm"])
    assert done.status_code == 200 and done.json()["done"]
    after = times_of(await booked(matching))
    assert {id for id, at in before.items() if after.get(id) != at} == hit
    told = [e for e in await matching.events("meetings") if e.event_type.endswith(("rescheduled", "cancelled"))]
    assert Counter(e.match_id for e in told) == dict.fromkeys(hit, 1), "told once"
    await claims_are_those_of_bookings(matching)
    # The plan to come keeps off the speaker, too, as long as the talk lasts.
    await planned(matching)
    times = [one["start"] for one in await meetings_of(matching, 2) if "kr-0" in one["sides"]]
    assert first not in [dt.datetime.fromisoformat(at) for at in times]
    assert (await changed(matching, kind="talk", id="T-9", minutes=5)).status_code == 404
    both: dict[str, Any] = {"minutes": 5, "start": talk["start"], "end": talk["end"]}
    for wrong in ({}, {"minutes": 0}, {"minutes": 5, "profile_id": "kr-0"}, both):
        assert (await changed(matching, kind="talk", id="T-1", **wrong)).status_code == 422
