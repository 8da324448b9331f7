"""Times of a forum that a move frees, and those for which no pair was found at first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from services.matching.domain.forums.registration import Targets
from services.matching.domain.forums.setup import ForumSetup
from services.matching.usecases import busy_times, forums, import_file, registrations, save_match, save_meeting
from tests.integration.matching.a_forum import ADDRESS, Shape, made, organiser, planned, published
from tests.integration.matching.test_offers import AT_ONCE, act, meeting, opening_in, openings
from tests.integration.matching.test_plans import booked, changed, claims_are_those_of_bookings
from tests.support.days import EVE, FIRST_DAY
from tests.support.forums import forum_body
from tests.support.services import Running
from tests.support.waiting import eventually

AN_HOUR: dict[str, Any] = {
    "days": [{"date": FIRST_DAY, "opens": "11:00", "closes": "11:20"}],
    "interpreters": [{"id": "kim-1", "pairs": [["ko", "zh"]]}],
    "offers": AT_ONCE,
}
"""One slot with one interpreter, so one meeting."""
HOUR = {"start": f"{FIRST_DAY}T11:00:00+09:00", "end": f"{FIRST_DAY}T11:20:00+09:00"}
EARLIER = {"start": f"{FIRST_DAY}T10:30:00+09:00", "end": f"{FIRST_DAY}T11:10:00+09:00"}
LONG_BEFORE = {"start": f"{EVE}T11:00:00+09:00", "end": f"{EVE}T12:00:00+09:00"}


async def the_meeting(matching: Running) -> dict[str, Any]:
    await planned(matching)
    await published(matching, 1)
    (found,) = await booked(matching)
    return found


async def moved(matching: Running, meeting: dict[str, Any], clock: str) -> None:
    """One side asks for it and the other one agrees."""
    one, other = (matching.client(f"org-{party}", sub=f"rep-{party}") for party in meeting["parties"])
    url, at = f"/v1/meetings/{meeting['_id']}", {"start": f"{FIRST_DAY}T{clock}:00+09:00"}
    assert (await one.post(f"{url}/reschedule", json=at)).status_code == 200
    answer = await other.post(f"{url}/confirm", json=at)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_time_that_a_move_frees_is_offered(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(save_meeting, "_freed", lambda before, saved: None)
    await made(matching, Shape(side=2), **AN_HOUR)
    gone = await the_meeting(matching)
    await moved(matching, gone, "14:30")
    if not guarded:
        assert await matching.service.database.db.jobs.count_documents({"kind": "offer"}) == 0
        assert await openings(matching) == []
        return
    opening = await opening_in(matching, "offered")
    offer = await meeting(matching, opening["meeting_id"])
    assert opening["opening_id"].startswith(f"{gone['_id']}@") and offer["start"] == opening["start"]
    assert offer["match_id"] != gone["match_id"] and offer["venue"]["place"] == gone["venue"]["place"]
    for party in offer["parties"]:
        await act(matching, party, offer["meeting_id"], "confirm")
    await opening_in(matching, "filled")
    assert len(await booked(matching)) == 2
    # It is left once more, and that time is no slot of the forum.
    await moved(matching, gone, "15:00")
    assert (await opening_in(matching, "ended"))["why"] == "no_pair" and len(await openings(matching)) == 2
    await claims_are_those_of_bookings(matching)


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_time_without_a_pair_is_looked_at_again_when_one_has_agreed(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    await made(matching, Shape(side=2), **AN_HOUR)
    matches = matching.service.database.db.matches
    for late, by in (("m-kr-0-cn-1", "cn-1"), ("m-kr-1-cn-0", "cn-0"), ("m-kr-1-cn-1", "cn-1")):
        await matches.update_one({"_id": late}, {"$set": {"state": "accepted", "accepted_by": [by]}})
    gone = await the_meeting(matching)
    await act(matching, gone["parties"][0], gone["_id"], "cancel")
    assert (await opening_in(matching, "ended"))["why"] == "no_pair"
    await look_comes(matching)
    assert (await opening_in(matching, "ended"))["why"] == "no_pair", "nobody has agreed yet"
    if not guarded:
        monkeypatch.setattr(save_match, "plan_another_look", lambda *_: None)
    side = matching.client("org-kr-1", sub="rep-kr-1")
    assert (await side.post("/v1/matches/m-kr-1-cn-1/accept")).status_code == 200
    if not guarded:
        assert await matching.service.database.db.jobs.count_documents({"kind": "look_again"}) == 0
        return
    assert (await opening_in(matching, "ended"))["why"] == "no_pair", "not at once"
    await look_comes(matching)
    opening = await opening_in(matching, "offered")
    assert opening["match_id"] == "m-kr-1-cn-1"


async def changes_forum(matching: Running, **change: Any) -> None:
    read = await organiser(matching).get(ADDRESS)
    setup = ForumSetup.model_validate(forum_body(**{"talks": []} | AN_HOUR | change)).model_dump(mode="json")
    answer = await organiser(matching).put(ADDRESS, json=setup, headers={"If-Match": read.headers["etag"]})
    assert answer.status_code == 200, answer.text


async def is_busy(matching: Running, side: str, *times: dict[str, str]) -> None:
    client = matching.client(f"org-{side}", sub=f"rep-{side}")
    assert (await client.put(f"/v1/members/rep-{side}/busy", json={"busy": list(times)})).status_code == 200


async def comes(matching: Running, **how: str) -> None:
    """The delegate of kr-1 is registered once more."""
    assert (await organiser(matching).post(f"{ADDRESS}/open")).status_code == 200
    body = {"delegates": [{"member_id": "rep-kr-1", **how}]}
    answer = await matching.client("org-kr-1", sub="rep-kr-1").put(f"{ADDRESS}/registrations/kr-1", json=body)
    assert answer.status_code == 200, answer.text
    assert (await organiser(matching).post(f"{ADDRESS}/ready")).status_code == 200


async def meets_beside(matching: Running) -> str:
    sides = [matching.client(f"org-{side}", sub=f"rep-{side}") for side in ("kr-1", "cn-1")]
    body = {"match_id": "m-kr-1-cn-1", "start": HOUR["start"], "venue": {"kind": "onsite", "place": "Z-1"}}
    id = str((await sides[0].post("/v1/meetings", json=body)).json()["meeting_id"])
    answer = await sides[1].post(f"/v1/meetings/{id}/confirm", json={"start": HOUR["start"]})
    assert answer.status_code == 200, answer.text
    return id


async def has_no_time(matching: Running, why: str) -> Callable[[], Awaitable[Any]]:
    """Something keeps kr-1 from the slot. Returns what ends it."""
    if why == "is busy":
        await is_busy(matching, "kr-1", HOUR)
        return lambda: is_busy(matching, "kr-1")
    if why == "meets elsewhere":
        id = await meets_beside(matching)
        return lambda: act(matching, "kr-1", id, "cancel")
    if why == "comes later":
        await comes(matching, arrives_at=f"{FIRST_DAY}T11:10:00+09:00")
        return lambda: comes(matching)
    talk = {"id": "T-1", "titles": {"ko": "강연"}, **HOUR, "room": "R-1", "speakers": [{"profile_id": "kr-1"}]}
    await changes_forum(matching, talks=[talk])
    return lambda: changes_forum(matching)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("why", ["is busy", "meets elsewhere", "comes later", "gives a talk"])
async def test_a_time_without_a_pair_is_looked_at_again_when_somebody_has_time_after_all(
    matching: Running, monkeypatch: pytest.MonkeyPatch, why: str, guarded: bool
) -> None:
    await made(matching, Shape(side=2, musts=(("kr-0", "cn-0"),)), **AN_HOUR)
    gone = await the_meeting(matching)
    ends = await has_no_time(matching, why)
    await is_busy(matching, "kr-0", HOUR)
    await act(matching, "cn-0", gone["_id"], "cancel")
    assert (await opening_in(matching, "ended"))["why"] == "no_pair"
    await look_comes(matching)
    assert (await opening_in(matching, "ended"))["why"] == "no_pair", "kr-1 has no time yet"
    if not guarded:
        for module in (busy_times, save_meeting):
            monkeypatch.setattr(module, "plan_looks_for", _planned_nothing)
        for module in (registrations, forums):
            monkeypatch.setattr(module, "plan_another_look", lambda *_: None)
    await ends()
    if not guarded:
        assert await matching.service.database.db.jobs.count_documents({"kind": "look_again"}) == 0
        return
    await look_comes(matching)
    assert "kr-1" in (await opening_in(matching, "offered"))["match_id"]


async def _planned_nothing(*_: object) -> None:
    pass


TWO_SLOTS = AN_HOUR | {"days": [{"date": FIRST_DAY, "opens": "11:00", "closes": "11:50"}]}
ONE_TABLE = AN_HOUR | {"tables": [{"id": "A-1", "hall": "A"}], "rooms": []}


async def sends_file(matching: Running, kind: str, text: str, *, changes: int = 1) -> None:
    path, head = f"{ADDRESS}/import", {"Content-Type": "text/csv"}
    answer = await organiser(matching).post(path, content=text.encode(), headers=head, params={"kind": kind})
    assert answer.status_code == 200, answer.text
    assert answer.json()["added"] + answer.json()["changed"] == changes, answer.text


async def sets_maximum(matching: Running, side: str, maximum: int) -> None:
    path, body = f"{ADDRESS}/registrations/{side}/wishes", {"minimum": 0, "maximum": maximum, "must_meets": []}
    answer = await organiser(matching).put(path, json=body)
    assert answer.status_code == 200, answer.text


async def fails(matching: Running, kind: str, id: str) -> None:
    body = {"kind": kind, "id": id, **HOUR}
    for confirm in ({}, {"confirm": (await changed(matching, **body)).json()["confirm"]}):
        assert (await changed(matching, **body, **confirm)).status_code == 200


@dataclass(frozen=True)
class Helps:
    """What an organiser does that makes a pair possible at a time that stayed free, and the same with no change."""

    act: Callable[[Running], Awaitable[None]]
    same: Callable[[Running], Awaitable[None]]


def by_file(kind: str, text: str) -> Helps:
    return Helps(lambda on: sends_file(on, kind, text), lambda on: sends_file(on, kind, text, changes=0))


HELPS = {
    "raises a maximum": Helps(lambda on: sets_maximum(on, "kr-1", 2), lambda on: sets_maximum(on, "kr-1", 2)),
    "raises it by a file": by_file("participants", "profile_id,member_id,maximum\nkr-1,rep-kr-1,2\n"),
    "brings a table": by_file("tables", "table,hall\nA-9,A\n"),
    "brings an interpreter": by_file("interpreters", "interpreter_id,pairs\nlee-9,ko-zh\n"),
}


async def stays_free(matching: Running, help: str) -> None:
    """A time became free, and there is no pair for it."""
    if "raises" in help:
        await made(matching, Shape(side=2, targets=Targets(maximum=1), musts=(("kr-0", "cn-0"),)), **TWO_SLOTS)
        await planned(matching)
        await published(matching, 1)
        gone = next(one for one in await booked(matching) if one["match_id"] == "m-kr-0-cn-0")
        await is_busy(matching, "kr-0", HOUR | {"end": f"{FIRST_DAY}T11:50:00+09:00"})
        await act(matching, "cn-0", gone["_id"], "cancel")
    else:
        await made(matching, Shape(side=2), **ONE_TABLE)
        await the_meeting(matching)
        await fails(matching, *(("table", "A-1") if "table" in help else ("interpreter", "kim-1")))
    assert (await opening_in(matching, "ended"))["why"] == "no_pair"
    jobs = matching.service.database.db.jobs
    if await jobs.count_documents({"kind": "look_again"}):
        await look_comes(matching)
        assert (await opening_in(matching, "ended"))["why"] == "no_pair"


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("help", HELPS)
async def test_a_time_without_a_pair_is_looked_at_again_when_the_organiser_makes_one_possible(
    matching: Running, monkeypatch: pytest.MonkeyPatch, help: str, guarded: bool
) -> None:
    await stays_free(matching, help)
    if not guarded:
        for module in (registrations, import_file):
            monkeypatch.setattr(module, "plan_another_look", lambda *_: None)
    await HELPS[help].act(matching)
    jobs = matching.service.database.db.jobs
    assert await jobs.count_documents({"kind": "look_again"}) == int(guarded)
    if not guarded:
        return
    await look_comes(matching)
    assert (await opening_in(matching, "offered"))["start"]
    await HELPS[help].same(matching)
    assert await jobs.count_documents({"kind": "look_again"}) == 0, "what changes nothing is no reason"


@pytest.mark.parametrize(("other", "looks"), [([], 1), ([HOUR], 0), ([EARLIER], 1), ([EARLIER, HOUR], 0)])
async def test_other_busy_times_are_no_reason_to_look_again(
    matching: Running, other: list[dict[str, str]], looks: int
) -> None:
    await made(matching, Shape(side=1), **AN_HOUR)
    await is_busy(matching, "kr-0", HOUR, LONG_BEFORE)
    await is_busy(matching, "kr-0", *other)
    assert await matching.service.database.db.jobs.count_documents({"kind": "look_again"}) == looks


async def look_comes(matching: Running) -> None:
    """The time of the look that is planned has come, ten minutes later at most; and it is done."""
    jobs, now = matching.service.database.db.jobs, dt.datetime.now(dt.UTC)
    (job,) = await jobs.find({"kind": "look_again"}).to_list(None)
    assert now < job["run_at"].replace(tzinfo=dt.UTC) <= now + dt.timedelta(minutes=10)
    await jobs.update_one({"_id": job["_id"]}, {"$set": {"run_at": now - dt.timedelta(seconds=5)}})

    async def done() -> bool:
        return await jobs.count_documents({"kind": {"$in": ["look_again", "offer"]}}) == 0

    await eventually(done, "the look, and what it has planned")
