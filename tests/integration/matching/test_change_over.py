"""Beside a meeting of a forum there is time to change over, whichever of the two was booked first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx2
import pytest

from services.matching.domain.agenda import Agenda, Booked
from services.matching.domain.claim import slots
from services.matching.domain.forum_plans import slot_times
from services.matching.domain.forums.registration import Targets
from services.matching.usecases import free_slots, save_meeting
from tests.integration.matching.a_forum import (
    Shape,
    another,
    in_state,
    made,
    meetings_of,
    organiser,
    planned,
    published,
    takes_part,
)
from tests.integration.matching.test_plans import booked
from tests.support.days import FIRST_DAY
from tests.support.services import Running

DAY: list[dict[str, Any]] = [{"date": FIRST_DAY, "opens": "15:00", "closes": "16:20"}]
ONE_SLOT: dict[str, Any] = {
    "days": [DAY[0] | {"closes": "15:20"}],
    "interpreters": [{"id": name, "pairs": [["ko", "zh"]]} for name in ("lee", "wang")],
}
MATCH = "m-kr-0-cn-0"
"""Slots at 15:00, 15:30 and 16:00; beside the forum, every ten minutes."""
HALL = {"kind": "onsite", "place": "Z-1"}


def at(clock: str) -> str:
    return f"{FIRST_DAY}T{clock}:00+09:00"


def clock_of(meeting: dict[str, Any]) -> str:
    start = meeting["start"]
    start = dt.datetime.fromisoformat(start) if isinstance(start, str) else start.replace(tzinfo=dt.UTC)
    return f"{start.astimezone(dt.timezone(dt.timedelta(hours=9))):%H:%M}"


async def asked(matching: Running, start: str) -> str:
    """A request beside the forum."""
    side = matching.client("org-kr-0", sub="rep-kr-0")
    answer = await side.post("/v1/meetings", json={"match_id": MATCH, "start": at(start), "venue": HALL})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["meeting_id"])


async def confirmed(matching: Running, meeting_id: str) -> httpx2.Response:
    """What it is asked for by now."""
    client, url = matching.client("org-cn-0", sub="rep-cn-0"), f"/v1/meetings/{meeting_id}"
    read = (await client.get(url)).headers["etag"]
    return await client.post(f"{url}/confirm", headers={"If-Match": read})


async def a_plan(matching: Running, **setup: Any) -> dict[str, Any]:
    """Two firms and their meeting, of a plan that is published."""
    await made(matching, Shape(side=1), days=DAY, **setup)
    await planned(matching)
    await published(matching, 1)
    (meeting,) = await booked(matching)
    return meeting


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_booking_and_a_move_leave_time_before_and_after_a_meeting_of_a_forum(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(Agenda, "has_pause", lambda *_: True)
    meeting = await a_plan(matching)
    begins = meeting["start"].replace(tzinfo=dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=9)))
    just_before = f"{begins - dt.timedelta(minutes=20):%H:%M}"
    id = await asked(matching, just_before)
    answer = await confirmed(matching, id)
    assert answer.status_code == (409 if guarded else 200)
    if not guarded:
        return
    assert answer.json()["type"].endswith("taken")
    offered = {clock_of({"start": slot["start"]}) for slot in answer.json()["slots"]}
    assert offered and just_before not in offered
    far = await asked(matching, "10:00")
    assert (await confirmed(matching, far)).status_code == 200
    side = matching.client("org-kr-0", sub="rep-kr-0")
    assert (await side.post(f"/v1/meetings/{far}/reschedule", json={"start": at(just_before)})).status_code == 200
    assert (await confirmed(matching, far)).json()["type"].endswith("taken")
    # Ten minutes earlier there is time enough; and the forum's own meeting is not moved to its very start.
    enough = begins - dt.timedelta(minutes=30)
    assert (await side.post(f"/v1/meetings/{far}/reschedule", json={"start": enough.isoformat()})).status_code == 200
    assert (await confirmed(matching, far)).status_code == 200
    back = {"start": (begins - dt.timedelta(minutes=10)).isoformat()}
    assert (await side.post(f"/v1/meetings/{meeting['_id']}/reschedule", json=back)).status_code == 200
    assert (await confirmed(matching, meeting["_id"])).json()["type"].endswith("taken")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_meeting_of_a_forum_is_offered_other_times_that_it_can_have(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Right after a meeting beside the forum there is no time to change over, so that is not offered instead."""
    if not guarded:
        monkeypatch.setattr(Booked, "kept_from", lambda self, change_over: self)
        monkeypatch.setattr(Agenda, "has_pause", lambda self, id, time: not self.booked or at_ten(time) != "10:20")
    meeting = await a_plan(matching)
    assert (await confirmed(matching, await asked(matching, "10:00"))).status_code == 200
    side = matching.client("org-kr-0", sub="rep-kr-0")
    url = f"/v1/meetings/{meeting['_id']}/reschedule"
    assert (await side.post(url, json={"start": at("10:20")})).status_code == 200
    refused = (await confirmed(matching, meeting["_id"])).json()
    assert refused["type"].endswith("taken")
    first = clock_of({"start": refused["slots"][0]["start"]})
    assert first == ("10:30" if guarded else "10:20")
    if guarded:
        assert (await side.post(url, json={"start": at(first)})).status_code == 200
        assert (await confirmed(matching, meeting["_id"])).status_code == 200


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_meeting_of_a_forum_is_offered_no_time_at_which_others_sit_at_its_table(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Two pairs share a table and an interpreter, one after the other; a move to the other's time is refused."""
    days = [DAY[0] | {"closes": "15:50"}]
    one_table = [{"id": "A-1", "hall": "A"}]
    shape = Shape(side=2, targets=Targets(maximum=1))
    await made(matching, shape, days=days, tables=one_table, interpreters=ONE_SLOT["interpreters"][:1])
    await planned(matching)
    await published(matching, 1)
    first, second = sorted(await booked(matching), key=lambda one: one["start"])
    assert [clock_of(one) for one in (first, second)] == ["15:00", "15:30"]
    assert set(first["parties"]).isdisjoint(second["parties"])
    me = first["parties"][0]
    side = matching.client(f"org-{me}", sub=f"rep-{me}")
    query = {"match_id": first["match_id"], "meeting_id": first["_id"], "from": at("14:00"), "to": at("16:20")}
    with monkeypatch.context() as patches:
        if not guarded:
            patches.setattr(free_slots, "resources_at", lambda *_: [])
        found = (await side.get("/v1/slots", params=query)).json()["items"]
    clocks = ["14:00", "14:10", "14:20", "14:30", "14:40", "14:50", "16:00", "16:10"]
    assert ([clock_of(slot) for slot in found] == clocks) is guarded
    if not guarded:
        assert "15:30" in {clock_of(slot) for slot in found}
        return
    url = f"/v1/meetings/{first['_id']}"
    for clock, type in (("15:10", "taken"), ("16:00", None)):
        assert (await side.post(f"{url}/reschedule", json={"start": at(clock)})).status_code == 200
        other = next(one for one in first["parties"] if one != me)
        client = matching.client(f"org-{other}", sub=f"rep-{other}")
        answer = await client.post(f"{url}/confirm", json={"start": at(clock)})
        assert answer.json().get("type", "").rpartition("/")[2] == (type or ""), answer.text
        if type:
            assert clock_of(answer.json()["slots"][0]) == "16:00"


async def test_a_meeting_is_found_at_the_table_that_its_sides_have_typed(matching: Running) -> None:
    """They move it to another table by what they take for its name; its sheet, the board and the plans look for the
    sign."""
    meeting = await a_plan(matching)
    free = "A-2" if meeting["venue"]["place"] == "A-1" else "A-1"
    side = matching.client("org-kr-0", sub="rep-kr-0")
    elsewhere = {"start": at(clock_of(meeting)), "venue": {"kind": "onsite", "place": f"ａ－{free[-1]} "}}
    assert (await side.post(f"/v1/meetings/{meeting['_id']}/reschedule", json=elsewhere)).status_code == 200
    answer = await confirmed(matching, meeting["_id"])
    assert (answer.status_code, answer.json()["venue"]["place"]) == (200, free), answer.text
    query = {"place": free, "forum_id": meeting["forum_id"], "from": at("14:00"), "to": at("18:00"), "lang": "en"}
    sheet = await organiser(matching).get("/v1/table-schedule.html", params=query)
    assert sheet.text.count("<tr>") == 2, "its titles, and the meeting"


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize("act", ["is cancelled", "is moved"])
async def test_all_that_a_meeting_holds_is_read_at_once(
    matching: Running, monkeypatch: pytest.MonkeyPatch, act: str, guarded: bool
) -> None:
    """Two people, a table and an interpreter, for half an hour each: by one query, as mongod counts them."""
    if not guarded:
        monkeypatch.setattr(save_meeting, "load_around", _loads_nothing)
    quiet = {"enabled": False}  # the job that looks who could take its time reads, too
    url = f"/v1/meetings/{(await a_plan(matching, offers=quiet))['_id']}"
    side, other = (matching.client(f"org-{name}", sub=f"rep-{name}") for name in ("kr-0", "cn-0"))
    if act == "is moved":
        assert (await side.post(f"{url}/reschedule", json={"start": at("15:10")})).status_code == 200
    db = matching.service.database.db
    await db.command("profile", 2)
    if act == "is moved":
        answer = await other.post(f"{url}/confirm", json={"start": at("15:10")})
    else:
        answer = await side.post(f"{url}/cancel")
    await db.command("profile", 0)
    assert answer.status_code == 200, answer.text
    asked: list[dict[str, Any]] = [{"ns": f"{db.name}.{name}", "op": "query"} for name in ("claims", "agendas")]
    counts = [await db["system.profile"].count_documents(one) for one in asked]
    assert (counts == [1, 1]) is guarded, counts


async def _loads_nothing(*_: object) -> None:
    pass


def at_ten(time: Booked) -> str:
    return clock_of({"start": time.start})


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_plan_leaves_time_after_a_booking_that_was_there_first(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        # As if it were only looked at what is taken meanwhile.
        monkeypatch.setattr(slot_times, "slots", lambda start, end: slots(max(start, FIRST), end))
    await made(matching, Shape(side=2), **ONE_SLOT)
    live = await asked(matching, "14:40")
    assert (await confirmed(matching, live)).status_code == 200
    await planned(matching)
    matches = {one["match_id"] for one in await meetings_of(matching, 1)}
    # Everything else fits: of two meetings at once one is of kr-0 and one of cn-0, who come from elsewhere.
    assert matches == ({"m-kr-1-cn-1"} if guarded else {"m-kr-0-cn-1", "m-kr-1-cn-0"})
    found = await published(matching, 1)
    assert found["refused"] == ({} if guarded else dict.fromkeys(matches, "taken"))


FIRST = dt.datetime.fromisoformat(at("15:00")).astimezone(dt.UTC)


async def test_what_is_planned_when_a_booking_comes_is_refused_clearly(matching: Running) -> None:
    """The draft was made before, so it does not know."""
    await made(matching, Shape(side=2, musts=(("kr-0", "cn-1"),)), **ONE_SLOT)
    await planned(matching)
    live = await asked(matching, "14:40")
    assert (await confirmed(matching, live)).status_code == 200
    found = await published(matching, 1)
    assert found["refused"] == {"m-kr-0-cn-1": "taken", "m-kr-1-cn-0": "taken"}


LONG, SHORT = 30, 10
NEXT = "forum-2"
STRAIGHT, CROSSED = (("kr-0", "cn-0"), ("kr-1", "cn-1")), (("kr-0", "cn-1"), ("kr-1", "cn-0"))


def one_slot(opens: str, change_over: int) -> dict[str, Any]:
    closes = dt.datetime.strptime(opens, "%H:%M") + dt.timedelta(minutes=20)
    day = {"date": FIRST_DAY, "opens": opens, "closes": f"{closes:%H:%M}"}
    return ONE_SLOT | {"days": [day], "change_over": change_over}


async def also_at(matching: Running, **setup: Any) -> None:
    """Another forum, at which the same four take part; there each must meet the other one."""
    sides = [both for pair in CROSSED for both in (pair, pair[::-1])]
    there = [takes_part(NEXT, one, f"org-{one}", f"rep-{one}", must_meets=[other]) for one, other in sides]
    await another(matching, there, **setup)


async def drafted_at_next(matching: Running) -> int:
    """How many meetings the draft of the other forum has."""
    answer = await organiser(matching).post(f"/v1/forums/{NEXT}/schedule", json={})
    return int((await in_state(matching, answer.headers["location"], "draft"))["placed"])


@pytest.mark.parametrize(
    ("here", "there", "opens", "fits"),
    [
        (SHORT, LONG, "15:30", False),
        (SHORT, LONG, "15:50", True),
        (LONG, SHORT, "15:30", False),
        (LONG, SHORT, "15:50", True),
        (SHORT, LONG, "14:30", False),
        (SHORT, LONG, "14:10", True),
        (LONG, SHORT, "14:30", False),
        (LONG, SHORT, "14:10", True),
    ],
)
async def test_between_meetings_of_two_forums_the_longer_change_over_counts(
    matching: Running, here: int, there: int, opens: str, fits: bool
) -> None:
    await made(matching, Shape(side=2, musts=STRAIGHT), **one_slot("15:00", here))
    await also_at(matching, **one_slot(opens, there))
    await planned(matching)
    await published(matching, 1)
    assert await drafted_at_next(matching) == (2 if fits else 0)
    if fits:
        location = f"/v1/forums/{NEXT}/plans/1"
        await organiser(matching).post(f"{location}/publish", json={})
        assert (await in_state(matching, location, "published"))["refused"] == {}


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(("here", "there", "opens"), [(SHORT, LONG, "15:30"), (LONG, SHORT, "14:30")])
async def test_what_two_forums_have_planned_before_they_knew_of_each_other_is_refused(
    matching: Running, monkeypatch: pytest.MonkeyPatch, here: int, there: int, opens: str, guarded: bool
) -> None:
    """The claims of these two do not touch, so nothing else would."""
    if not guarded:
        monkeypatch.setattr(Agenda, "has_pause", lambda *_: True)
    await made(matching, Shape(side=2, musts=STRAIGHT), **one_slot("15:00", here))
    await also_at(matching, **one_slot(opens, there))
    assert await drafted_at_next(matching) == 2
    await planned(matching)
    await published(matching, 1)
    location = f"/v1/forums/{NEXT}/plans/1"
    await organiser(matching).post(f"{location}/publish", json={})
    refused = (await in_state(matching, location, "published"))["refused"]
    assert refused == ({"m-kr-0-cn-1": "taken", "m-kr-1-cn-0": "taken"} if guarded else {})
