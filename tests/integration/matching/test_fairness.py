"""What one organisation can do to another: places at its desk, asks by name, acts that it hears of."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from services.chassis.commit.commands import Commands
from services.chassis.commit.committer import Committer
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.ops import metrics
from services.chassis.ops.health import Heartbeat
from services.matching import store
from services.matching.domain import desk as desks
from services.matching.domain.budget import Limit
from services.matching.domain.match import Match
from services.matching.domain.pair import OrgPair
from services.matching.domain.pair_score import PairScore
from services.matching.domain.profile_row import ProfileRow
from services.matching.settings import MatchingSettings
from services.matching.usecases import propose_pair
from services.matching.usecases.create_match import MatchDraft, create_match
from services.matching.usecases.policies import default_policy
from tests.integration.matching.bridge import HALL, Bridge
from tests.integration.matching.test_proposing import (
    NEED,
    OFFERS,
    matches_of,
    provider,
    publish,
    seeker,
    settled,
    states,
    updated,
)
from tests.support.answers import told
from tests.support.contract import ERASED, chinese_profile, korean_profile, withdrawn
from tests.support.services import Running
from tests.support.waiting import eventually


def silent(id: str, owner: str, country: str = "CN") -> Any:
    """A profile to which nothing is ever proposed."""
    make = chinese_profile if country == "CN" else korean_profile
    return make(id, owner, offers=[], needs=[])


async def ask(matching: Running, org: str, profile_id: str, partner_id: str) -> Any:
    body = {"profile_id": profile_id, "partner_id": partner_id}
    return await matching.client(org, sub="x-1").post("/v1/matches", json=body)


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("type", "").rsplit("/")[-1]


async def test_why_a_partner_cannot_be_asked_is_not_told(matching: Running) -> None:
    """It excludes me, I exclude it, its desk is full, I have two open asks there, or the two organisations rest."""
    bridge = Bridge(matching)
    partners = ("shy", "disliked", "busy", "met", "asked")
    await publish(bridge, seeker("me"), *(silent(id, f"org-{id}") for id in partners))
    for owner, profile_id, excluded in (("org-shy", "shy", "me"), ("org-me", "me", "disliked")):
        path = f"/v1/profiles/{profile_id}/exclusions"
        assert (await matching.client(owner).put(path, json={"profiles": [excluded]})).status_code == 200
    full = {f"m{n}": {"score": 0.9, "answered": True, "agreed": False, "owner": f"o{n}"} for n in range(20)}
    database = matching.service.database.db
    await database.desks.insert_one({"_id": "busy", "revision": 1, "at": 1, "matches": full})
    mine = [silent(f"me-{n}", "org-me", "KR") for n in range(2)]
    await publish(bridge, *mine)
    for profile in mine:
        assert (await ask(matching, "org-me", profile.profile_id, "asked")).status_code == 201
    declined = (await ask(matching, "org-me", "me", "met")).json()["match_id"]
    assert (await matching.client("org-met").post(f"/v1/matches/{declined}/decline")).status_code == 200
    answers = [await ask(matching, "org-me", "me", id) for id in partners]
    assert [kind(answer) for answer in answers] == [(409, "unavailable")] * 5
    assert len({told(answer) for answer in answers}) == 1


async def test_an_exclusion_ends_a_proposal_like_a_better_match(matching: Running) -> None:
    bridge = Bridge(matching)
    await publish(bridge, seeker("me"), provider("a"))
    path = "/v1/profiles/a/exclusions"
    assert (await matching.client("org-a").put(path, json={"profiles": ["me"]})).status_code == 200
    await settled(matching)
    shown = (await matches_of(bridge, "me"))["a"]
    assert (shown["state"], shown["reason"], shown["revisions"]) == ("withdrawn", "displaced", {"a": 1, "me": 1})


async def test_an_ask_outlives_an_exclusion(matching: Running) -> None:
    """An ask is displaced by nothing, so its end would tell."""
    bridge = Bridge(matching)
    await publish(bridge, silent("me", "org-me", "KR"), provider("a"))
    match_id = (await ask(matching, "org-me", "me", "a")).json()["match_id"]
    excluding = matching.client("org-a")
    assert (await excluding.put("/v1/profiles/a/exclusions", json={"profiles": ["me"]})).status_code == 200
    await settled(matching)
    shown = (await matching.client("org-me").get(f"/v1/matches/{match_id}")).json()
    assert (shown["state"], shown.get("reason"), shown["against"]) == ("proposed", None, [])
    assert (await excluding.post(f"/v1/matches/{match_id}/decline")).status_code == 200


@pytest.mark.parametrize("guarded", [True, False])
async def test_one_organisation_has_two_open_asks_at_one_profile(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(desks, "MAX_ASKS", 100)
    bridge = Bridge(matching)
    await publish(bridge, silent("me", "org-me"), *(silent(f"x{n}", "many", "KR") for n in range(3)))
    answers = [kind(await ask(matching, "many", f"x{n}", "me")) for n in range(3)]
    assert answers == [(201, ""), (201, ""), (409, "unavailable") if guarded else (201, "")]
    await publish(bridge, silent("other", "org-other", "KR"))
    assert (await ask(matching, "org-other", "other", "me")).status_code == 201
    assert (await ask(matching, "org-me", "me", "x2")).status_code == (201 if guarded else 200), "I may ask them"


@pytest.mark.parametrize("guarded", [True, False])
async def test_one_organisation_has_four_open_matches_with_one_profile(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(desks, "MAX_MATCHES", 100)
    bridge = Bridge(matching)
    many = [provider(f"x{n}", OFFERS["nearer"] + f"第{n}型。").model_copy(update={"owner": "many"}) for n in range(6)]
    await publish(bridge, seeker("me"), *many)
    proposed = {partner for partner, state in (await states(bridge, "me")).items() if state == "proposed"}
    assert len(proposed) == (4 if guarded else 6)
    await publish(bridge, provider("other"))
    assert (await states(bridge, "me"))["other"] == "proposed"


async def test_an_ask_displaces_no_proposal(small: Running) -> None:
    bridge = Bridge(small)
    await publish(bridge, seeker("me"))
    await publish(bridge, *(provider(f"w{n}", OFFERS["near"].replace("레이더", f"레이더 {n}형")) for n in range(3)))
    before = await states(bridge, "me")
    assert list(before.values()) == ["proposed"] * 3
    await publish(bridge, silent("x", "org-x"))
    assert kind(await ask(small, "org-x", "x", "me")) == (409, "unavailable")
    assert await states(bridge, "me") == before


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_rest_holds_between_organisations_whatever_profiles_they_make(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(OrgPair, "rests", lambda self, now: False)
    bridge = Bridge(matching)
    await publish(bridge, seeker("me"), provider("a"))
    match = (await matches_of(bridge, "me"))["a"]
    assert (await matching.client("org-me").post(f"/v1/matches/{match['match_id']}/decline")).status_code == 200
    await publish(bridge, provider("a2").model_copy(update={"owner": "org-a"}))
    await bridge.publish(ERASED, key="a", sequence=2)
    await eventually(lambda: gone(matching, "a"), "the declined profile erased")
    await publish(bridge, provider("a3").model_copy(update={"owner": "org-a"}))
    found = set(await states(bridge, "me"))
    assert found == ({"a"} if guarded else {"a", "a2", "a3"})
    await publish(bridge, provider("b"))
    assert (await states(bridge, "me"))["b"] == "proposed"


async def gone(matching: Running, profile_id: str) -> bool:
    row = await matching.service.database.one(store.PROFILES, profile_id)
    return row is not None and row.state == "erased"


@pytest.mark.parametrize("guarded", [True, False])
async def test_during_a_rest_there_is_one_ask_by_name(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(OrgPair, "is_closed", lambda self, now: False)
    bridge = Bridge(matching)
    me, other = matching.client("org-me", sub="me-1"), matching.client("org-a", sub="a-1")
    await publish(bridge, seeker("me"), provider("a"))
    match = (await matches_of(bridge, "me"))["a"]
    assert (await other.post(f"/v1/matches/{match['match_id']}/decline")).status_code == 200
    await publish(bridge, updated(seeker("me", NEED + " 공동 개발도 좋습니다.")), sequence=2)
    assert await states(bridge, "me") == {"a": "declined"}
    await publish(bridge, silent("me2", "org-me", "KR"))
    asked = await ask(matching, "org-me", "me", "a")
    assert asked.status_code == 201 and asked.json()["evidence"]
    second = kind(await ask(matching, "org-me", "me2", "a"))
    assert second == ((409, "unavailable") if guarded else (201, ""))
    assert (await me.post(f"/v1/matches/{asked.json()['match_id']}/decline")).status_code == 200
    after = [kind(await ask(matching, "org-me", "me", "a")), kind(await ask(matching, "org-a", "a", "me"))]
    assert after == ([(409, "unavailable")] * 2 if guarded else [(201, ""), (200, "")])


@pytest.mark.parametrize("how", ["declined", "withdrawn", "erased"])
async def test_taking_back_an_own_ask_rests_the_two(matching: Running, how: str) -> None:
    """Ask, take it back, ask: the other side would hear of each one."""
    bridge = Bridge(matching)
    mine = silent("me", "org-me", "KR")
    await publish(bridge, mine, silent("me2", "org-me", "KR"), silent("a", "org-a"))
    match_id = (await ask(matching, "org-me", "me", "a")).json()["match_id"]
    if how == "declined":
        assert (await matching.client("org-me").post(f"/v1/matches/{match_id}/decline")).status_code == 200
    else:
        await bridge.publish(ERASED if how == "erased" else withdrawn(mine), key="me", sequence=2)

        async def ended() -> bool:
            found = await matching.client("org-a").get(f"/v1/matches/{match_id}")
            return bool(found.json()["state"] == "withdrawn")

        await eventually(ended, "the ask is withdrawn")
    assert kind(await ask(matching, "org-me", "me2", "a")) == (409, "unavailable")


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_decline_at_the_same_moment_is_seen_by_a_proposal_of_other_profiles(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The two decisions have no profile, desk or pair in common, only their organisations."""
    if not guarded:
        expect = UnitOfWork.expect
        monkeypatch.setattr(
            UnitOfWork, "expect", lambda uow, c, id: None if c is store.ORG_PAIRS else expect(uow, c, id)
        )
    bridge, service = Bridge(matching), matching.service
    await publish(bridge, *(silent(id, "org-me", "KR") for id in ("me", "me2")))
    await publish(bridge, *(silent(id, "org-a") for id in ("a", "a2")))
    match_id = (await ask(matching, "org-me", "me", "a")).json()["match_id"]
    lane = Commands(Committer(service.database, service.settings.names, 64), heartbeat=Heartbeat("test"))
    serving, tries = asyncio.ensure_future(lane.serve()), 0

    async def propose(uow: UnitOfWork) -> Match | None:
        nonlocal tries
        tries += 1
        rows = {id: await uow.get_or(store.PROFILES, ProfileRow(id=id)) for id in ("me2", "a2")}
        score = PairScore(0.5, dict.fromkeys(rows, 0.5), (), ())
        made = await create_match(uow, MatchDraft(rows, score), default_policy(MatchingSettings()))
        if tries == 1:
            declined = await matching.client("org-a").post(f"/v1/matches/{match_id}/decline")
            assert declined.status_code == 200
        return made

    made = await lane.run(propose)
    lane.stop()
    await serving
    assert (made is None, tries) == ((True, 2) if guarded else (False, 1))


# -- budgets


@pytest.mark.parametrize("guarded", [True, False])
async def test_acts_that_the_other_side_hears_of_have_a_budget(
    tight: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """Requests and cancellations in turn, six a day towards one organisation; the other side has its own budget."""
    if not guarded:
        monkeypatch.setattr(Limit, "must_allow", lambda self, budget, now: None)
    bridge = Bridge(tight)
    match_id = await bridge.agreed()
    start = (await bridge.free(match_id))[0]
    before = metrics.quota_refused.labels("pair_day")._value.get()
    answers = []
    for _ in range(4):
        asked = await bridge.hanbit.post("/v1/meetings", json={"match_id": match_id, "start": start, "venue": HALL})
        answers.append(asked)
        if asked.status_code == 201:
            answers.append(await bridge.hanbit.post(f"/v1/meetings/{asked.json()['meeting_id']}/cancel"))
    statuses = [answer.status_code for answer in answers]
    if not guarded:
        assert statuses == [201, 200] * 4
        return
    assert statuses == [201, 200] * 3 + [429]
    refused = answers[-1]
    assert kind(refused) == (429, "budget-spent") and 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert metrics.quota_refused.labels("pair_day")._value.get() == before + 1
    asked = await bridge.huaqiao.post("/v1/meetings", json={"match_id": match_id, "start": start, "venue": HALL})
    assert asked.status_code == 201
    confirmed = await bridge.hanbit.post(f"/v1/meetings/{asked.json()['meeting_id']}/confirm")
    assert confirmed.status_code == 200, "a confirmation answers; it costs nothing"


async def test_asks_moves_and_other_venues_are_acts(tight: Running) -> None:
    bridge = Bridge(tight)
    match_id = await bridge.agreed()
    free = await bridge.free(match_id)
    online = {"venue": {"kind": "online", "url": "https://meet.example/1"}}
    meeting = await bridge.requested(match_id, free[0])
    url = f"/v1/meetings/{meeting['meeting_id']}"
    assert (await bridge.huaqiao.post(f"{url}/confirm", json=online)).json()["asked_by"] == "p-cn"
    assert (await bridge.hanbit.post(f"{url}/confirm")).json()["state"] == "booked"
    assert (await bridge.hanbit.post(f"{url}/reschedule", json={"start": free[3]})).status_code == 200
    assert (await bridge.hanbit.post(f"{url}/reschedule", json={"start": free[3]})).status_code == 200, "no news"
    found = {b.id.rpartition("/")[0]: b.used for b in await tight.service.database.find(store.BUDGETS, {})}
    acts = {id: used for id, used in found.items() if id.startswith("acts/")}
    assert acts == {"acts/hanbit|huaqiao": 2, "acts/hanbit": 2, "acts/huaqiao|hanbit": 1, "acts/huaqiao": 1}


async def test_an_organisation_has_a_budget_towards_all(tight: Running) -> None:
    bridge = Bridge(tight)
    await publish(bridge, silent("me", "org-me", "KR"), *(silent(f"c{n}", f"org-c{n}") for n in range(9)))
    answers = [kind(await ask(tight, "org-me", "me", f"c{n}")) for n in range(9)]
    assert answers == [(201, "")] * 8 + [(429, "budget-spent")]


@pytest.mark.parametrize("guarded", [True, False])
async def test_publishing_again_and_again_proposes_a_few_times_a_day(
    tight: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    async def always(uow: Any, **who: Any) -> bool:
        return True

    if not guarded:
        monkeypatch.setattr(propose_pair, "may_propose", always)
    bridge = Bridge(tight)
    await publish(bridge, seeker("me"))
    profile = provider("a")
    for sequence in range(1, 17, 2):
        await publish(bridge, profile, sequence=sequence)
        await bridge.publish(withdrawn(profile), key="a", sequence=sequence + 1)
        await eventually(partial(at_sequence, tight, "a", sequence + 1), "withdrawn")
    proposed = [e for e in await tight.events("matches") if type(e).__name__ == "MatchProposed"]
    assert len(proposed) == (6 if guarded else 8)


async def at_sequence(matching: Running, profile_id: str, sequence: int) -> bool:
    row = await matching.service.database.one(store.PROFILES, profile_id)
    return row is not None and row.sequence == sequence
