"""What an organiser may say about the day that is wrong, late or strange: refused clearly, or without effect."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from services.matching.api import day_changes
from services.matching.domain.forum_plans.day_change import moved_to
from services.matching.domain.forum_plans.plan import PlanBook
from services.matching.usecases import change_day
from services.matching.usecases.change_day import Foreseen, foresee
from tests.integration.matching.a_forum import ADDRESS, Shape, another, made, organiser, planned, published, takes_part
from tests.integration.matching.test_plans import booked, changed, claims_are_those_of_bookings
from tests.support.days import FIRST_DAY
from tests.support.services import Running

DAY: dict[str, Any] = {"days": [{"date": FIRST_DAY, "opens": "10:00", "closes": "11:20"}]}
SPAN = {"start": f"{FIRST_DAY}T10:00:00+09:00", "end": f"{FIRST_DAY}T10:20:00+09:00"}
YESTERDAY = {"start": "2026-03-04T10:00:00+09:00", "end": "2026-03-04T10:20:00+09:00"}
FAR = {"start": "9999-12-31T10:00:00Z", "end": "9999-12-31T11:00:00Z"}
LONG_AGO = {"start": "0001-01-01T00:00:00+09:00", "end": "0001-01-01T00:10:00+09:00"}


async def a_day(matching: Running) -> None:
    await made(matching, Shape(side=2), **DAY)
    await planned(matching)
    await published(matching, 1)


async def away(matching: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await organiser(matching).get(f"{ADDRESS}/away")).json()["items"]
    return found


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("type", "").rpartition("/")[2]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"kind": "table", "id": "A-1", **YESTERDAY}, (409, "over")),
        ({"kind": "table", "id": "Z-9", **SPAN}, (404, "not-found")),
        ({"kind": "interpreter", "id": "A-1", **SPAN}, (404, "not-found")),
        ({"kind": "delegate", "id": "rep-kr-1", "profile_id": "kr-0", **SPAN}, (404, "not-found")),
        ({"kind": "delegate", "id": "rep-kr-0", "profile_id": "kr-9", **SPAN}, (404, "not-found")),
        ({"kind": "talk", "id": "T-1", "minutes": 30}, (404, "not-found")),
        ({"kind": "table", "id": "A-1", **SPAN, "end": SPAN["start"]}, (422, "invalid")),
        ({"kind": "table", "id": "A-1", **FAR}, (422, "invalid")),
        ({"kind": "table", "id": "A-1", **LONG_AGO}, (422, "invalid")),
        ({"kind": "table", "id": "A-1", "start": 1, "end": 2}, (422, "invalid")),
        ({"kind": "table", "id": "A-\u0000", **SPAN}, (404, "not-found")),
    ],
    ids=lambda of: of["id"] + of["kind"] if isinstance(of, dict) else of[1],
)
async def test_what_is_not_there_or_is_over_changes_nothing(
    matching: Running, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    await a_day(matching)
    before = await booked(matching)
    answer = await changed(matching, **body)
    assert kind(answer) == expected, answer.text
    assert await booked(matching) == before and await away(matching) == []


async def test_a_table_of_another_forum_and_a_forum_that_is_closed(matching: Running) -> None:
    await a_day(matching)
    tables = [{"id": "X-1", "hall": "A"}]
    await another(matching, [takes_part("forum-2", "kr-0", "org-kr-0", "rep-kr-0")], **DAY, tables=tables)
    assert kind(await changed(matching, kind="table", id="X-1", **SPAN)) == (404, "not-found")
    other = await organiser(matching).post("/v1/forums/forum-2/changes", json={"kind": "table", "id": "X-1", **SPAN})
    assert (other.status_code, other.json()["moved"], other.json()["lost"]) == (200, [], [])
    assert (await organiser(matching).post(f"{ADDRESS}/close")).status_code == 200
    assert kind(await changed(matching, kind="table", id="A-1", **SPAN)) == (409, "forum-closed")


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_sides_do_not_move_their_meeting_to_a_table_that_is_broken(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(PlanBook, "hits", lambda *_: False)
    await a_day(matching)
    one = (await booked(matching))[0]
    broken = {"start": f"{FIRST_DAY}T15:05:00+09:00", "end": f"{FIRST_DAY}T15:40:00+09:00"}
    body = {"kind": "table", "id": one["venue"]["place"], **broken}
    look = (await changed(matching, **body)).json()
    assert (await changed(matching, **body, confirm=look["confirm"])).json()["done"]
    asks, answers = (matching.client(f"org-{side}", sub=f"rep-{side}") for side in one["parties"])
    query = {"match_id": one["match_id"], "meeting_id": one["_id"], "from": broken["start"], "to": broken["end"]}
    assert (await asks.get("/v1/slots", params=query)).json()["items"] == []
    at = {"start": f"{FIRST_DAY}T15:10:00+09:00"}
    assert (await asks.post(f"/v1/meetings/{one['_id']}/reschedule", json=at)).status_code == 200
    answer = await answers.post(f"/v1/meetings/{one['_id']}/confirm", json=at)
    assert kind(answer) == ((409, "taken") if guarded else (200, "")), answer.text
    if guarded:
        assert answer.json()["slots"][0]["start"] == f"{FIRST_DAY}T06:40:00Z"


async def test_a_time_that_is_taken_between_look_and_confirmation_is_another_consequence(
    matching: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_day(matching)
    one = min(await booked(matching), key=lambda one: one["start"])
    span = {edge: one[edge].replace(tzinfo=dt.UTC).isoformat() for edge in ("start", "end")}
    broken = {"kind": "table", "id": one["venue"]["place"], **span}
    look = (await changed(matching, **broken)).json()

    async def foreseen_too_early(*asked: Any) -> Foreseen:
        found = await foresee(*asked)
        meeting, planned = found.found.moved[0]
        ids = moved_to(meeting, planned, found.forum.setup).meeting.claim_ids()
        free = [id for id in ids if await matching.service.database.db.claims.find_one({"_id": id}) is None]
        await matching.service.database.db.claims.insert_one({"_id": free[0], "meeting_id": "another"})
        return found

    monkeypatch.setattr(day_changes, "foresee", foreseen_too_early)
    before = await booked(matching)
    answer = await changed(matching, **broken, confirm=look["confirm"])
    assert kind(answer) == (409, "another-consequence"), answer.text
    assert await booked(matching) == before and await away(matching) == []


async def test_a_delegate_who_was_replaced_is_late_for_the_meetings_that_it_still_has(matching: Running) -> None:
    await a_day(matching)
    one = (await booked(matching))[0]
    side = one["parties"][0]
    mine = {m["_id"] for m in await booked(matching) if side in m["parties"]}
    other = [{"member_id": "other", "attendance": "onsite", "languages": []}]
    await matching.service.database.db.registrations.update_one({"profile_id": side}, {"$set": {"delegates": other}})
    all_day = {"start": f"{FIRST_DAY}T09:00:00+09:00", "end": f"{FIRST_DAY}T19:00:00+09:00"}
    late = {"kind": "delegate", "id": f"rep-{side}", "profile_id": side, **all_day}
    look = (await changed(matching, **late)).json()
    assert {m["meeting_id"] for m in look["moved"] + look["lost"]} == mine
    assert (await changed(matching, **late, confirm=look["confirm"])).json()["done"]
    await claims_are_those_of_bookings(matching)


async def test_who_is_back_is_the_delegate_of_one_profile(matching: Running) -> None:
    """Two organisations may give their members the same pseudonym."""
    await a_day(matching)
    same = [{"member_id": "rep", "attendance": "onsite", "languages": []}]
    two = {"profile_id": {"$in": ["kr-0", "cn-0"]}}
    await matching.service.database.db.registrations.update_many(two, {"$set": {"delegates": same}})
    for profile in ("kr-0", "cn-0"):
        ill = {"kind": "delegate", "id": "rep", "profile_id": profile, **SPAN}
        look = (await changed(matching, **ill)).json()
        assert (await changed(matching, **ill, confirm=look["confirm"])).json()["done"]
    address = f"{ADDRESS}/away/delegate/rep"
    unclear = await organiser(matching).delete(address)
    assert kind(unclear) == (409, "which-profile") and unclear.json()["profile_ids"] == ["cn-0", "kr-0"]
    assert kind(await organiser(matching).delete(address, params={"profile_id": "kr-1"})) == (404, "not-found")
    back = await organiser(matching).delete(address, params={"profile_id": "kr-0"})
    assert [one["profile_id"] for one in back.json()["items"]] == ["cn-0"]
    assert (await organiser(matching).delete(address)).json()["items"] == []


@pytest.mark.parametrize("guarded", [True, False])
async def test_what_is_booked_between_look_and_confirmation_is_another_consequence(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """A plan is published, or an offer accepted, while an organiser confirms that a table is broken."""
    if not guarded:
        monkeypatch.setattr(change_day, "_must_be_all", nothing_else)
    await a_day(matching)
    one = min(await booked(matching), key=lambda one: one["start"])
    span = {edge: one[edge].replace(tzinfo=dt.UTC).isoformat() for edge in ("start", "end")}
    broken = {"kind": "table", "id": one["venue"]["place"], **span}
    db = matching.service.database.db

    async def foreseen_too_early(*asked: Any) -> Foreseen:
        await db.meetings.update_one({"_id": one["_id"]}, {"$set": {"state": "requested"}})
        found = await foresee(*asked)
        await db.meetings.update_one({"_id": one["_id"]}, {"$set": {"state": "booked"}})
        return found

    monkeypatch.setattr(day_changes, "foresee", foreseen_too_early)
    look = (await changed(matching, **broken)).json()
    assert (look["moved"], look["lost"]) == ([], [])
    answer = await changed(matching, **broken, confirm=look["confirm"])
    assert kind(answer) == ((409, "another-consequence") if guarded else (200, "")), answer.text
    monkeypatch.setattr(day_changes, "foresee", foresee)
    again = (await changed(matching, **broken)).json()
    assert [m["meeting_id"] for m in again["moved"] + again["lost"]] == [one["_id"]]
    assert (await changed(matching, **broken, confirm=again["confirm"])).json()["done"]


async def nothing_else(*_: object) -> None:
    pass


async def test_the_same_twice_and_one_after_the_other_tells_everybody_once_for_each(matching: Running) -> None:
    """A table breaks, the same is sent again with the same and with a new look, and then its delegates are late."""
    await a_day(matching)
    first = min(await booked(matching), key=lambda one: one["start"])
    span = {edge: first[edge].replace(tzinfo=dt.UTC).isoformat() for edge in ("start", "end")}
    broken = {"kind": "table", "id": first["venue"]["place"], **span}
    look = (await changed(matching, **broken)).json()
    assert (await changed(matching, **broken, confirm=look["confirm"])).status_code == 200
    assert kind(await changed(matching, **broken, confirm=look["confirm"])) == (409, "another-consequence")
    again = (await changed(matching, **broken)).json()
    assert (again["moved"], again["lost"]) == ([], [])
    for _ in range(2):
        assert (await changed(matching, **broken, confirm=again["confirm"])).json()["done"]
    assert [one["id"] for one in await away(matching)] == [broken["id"]]
    for side in ("kr-0", "kr-1"):
        late = {"kind": "delegate", "id": f"rep-{side}", "profile_id": side, **span}
        look = (await changed(matching, **late)).json()
        assert (await changed(matching, **late, confirm=look["confirm"])).json()["done"]
    assert all(one["start"] != first["start"] for one in await booked(matching))
    told = [(e.event_type, e.meeting_id, e.start, str(e.venue)) for e in await matching.events("meetings")]
    assert len(told) == len(set(told)), "no one is told the same twice"
    await claims_are_those_of_bookings(matching)
