"""A round from its opening to ordinary proposals; policies and their versions."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import httpx2
import pytest

from services.chassis.commit.jobs import Claimed, RunOptions
from services.chassis.commit.unit_of_work import UnitOfWork
from services.chassis.mongo import Database
from services.matching import replay as replays
from services.matching.domain.policy import PolicyRules
from services.matching.domain.rounds import round as rounds
from services.matching.job_kinds import RoundJob
from services.matching.settings import MatchingSettings
from services.matching.usecases import rescore_matches
from services.matching.usecases.policies import policy_of
from services.matching.usecases.run_round import Pairs, RunRound
from tests.integration.matching.bridge import Bridge
from tests.integration.matching.test_proposing import (
    NEED,
    OFFERS,
    matches_of,
    provider,
    publish,
    seeker,
    settled,
    updated,
)
from tests.support.services import Running
from tests.support.waiting import eventually

CLOSED = {"minimum_score": 1.0, "proposals": 5, "max_open": 20}
"""Nothing is proposed by it."""
FORUM = {"minimum_score": 0.31, "proposals": 5, "max_open": 20}


def organiser(matching: Running) -> httpx2.AsyncClient:
    return matching.client("kic-office", role="organiser", sub="kic-1")


async def written(matching: Running, name: str, rules: dict[str, Any], version: int = 0) -> dict[str, Any]:
    answer = await organiser(matching).put(
        f"/v1/policies/{name}", json=rules, headers={"If-Match": f'"{version}"'} if version or name == "live" else {}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def arrived(matching: Running, bridge: Bridge, left: int, right: int) -> None:
    """Firms of both countries, to which nothing is proposed yet."""
    await written(matching, "live", CLOSED)
    profiles = [seeker(f"k{n}") for n in range(left)] + [
        provider(f"c{n}", OFFERS["nearer"].replace("雨雾", f"雨雾{n}级")) for n in range(right)
    ]
    await asyncio.gather(*(bridge.publish(profile, key=profile.profile_id) for profile in profiles))
    database = matching.service.database.db

    async def indexed() -> bool:
        return await database.indexed.count_documents({"sequence": 1}) == left + right

    await eventually(indexed, "all indexed")
    await settled(matching)
    assert await database.matches.count_documents({}) == 0


async def opened(matching: Running, **body: Any) -> str:
    answer = await organiser(matching).post("/v1/rounds", json={"policy": "forum", **body})
    assert answer.status_code == 202, answer.text
    location: str = answer.headers["location"]
    assert location == f"/v1/rounds/{answer.json()['round_id']}"
    return location


async def ended(matching: Running, location: str) -> dict[str, Any]:
    async def done() -> Any:
        found = (await organiser(matching).get(location)).json()
        return found if found["state"] == "done" else None

    found: dict[str, Any] = await eventually(done, "the round ended", 60)
    return found


async def test_a_round_proposes_to_all_at_once_by_the_rules_of_any_proposal(matching: Running) -> None:
    bridge = Bridge(matching)
    await arrived(matching, bridge, 4, 3)
    excluded = matching.client("org-k0", sub="me-1").put("/v1/profiles/k0/exclusions", json={"profiles": ["c0"]})
    assert (await excluded).status_code == 200
    await settled(matching)
    await written(matching, "forum", FORUM)
    location = await opened(matching)
    found = await ended(matching, location)
    assert (found["profiles"], found["left_out"], found["proposed"]) == ({"KR": 4, "CN": 3}, 0, 11)
    assert (found["with_candidates"], found["without_proposal"], found["policy_version"]) == (7, 0, "forum@1")
    mine = await matches_of(bridge, "k0")
    assert set(mine) == {"c1", "c2"}
    assert {(m["origin"], m["policy_version"], m["state"]) for m in mine.values()} == {("round", "forum@1", "proposed")}
    told = await matching.events("matches")
    assert len(told) == 11 and {(e.origin, e.policy_version) for e in told} == {("round", "forum@1")}
    assert all(e.evidence and e.score >= 0.31 for e in told)
    fair = (await organiser(matching).get(f"{location}/fairness")).json()
    assert fair["chosen"] in ("joint", "harmonic") and fair["without_proposal"] == 0
    best = max(fair["joint"]["expected_matches"], fair["harmonic"]["expected_matches"])
    assert fair[fair["chosen"]]["expected_matches"] == best > 0
    assert set(fair["naive"]["by_country"]) == {"KR", "CN"} and 0 < fair["naive"]["parity"] <= 1
    again = await ended(matching, await opened(matching))
    assert (again["proposed"], again["with_candidates"]) == (0, 0)


async def test_a_step_that_fails_anywhere_is_done_once(matching: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a kill, each half runs again: before its commit nothing has happened, after it there is no job."""
    monkeypatch.setattr(rounds, "TILE", (2, 2))
    monkeypatch.setattr(rounds, "PAIRS_A_STEP", 3)
    tries, propose, keep = Counter[str](), RunRound.propose, RunRound.keep_scores

    async def failing(self: RunRound, uow: UnitOfWork, job: Claimed[RoundJob], pairs: Pairs | None) -> None:
        await propose(self, uow, job, pairs)
        tries[job.id] += 1
        if tries[job.id] == 1 and pairs and pairs.scored:
            raise RuntimeError("killed")

    async def failing_too(self: RunRound, uow: UnitOfWork, job: Claimed[RoundJob], tile: Any) -> None:
        await keep(self, uow, job, tile)
        tries[job.id] += 1
        if tries[job.id] == 1 and job.payload.step == 1:
            raise RuntimeError("killed")

    bridge = Bridge(matching)
    # The service has bound its jobs already.
    for kind, half in (("round_propose", failing), ("round_score", failing_too)):
        job = matching.service.workers._jobs[kind]
        run_round = job.work.__self__  # type: ignore[attr-defined]
        object.__setattr__(job, "apply", half.__get__(run_round))
    await arrived(matching, bridge, 3, 3)
    await written(matching, "forum", FORUM)
    found = await ended(matching, await opened(matching))
    assert (found["proposed"], found["tiles"]) == (9, 4)
    assert max(tries.values()) >= 2, "a conflict with another step is one more"
    pairs = [tuple(e.parties) for e in await matching.events("matches")]
    assert len(pairs) == len(set(pairs)) == 9
    assert await matching.service.database.db.jobs.count_documents({"kind": {"$regex": "^round"}}) == 0


async def test_what_a_round_takes_is_bounded_and_for_organisers(matching: Running) -> None:
    bridge = Bridge(matching)
    await arrived(matching, bridge, 1, 1)
    kic = organiser(matching)
    stranger = matching.client("org-k0")
    assert (await stranger.post("/v1/rounds", json={})).status_code == 403
    for body, status, why in (
        ({"policy": "unknown"}, 422, "write it first"),
        ({"profiles": ["k0", "k1"]}, 422, "both countries"),
        ({"profiles": [f"p-{n}" for n in range(1001)]}, 422, "1000 profiles at most"),
        ({"profiles": ["k0"]}, 422, ""),
        ({"forum": "f"}, 422, ""),
    ):
        answer = await kic.post("/v1/rounds", json=body)
        assert answer.status_code == status and why in answer.text, (body, answer.text)
    database = matching.service.database.db
    await database.open_rounds.insert_one(
        {"_id": "open", "revision": 1, "at": 1, "until": {f"r{n}": _in_an_hour(matching) for n in range(2)}}
    )
    full = await kic.post("/v1/rounds", json={})
    assert (full.status_code, full.json()["type"].rsplit("/")[-1]) == (409, "too-many-rounds")
    await database.open_rounds.delete_one({"_id": "open"})
    location = (await kic.post("/v1/rounds", json={"profiles": ["k0", "c0", "gone"]})).headers["location"]
    assert (await ended(matching, location))["left_out"] == 1
    for path in (location, f"{location}/fairness"):
        assert ((await kic.get(path)).status_code, (await stranger.get(path)).status_code) == (200, 403)
    assert (await kic.get("/v1/rounds/unknown")).status_code == 404


async def takes_no_place(matching: Running, location: str, unguarded: pytest.MonkeyPatch | None) -> None:
    """Where all other places are taken, a round that failed keeps no one from opening the next."""

    async def none(database: Database, kinds: list[str]) -> frozenset[str]:
        return frozenset()

    rounds_open = matching.service.database.db.open_rounds
    others = {f"until.r{n}": _in_an_hour(matching) for n in range(MatchingSettings().max_rounds_open - 1)}
    await rounds_open.update_one({"_id": "open"}, {"$set": others})
    if unguarded:
        unguarded.setattr("services.matching.usecases.open_round.store.dead_rounds", none)
    answer = await organiser(matching).post("/v1/rounds", json={})
    assert answer.status_code == (409 if unguarded else 202), answer.json()
    await rounds_open.update_one({"_id": "open"}, {"$unset": dict.fromkeys(others, "")})


def _in_an_hour(matching: Running) -> Any:
    return matching.service.database.now() + rounds.FORGOTTEN_AFTER


async def test_rounds_of_a_day_have_a_quota(matching: Running) -> None:
    bridge = Bridge(matching)
    await arrived(matching, bridge, 1, 1)
    budget = rounds.round_budget("kic-office", matching.service.database.now())
    await matching.service.database.db.budgets.insert_one(
        {"_id": budget.id, "revision": 1, "at": 1, "used": 20, "day_ends": budget.day_ends}
    )
    answer = await organiser(matching).post("/v1/rounds", json={})
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (429, "rounds-spent")
    assert "retry-after" in answer.headers


async def test_policies_have_versions_and_a_history(matching: Running) -> None:
    kic = organiser(matching)
    live = await kic.get("/v1/policies/live")
    assert (live.json()["version"], live.json()["minimum_score"], live.headers["etag"]) == (0, 0.31, '"0"')
    assert (await kic.put("/v1/policies/live", json=FORUM)).status_code == 428
    first = await kic.put("/v1/policies/live", json=FORUM, headers={"If-Match": '"0"'})
    assert (first.json()["version"], first.headers["etag"]) == (1, '"1"')
    stale = await kic.put("/v1/policies/live", json=CLOSED, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    same = await kic.put("/v1/policies/live", json=FORUM, headers={"If-Match": '"1"'})
    assert same.json()["version"] == 1
    second = await kic.put("/v1/policies/live", json={**FORUM, "proposals": 2}, headers={"If-Match": '"1"'})
    assert second.json()["version"] == 2
    kept = [(await kic.get("/v1/policies/live", params={"version": n})).json()["proposals"] for n in (0, 1, 2)]
    assert kept == [5, 5, 2]
    assert (await kic.get("/v1/policies/live", params={"version": 3})).status_code == 404
    assert (await kic.get("/v1/policies/none")).status_code == 404
    for wrong in ({"proposals": 21}, {"complementary_places": 6}, {"k": 5}):
        assert (await kic.put("/v1/policies/x", json={**FORUM, **wrong})).status_code == 422
    assert (await kic.put("/v1/policies/forum", json=FORUM)).status_code == 200
    assert (await kic.get("/v1/policies")).json() == {"items": ["forum", "live"]}


async def test_the_live_policy_decides_what_a_publication_proposes(matching: Running) -> None:
    bridge = Bridge(matching)
    await arrived(matching, bridge, 1, 3)
    await written(matching, "live", {**FORUM, "proposals": 2, "days_open": 3}, version=1)
    await publish(bridge, seeker("me"))
    (one, other) = (await matches_of(bridge, "me")).values()
    assert (one["policy_version"], other["policy_version"], one["origin"]) == ("live@2", "live@2", "live")


async def test_a_replay_compares_two_policies_and_writes_nothing(matching: Running) -> None:
    bridge = Bridge(matching)
    await arrived(matching, bridge, 3, 3)
    database = matching.service.database
    before = {name: await database.db[name].count_documents({}) for name in await database.db.list_collection_names()}
    scorer = matching.service.app.state.dependencies.scorer
    found = []
    for _ in range(2):
        stored = await replays.read_stored(database)
        rules = [PolicyRules.model_validate(one) for one in (FORUM, {**FORUM, "proposals": 1})]
        found.append(json.dumps(await asyncio.to_thread(replays.compared, stored, scorer, *rules), sort_keys=True))
    assert found[0] == found[1]
    compared = json.loads(found[0])
    assert compared["before"]["proposals"] == 9 > compared["after"]["proposals"] and compared["loses"]
    after = {name: await database.db[name].count_documents({}) for name in await database.db.list_collection_names()}
    assert after == before


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_round_whose_step_died_says_so_until_it_goes_on(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    async def nothing(*of: Any) -> None:
        """As if no one looked at the jobs."""

    if not guarded:
        monkeypatch.setattr("services.matching.usecases.open_round.store.why_dead", nothing)
    bridge, jobs = Bridge(matching), matching.service.database.db.jobs
    await arrived(matching, bridge, 2, 2)
    await written(matching, "forum", FORUM)
    score = matching.service.workers._jobs["round_score"]
    work, run = score.work, RunOptions(max_tries=1)

    async def failing(job: Claimed[RoundJob]) -> Any:
        raise RuntimeError("no scores today")

    object.__setattr__(score, "work", failing)
    options = score.options
    object.__setattr__(score, "options", run)
    location = await opened(matching)

    async def dead() -> Any:
        return await jobs.find_one({"kind": "round_score", "dead": True})

    died = await eventually(dead, "its job is dead")
    shown = (await organiser(matching).get(location)).json()
    assert shown["state"] == ("failed" if guarded else "scoring")
    assert shown.get("reason", "").startswith("RuntimeError") is guarded
    await takes_no_place(matching, location, monkeypatch if not guarded else None)
    object.__setattr__(score, "work", work)
    object.__setattr__(score, "options", options)
    again = {"$set": {"run_at": died["died_at"], "turn": died["died_at"], "tries": 0}, "$unset": {"dead": ""}}
    await jobs.update_one({"_id": died["_id"]}, again)
    found = await ended(matching, location)
    assert found["proposed"] > 0 and "reason" not in found


@pytest.mark.parametrize("guarded", [True, False])
async def test_a_match_is_scored_again_by_the_minimum_of_its_own_policy(
    matching: Running, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The live policy proposes nothing (minimum 1); what another one has proposed is not withdrawn for that."""
    if not guarded:
        monkeypatch.setattr(rescore_matches, "policy_of", lambda uow, settings, label: policy_of(uow, settings))
    bridge = Bridge(matching)
    await arrived(matching, bridge, 1, 1)
    await written(matching, "forum", FORUM)
    await ended(matching, await opened(matching))
    before = (await matches_of(bridge, "k0"))["c0"]
    assert (before["state"], before["policy_version"]) == ("proposed", "forum@1") and before["score"] < 1
    await publish(bridge, updated(seeker("k0", NEED + " 공동 개발도 좋습니다.")), sequence=2)
    after = (await matches_of(bridge, "k0"))["c0"]
    if guarded:
        assert after["state"] == "proposed" and after["revisions"]["k0"] == 2
    else:
        assert (after["state"], after["reason"]) == ("withdrawn", "no_longer_fits")
