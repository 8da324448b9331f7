"""Who is proposed to whom, how many at once, and what a revision changes."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from schemas.common import Certification
from schemas.profiles import ProfileUpdated
from services.matching import store
from services.matching.domain.pair_model import FEATURES
from services.matching.domain.pair_score import Scorer
from services.matching.job_kinds import PROPOSE
from tests.integration.matching.bridge import Bridge
from tests.support.contract import an_entry, chinese_profile, korean_profile
from tests.support.services import Running
from tests.support.waiting import eventually

NEED = "비 오는 밤에도 정확한 차량용 라이다의 신호 처리 기술을 찾습니다."
OFFERS = {
    "far": "농산물 유통을 위한 저온 물류 소프트웨어 기술을 이전합니다.",
    "near": "차량에 쓰는 밀리파 레이더의 간섭 제거 기술을 이전합니다.",
    "nearer": "雨雾夜间也能可靠工作的车载激光雷达信号处理技术，可授权转让。",
}


def seeker(id: str, need: str = NEED, **changes: Any) -> Any:
    return korean_profile(id, f"org-{id}", offers=[], needs=[an_entry(id, "need", "technology", "ko", need)], **changes)


def provider(id: str, offer: str = OFFERS["nearer"], *, topics: tuple[str, ...] = (), **changes: Any) -> Any:
    entry = an_entry(id, "offer", "technology", "zh", offer, topics=list(topics))
    return chinese_profile(id, f"org-{id}", needs=[], offers=[entry], **changes)


def updated(profile: Any) -> ProfileUpdated:
    return ProfileUpdated(**profile.model_dump())


async def settled(service: Running) -> None:
    """Nothing is left to embed or to propose."""

    async def idle() -> bool:
        waiting = {"kind": {"$in": ["embed", "propose"]}}
        return await service.service.database.db.jobs.find_one(waiting) is None

    await eventually(idle, "all proposed")


async def publish(bridge: Bridge, *profiles: Any, sequence: int = 1) -> None:
    """One after the other: each is proposed before the next comes."""
    for profile in profiles:
        await bridge.publish(profile, key=profile.profile_id, sequence=sequence)

        async def arrived(id: str = profile.profile_id) -> bool:
            found = await bridge.matching.service.database.one(store.INDEXED, id)
            return found is not None and found.sequence == sequence

        await eventually(arrived, f"{profile.profile_id} indexed")
        await settled(bridge.matching)


async def matches_of(bridge: Bridge, profile_id: str) -> dict[str, Any]:
    """By the partner's id."""
    client = bridge.matching.client(f"org-{profile_id}", sub="me-1")
    items = (await client.get("/v1/matches", params={"profile_id": profile_id})).json()["items"]
    return {next(p for p in item["parties"] if p != profile_id): item for item in items}


async def states(bridge: Bridge, profile_id: str) -> dict[str, str]:
    return {partner: match["state"] for partner, match in (await matches_of(bridge, profile_id)).items()}


async def test_the_best_are_proposed_up_to_the_limit_and_none_below_the_minimum(small: Running) -> None:
    bridge = Bridge(small)
    await publish(bridge, provider("far", OFFERS["far"]), provider("near", OFFERS["near"]))
    await publish(bridge, provider("best"), provider("good", OFFERS["nearer"].replace("雨雾夜间", "恶劣天气下")))
    await publish(bridge, seeker("me"))
    found = await matches_of(bridge, "me")
    assert set(found) == {"best", "good"}
    parts = found["best"]["evidence"][0]["parts"]
    assert set(parts) == {*FEATURES, "topics"} and parts["bridge"] > 0
    assert found["best"]["interest"]["me"] > found["best"]["interest"]["best"] > 0


async def test_a_better_newcomer_displaces_the_weakest_that_nobody_has_answered(small: Running) -> None:
    bridge = Bridge(small)
    await publish(bridge, seeker("me"))
    weak = {f"w{n}": OFFERS["near"].replace("레이더", f"레이더 {n}형") for n in range(3)}
    for id, offer in weak.items():
        await publish(bridge, provider(id, offer))
    before = await matches_of(bridge, "me")
    assert len(before) == 3
    scores = {id: match["score"] for id, match in before.items()}
    weakest = min(scores, key=lambda id: (scores[id], before[id]["match_id"]))
    await publish(bridge, provider("star"))
    after = await matches_of(bridge, "me")
    assert after["star"]["state"] == "proposed"
    assert (after[weakest]["state"], after[weakest]["reason"]) == ("withdrawn", "displaced")
    assert sum(match["state"] == "proposed" for match in after.values()) == 3


async def test_what_somebody_has_answered_is_never_displaced(small: Running) -> None:
    bridge = Bridge(small)
    await publish(bridge, seeker("me"))
    for n in range(3):
        id = f"w{n}"
        await publish(bridge, provider(id, OFFERS["near"].replace("레이더", f"레이더 {n}형")))
        match = (await matches_of(bridge, id))["me"]
        accepted = await small.client(f"org-{id}", sub="x-1").post(f"/v1/matches/{match['match_id']}/accept")
        assert accepted.status_code == 200
    await publish(bridge, provider("star"))
    assert "star" not in await states(bridge, "me")
    asks = small.client("org-star", sub="star-1")
    refused = await asks.post("/v1/matches", json={"profile_id": "star", "partner_id": "me"})
    assert (refused.status_code, refused.json()["type"].rsplit("/")[-1]) == (409, "unavailable")


async def test_one_place_is_kept_for_a_complementary_sector(small: Running) -> None:
    bridge = Bridge(small)
    for id, change in {"a1": "夜间", "a2": "雨天", "a3": "雾天"}.items():
        await publish(bridge, provider(id, OFFERS["nearer"].replace("雨雾夜间", change), topics=("lidar",)))
    await publish(bridge, provider("chips", "用于雷达信号处理的车规级芯片技术授权。", topics=("semiconductor",)))
    mine = an_entry("me", "need", "technology", "ko", NEED, topics=["automotive"])
    await publish(bridge, korean_profile("me", "org-me", offers=[], needs=[mine]))
    found = await matches_of(bridge, "me")
    labels = {id: match["labels"] for id, match in found.items()}
    assert len(labels) == 2 and labels["chips"] == ["complementary_sector"]
    assert sorted(labels.values()) == [[], ["complementary_sector"]]


async def test_a_revision_proposes_only_what_is_new_and_judges_what_is_open(matching: Running) -> None:
    bridge = Bridge(matching)
    await publish(bridge, provider("a"), provider("b", OFFERS["nearer"].replace("雨雾", "雨雪")), seeker("me"))
    assert await states(bridge, "me") == {"a": "proposed", "b": "proposed"}
    a = (await matches_of(bridge, "a"))["me"]
    assert (await matching.client("org-a", sub="a-1").post(f"/v1/matches/{a['match_id']}/accept")).status_code == 200
    same = [e for e in await matching.events("matches") if e.match_id == a["match_id"]]
    website = updated(seeker("me", website="https://me.example/"))
    await publish(bridge, website, sequence=2)
    assert [e for e in await matching.events("matches") if e.match_id == a["match_id"]] == same
    await publish(bridge, updated(seeker("me", OFFERS["far"])), sequence=3)
    found = await matches_of(bridge, "me")
    assert (found["b"]["state"], found["b"]["reason"]) == ("withdrawn", "no_longer_fits")
    assert found["a"]["state"] == "accepted" and "below_minimum" in found["a"]["against"]
    told = [e for e in await matching.events("matches") if e.match_id == a["match_id"]]
    assert type(told[-1]).__name__ == "MatchUpdated" and told[-1].revisions == {"a": 1, "me": 3}
    said = {e.id for e in updated(seeker("me", OFFERS["far"])).needs or ()}
    assert all(pair.need.id in said for pair in told[-1].evidence)


async def test_a_match_is_scored_again_only_if_a_side_is_another_one(
    matching: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many that publish at once are proposed to each other before each has its own turn, in which all of that would be
    scored once more for nothing."""
    bridge, scored, scores = Bridge(matching), list[list[str]](), Scorer.scores

    def watched(self: Scorer, me: Any, others: Sequence[Any], now: dt.datetime) -> Any:
        scored.append([other.id for other in others])
        return scores(self, me, others, now)

    await publish(bridge, seeker("me"), provider("a"), provider("b", OFFERS["nearer"].replace("雨雾", "雨雪")))
    assert set(await states(bridge, "me")) == {"a", "b"}
    monkeypatch.setattr(Scorer, "scores", watched)
    changed = {"profiles": ["no-one"], "groups": [], "topics": []}
    answer = await matching.client("org-me", sub="me-1").put("/v1/profiles/me/exclusions", json=changed)
    assert answer.status_code == 200
    await settled(matching)
    assert scored == [[]], "an exclusion of others changes no score"
    await publish(bridge, updated(provider("a", OFFERS["nearer"].replace("雨雾", "沙尘"))), sequence=2)
    assert ["me"] in scored
    scored.clear()
    await publish(bridge, updated(seeker("me", website="https://me.example/")), sequence=2)
    assert [sorted(one) for one in scored if one] == [["a", "b"]]


async def test_exclusions_of_either_side_hold_and_stay_private(matching: Running) -> None:
    bridge = Bridge(matching)
    mine = matching.client("org-me", sub="me-1")
    await publish(bridge, seeker("me"), provider("by-id"), provider("open", OFFERS["nearer"].replace("雨雾", "雨雪")))
    assert set(await states(bridge, "me")) == {"by-id", "open"}
    excluded = {"profiles": ["by-id", "nobody"], "groups": ["blocked-group"], "topics": ["weapons"]}
    answer = await mine.put("/v1/profiles/me/exclusions", json=excluded)
    assert answer.status_code == 200 and answer.json() == {
        "profile_id": "me",
        **excluded,
        "profiles": ["by-id", "nobody"],
    }
    await settled(matching)
    found = await matches_of(bridge, "me")
    assert (found["by-id"]["state"], found["by-id"]["reason"]) == ("withdrawn", "displaced")
    assert found["open"]["state"] == "proposed"
    await publish(bridge, provider("by-group", group="blocked-group"), provider("by-topic", topics=("weapons",)))
    await publish(bridge, updated(provider("by-id", OFFERS["nearer"] + "欢迎联系。")), sequence=2)
    assert set(await states(bridge, "me")) == {"by-id", "open"}
    assert (await states(bridge, "me"))["by-id"] == "withdrawn"
    for org, role, status in (("org-by-id", "participant", 404), ("org-x", "organiser", 403)):
        other = matching.client(org, role=role)
        assert (await other.get("/v1/profiles/me/exclusions")).status_code == 404
        assert (await other.put("/v1/profiles/me/exclusions", json={})).status_code == status
    asks = await matching.client("org-by-id", sub="x-1").post(
        "/v1/matches", json={"profile_id": "by-id", "partner_id": "me"}
    )
    assert (asks.status_code, asks.json()["type"].rsplit("/")[-1]) == (409, "unavailable")
    assert (await mine.put("/v1/profiles/me/exclusions", json={"people": []})).status_code == 422


async def test_a_named_partner_may_be_anybody_and_must_accept(matching: Running) -> None:
    bridge = Bridge(matching)
    countryman = korean_profile("friend", "org-friend", offers=[], needs=[])
    await publish(bridge, seeker("me"), countryman)
    me, friend = matching.client("org-me", sub="me-1"), matching.client("org-friend", sub="friend-1")
    body = {"profile_id": "me", "partner_id": "friend"}
    answer = await me.post("/v1/matches", json=body)
    match = answer.json()
    assert answer.status_code == 201 and answer.headers["location"] == f"/v1/matches/{match['match_id']}"
    assert (match["state"], match["accepted_by"], match["origin"]) == ("proposed", ["me"], "request")
    again = await me.post("/v1/matches", json=body)
    reverse = await friend.post("/v1/matches", json={"profile_id": "friend", "partner_id": "me"})
    assert (again.status_code, reverse.status_code) == (200, 200)
    assert {again.json()["match_id"], reverse.json()["match_id"]} == {match["match_id"]}
    agreed = (await friend.post(f"/v1/matches/{match['match_id']}/accept")).json()
    assert agreed["state"] == "agreed" and agreed["representatives"] == {"me": "me-1", "friend": "friend-1"}
    for bad, status in (
        ({"profile_id": "me", "partner_id": "nobody"}, 404),
        ({"profile_id": "friend", "partner_id": "me"}, 404),
        ({"profile_id": "me", "partner_id": "me"}, 422),
        ({"profile_id": "me"}, 422),
    ):
        assert (await me.post("/v1/matches", json=bad)).status_code == status, bad


async def test_an_expired_certificate_speaks_against_a_pair(matching: Running) -> None:
    bridge = Bridge(matching)
    expired = [Certification(scheme="专精特新", valid_until="2024-12-31")]
    await publish(bridge, provider("a", certifications=expired, languages=["zh"]), seeker("me", languages=["ko"]))
    assert (await matches_of(bridge, "me"))["a"]["against"] == ["no_common_language", "expired_certificate"]


async def test_two_who_publish_at_the_same_moment_find_each_other(matching: Running) -> None:
    bridge = Bridge(matching)
    await asyncio.gather(
        *(bridge.publish(seeker(f"k{n}"), key=f"k{n}") for n in range(4)),
        *(bridge.publish(provider(f"c{n}"), key=f"c{n}") for n in range(4)),
    )

    async def all_met() -> bool:
        jobs = await matching.service.database.db.jobs.count_documents({"kind": {"$in": ["embed", PROPOSE.name]}})
        return jobs == 0 and await matching.service.database.db.matches.count_documents({}) == 16

    await eventually(all_met, "every pair proposed once")
    pairs = [tuple(e.parties) for e in await matching.events("matches")]
    assert len(pairs) == len(set(pairs)) == 16
