"""Forums and registrations over HTTP, on the real servers."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest

from schemas.envelope import Event
from schemas.profiles import ProfileErased
from services.matching import store
from services.matching.domain.forums import registration as registrations
from services.matching.domain.policy import Policy
from services.matching.usecases import end_match, rescore_matches
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import NEED, matches_of, publish, seeker, updated
from tests.integration.matching.test_rounds import CLOSED, arrived, ended, opened, organiser, written
from tests.support.contract import korean_profile, withdrawn
from tests.support.days import FIRST_DAY, SECOND_DAY, THIRD_DAY
from tests.support.forums import forum_body
from tests.support.services import Running
from tests.support.waiting import eventually

DELEGATES = {"delegates": [{"member_id": "kim-1", "languages": ["ko"]}]}


async def announced(matching: Running, *, state: str = "open", **other: Any) -> str:
    """The address of a forum."""
    kic = organiser(matching)
    answer = await kic.post("/v1/forums", json=forum_body(**other))
    assert answer.status_code == 201, answer.text
    location: str = answer.headers["location"]
    assert location == f"/v1/forums/{answer.json()['forum_id']}"
    if state == "open":
        assert (await kic.post(f"{location}/open")).json()["state"] == "open"
    return location


async def published(matching: Running) -> Bridge:
    """A Korean and a Chinese profile."""
    bridge = Bridge(matching)
    await bridge.proposed()
    return bridge


async def register(who: httpx2.AsyncClient, forum: str, profile_id: str, **body: Any) -> httpx2.Response:
    return await who.put(f"{forum}/registrations/{profile_id}", json=DELEGATES | body)


def kind(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rsplit("/")[-1]


async def test_a_forum_lives_from_its_announcement_to_its_close_and_each_step_is_said(matching: Running) -> None:
    kic = organiser(matching)
    forum = await announced(matching, state="announced")
    read = await kic.get(forum)
    assert read.headers["etag"] == '"1"' and read.json()["slots"] == 28
    body = forum_body(change_over=20)
    assert (await kic.put(forum, json=body)).status_code == 428
    changed = await kic.put(forum, json=body, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await kic.put(forum, json=body, headers={"If-Match": '"1"'})).status_code == 412
    again = await kic.put(forum, json=body, headers={"If-Match": '"2"'})
    assert again.headers["etag"] == '"2"'
    for step, state in (("open", "open"), ("ready", "ready"), ("open", "open"), ("close", "closed")):
        assert (await kic.post(f"{forum}/{step}")).json()["state"] == state
    assert kind(await kic.post(f"{forum}/open")) == (409, "not-in-this-state")
    assert kind(await kic.put(forum, json=forum_body(), headers={"If-Match": "*"})) == (409, "forum-closed")
    said = await matching.events("forums", key=forum.rpartition("/")[2])
    assert [event.event_type.rpartition(".")[2] for event in said] == ["announced", *["updated"] * 4, "closed"]
    assert said[-1].reason == "over" and said[1].change_over == 20


async def test_the_same_key_announces_once_and_is_answered_alike(matching: Running) -> None:
    kic, headers = organiser(matching), {"Idempotency-Key": "forum-1"}
    many = [{"id": f"A-{n}", "hall": "A"} for n in range(500)]  # too large an answer to be kept
    first, second = [await kic.post("/v1/forums", json=forum_body(tables=many), headers=headers) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert len((await kic.get("/v1/forums")).json()["items"]) == 1


async def test_others_read_a_forum_without_its_people_and_change_nothing(matching: Running) -> None:
    forum = await announced(matching)
    member = matching.client("hanbit", sub="kim-1")
    seen = (await member.get(forum)).json()
    assert "interpreters" not in seen and seen["talks"][0]["speakers"] == []
    whole = (await organiser(matching).get(forum)).json()
    assert len(whole["interpreters"]) == 2 and whole["talks"][0]["speakers"]
    for answer in (
        await member.post("/v1/forums", json=forum_body()),
        await member.put(forum, json=forum_body(), headers={"If-Match": "*"}),
        await member.post(f"{forum}/close"),
        await member.put(f"{forum}/registrations/p-kr/wishes", json={}),
        await member.get(f"{forum}/registrations"),
    ):
        assert answer.status_code == 403, answer.text
    assert (await member.get("/v1/forums/none")).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": {"ko": "문의 010-1234-5678"}},
        {"zone": "Korea"},
        {"days": []},
        {"days": [{"date": FIRST_DAY, "opens": "9", "closes": "18:00"}]},
        {"days": [{"date": FIRST_DAY, "opens": "09:00", "closes": "18:00", "lunch": "12:00"}]},
        {"tables": [{"id": f"A-{n}", "hall": "A"} for n in range(501)]},
        {"change_over": 15},
        {"rooms": [{"id": "R 1", "hall": "A"}]},
        {"interpreters": [{"id": "김통역", "pairs": [["ko", "zh"]]}]},
        {"unknown": 1},
    ],
    ids=lambda wrong: str(wrong)[:40],
)
async def test_what_cannot_be_a_forum_is_refused_with_its_place(matching: Running, wrong: dict[str, Any]) -> None:
    answer = await organiser(matching).post("/v1/forums", json=forum_body(**wrong))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{next(iter(wrong))}")


async def test_a_profile_registers_its_delegates_while_registration_is_open(matching: Running) -> None:
    forum, bridge = await announced(matching, state="announced"), await published(matching)
    assert kind(await register(bridge.hanbit, forum, "p-kr")) == (409, "registration-closed")
    kic = organiser(matching)
    await kic.post(f"{forum}/open")
    first = await register(bridge.hanbit, forum, "p-kr")
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    assert (await register(bridge.hanbit, forum, "p-cn")).status_code == 404
    assert (await bridge.huaqiao.get(f"{forum}/registrations/p-kr")).status_code == 404
    two = [
        {"member_id": "kim-1"},
        {"member_id": "lee-2", "attendance": "remote", "arrives_at": f"{SECOND_DAY}T10:00:00+09:00"},
    ]
    second = await register(bridge.hanbit, forum, "p-kr", delegates=two)
    assert [one["member_id"] for one in second.json()["delegates"]] == ["kim-1", "lee-2"]
    noon = f"{SECOND_DAY}T12:00:00+09:00"
    for wrong in (
        [],
        [{"member_id": "kim-1"}, {"member_id": "kim-1"}],
        [{"member_id": "kim-1", "arrives_at": f"{THIRD_DAY}T10:00:00+09:00"}],
        [{"member_id": "kim-1", "arrives_at": noon, "leaves_at": f"{SECOND_DAY}T09:00:00+09:00"}],
        [{"member_id": f"m-{n}"} for n in range(6)],
    ):
        assert (await register(bridge.hanbit, forum, "p-kr", delegates=wrong)).status_code == 422
    listed = (await kic.get(f"{forum}/registrations")).json()["items"]
    assert [one["profile_id"] for one in listed] == ["p-kr"]
    assert (await bridge.hanbit.delete(f"{forum}/registrations/p-kr")).status_code == 204
    assert (await bridge.hanbit.delete(f"{forum}/registrations/p-kr")).status_code == 204
    assert (await bridge.hanbit.get(f"{forum}/registrations/p-kr")).status_code == 404
    roster = await matching.service.database.one(store.ROSTERS, forum.rpartition("/")[2])
    assert roster is not None and roster.participants == 0


async def test_an_organiser_sets_targets_and_must_meets(matching: Running) -> None:
    forum, bridge = await announced(matching), await published(matching)
    await register(bridge.hanbit, forum, "p-kr")
    kic, path = organiser(matching), f"{forum}/registrations/p-kr"
    answer = await kic.put(f"{path}/wishes", json={"minimum": 2, "maximum": 6, "must_meets": ["p-cn"]})
    assert (answer.json()["minimum"], answer.json()["must_meets"]) == (2, ["p-cn"])
    # Its own change of delegates leaves them as they are.
    assert (await register(bridge.hanbit, forum, "p-kr")).json()["must_meets"] == ["p-cn"]
    for wrong in ({"minimum": 3, "maximum": 2}, {"must_meets": ["p-kr"]}, {"maximum": 1, "must_meets": ["a", "b"]}):
        assert (await kic.put(f"{path}/wishes", json=wrong)).status_code == 422
    assert (await kic.put(f"{forum}/registrations/p-cn/wishes", json={})).status_code == 404


@pytest.mark.parametrize("guarded", [True, False])
async def test_two_at_once_cannot_take_one_last_place(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    monkeypatch.setattr(registrations, "MAX_PARTICIPANTS", 1)
    if not guarded:
        monkeypatch.setattr(registrations.Roster, "with_more", lambda self, count: self)
    forum, bridge = await announced(matching), await published(matching)
    answers = await asyncio.gather(register(bridge.hanbit, forum, "p-kr"), register(bridge.huaqiao, forum, "p-cn"))
    assert sorted(answer.status_code for answer in answers) == ([200, 409] if guarded else [200, 200])


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_withdrawn_profile_is_no_longer_registered(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:

        async def nothing(*_: Any) -> None:
            return

        monkeypatch.setattr(end_match, "end_registration", nothing)
    forum, bridge = await announced(matching), await published(matching)
    await register(bridge.hanbit, forum, "p-kr")
    await bridge.publish(withdrawn(korean_profile("p-kr")), key="p-kr", sequence=2)
    database = matching.service.database

    async def gone() -> bool:
        row = await database.one(store.PROFILES, "p-kr")
        return row is not None and row.state == "withdrawn"

    await eventually(gone, "the withdrawal has arrived")
    left = await store.registered(database, forum.rpartition("/")[2])
    assert left == ([] if guarded else ["p-kr"])
    assert kind(await register(bridge.hanbit, forum, "p-kr")) == (409, "withdrawn")


async def test_an_erased_profile_is_in_no_forum_any_more(matching: Running) -> None:
    talk = forum_body()["talks"][0] | {"speakers": [{"profile_id": "p-kr", "member_id": "kim-1"}]}
    forum, bridge = await announced(matching, talks=[talk]), await published(matching)
    kic = organiser(matching)
    for who, id in ((bridge.hanbit, "p-kr"), (bridge.huaqiao, "p-cn")):
        assert (await register(who, forum, id)).status_code == 200
    await kic.put(f"{forum}/registrations/p-cn/wishes", json={"must_meets": ["p-kr"]})
    await kic.post(f"{forum}/close")
    await bridge.publish(ProfileErased(), key="p-kr", sequence=2)

    async def forgotten() -> bool:
        texts = [str(await stored(matching, name)) for name in ("forums", "registrations")]
        return not any("p-kr" in text for text in texts)

    await eventually(forgotten, "no forum and no registration names it", 20)
    last = (await matching.events("forums", key=forum.rpartition("/")[2]))[-1]
    assert isinstance(last, Event) and last.event_type == "magpie.forum.closed"


async def stored(matching: Running, name: str) -> list[Any]:
    found = matching.service.database.db[name].find({"gone": {"$ne": True}})
    return await found.to_list(None)


async def with_participants(matching: Running, *ids: str) -> str:
    """The address of a forum at which these profiles are registered."""
    forum = await announced(matching)
    for id in ids:
        row = await matching.service.database.one(store.PROFILES, id)
        assert row is not None
        answer = await register(matching.client(row.owner, sub="member-1"), forum, id)
        assert answer.status_code == 200, answer.text
    return forum


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_round_proposes_whom_an_organiser_has_chosen_whatever_the_minimum(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(Policy, "without_minimum", lambda policy: policy)
    bridge = Bridge(matching)
    await arrived(matching, bridge, 2, 2)
    await written(matching, "forum", CLOSED)
    forum = await with_participants(matching, "k0", "k1", "c0", "c1")
    wishes = {"must_meets": ["c1", "k1", "gone"]}  # one of its own country is proposed to no one
    assert (await organiser(matching).put(f"{forum}/registrations/k0/wishes", json=wishes)).status_code == 200
    await ended(matching, await opened(matching, forum=forum.rpartition("/")[2]))
    found = await matching.service.database.find(store.MATCHES, {})
    assert [sorted(match.parties) for match in found] == ([["c1", "k0"]] if guarded else [])


async def test_whom_an_organiser_has_chosen_makes_way_for_no_one(matching: Running) -> None:
    """One place at each desk: the chosen pair has it, though all others fit better."""
    bridge = Bridge(matching)
    await arrived(matching, bridge, 2, 2)
    await written(matching, "forum", {"minimum_score": 0.31, "proposals": 1, "max_open": 1})
    forum = await with_participants(matching, "k0", "k1", "c0", "c1")
    path = f"{forum}/registrations/k0/wishes"
    assert (await organiser(matching).put(path, json={"must_meets": ["c1"]})).status_code == 200
    round_ = await ended(matching, await opened(matching, forum=forum.rpartition("/")[2]))
    found = await matching.service.database.find(store.MATCHES, {})
    assert {(*sorted(match.parties), match.state) for match in found} == {
        ("c1", "k0", "proposed"),
        ("c0", "k1", "proposed"),
    }
    assert round_["without_proposal"] == 0


async def test_a_round_takes_the_participants_of_a_forum(matching: Running) -> None:
    bridge = Bridge(matching)
    await arrived(matching, bridge, 3, 3)
    await written(matching, "forum", {"minimum_score": 0.31, "proposals": 5, "max_open": 20})
    forum = await with_participants(matching, "k0", "k1", "c0", "c2")
    found = await ended(matching, await opened(matching, forum=forum.rpartition("/")[2]))
    assert found["profiles"] == {"KR": 2, "CN": 2}
    kic = organiser(matching)
    assert (await kic.post("/v1/rounds", json={"forum": "none"})).status_code == 422
    both = {"forum": forum.rpartition("/")[2], "profiles": ["k0", "c0"]}
    assert (await kic.post("/v1/rounds", json=both)).status_code == 422


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_revision_does_not_withdraw_whom_an_organiser_has_chosen(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:

        async def never(*_: Any) -> bool:
            return False

        monkeypatch.setattr(rescore_matches, "must_meet", never)
    bridge = Bridge(matching)
    await arrived(matching, bridge, 1, 1)
    await written(matching, "forum", CLOSED)
    forum = await with_participants(matching, "k0", "c0")
    path = f"{forum}/registrations/c0/wishes"
    assert (await organiser(matching).put(path, json={"must_meets": ["k0"]})).status_code == 200
    await ended(matching, await opened(matching, forum=forum.rpartition("/")[2]))
    await publish(bridge, updated(seeker("k0", NEED + " 공동 개발도 좋습니다.")), sequence=2)
    found = (await matches_of(bridge, "k0"))["c0"]
    assert (found["state"], found["revisions"]["k0"]) == (("proposed", 2) if guarded else ("withdrawn", 1))
    if guarded:
        # Without the wish it is like any other.
        assert (await organiser(matching).put(path, json={})).status_code == 200
        await publish(bridge, updated(seeker("k0", NEED)), sequence=3)
        assert (await matches_of(bridge, "k0"))["c0"]["state"] == "withdrawn"
