"""What one organisation can do to another one that never answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx2

from tests.support.days import TOMORROW
from tests.support.kafka import read_all
from tests.support.profiles import chinese, entry, korean
from tests.support.two_sides import HALL, ok
from tests.support.waiting import eventually

from .attack import Seen
from .world import World

ACTS = 60
"""Tried in some seconds; fewer must take effect (the default budget towards one organisation is 20 acts a day)."""
MAX_ASKS, MAX_MATCHES = 2, 4
"""Of one organisation at one profile: asks that wait, and open matches."""


def apart(body: dict[str, Any], lang: str, text: str) -> dict[str, Any]:
    """The same firm with something that the others neither seek nor have, so that nothing is proposed by itself."""
    return body | {"offers": [entry("technology", text, lang, "ceramics")], "needs": []}


async def pair(world: World, one: str, other: str) -> tuple[str, str]:
    ids = (
        await world.published(one, apart(korean(), "ko", "청자 도예 유약을 만드는 전통 기술을 소개합니다.")),
        await world.published(other, apart(chinese(), "zh", "提供淡水珍珠养殖与加工的成熟技术。")),
    )
    await eventually(lambda: projected(world, ids), "both are in matching")
    return ids


async def projected(world: World, ids: Sequence[str]) -> bool:
    found = await world.found("matching", "profiles", {"_id": {"$in": list(ids)}, "state": "published"})
    return len(found) == len(ids)


async def events(world: World, topic: str, ids: set[str]) -> int:
    records = await read_all(world.system.servers.bootstrap, f"magpie.{topic}.v1")
    return sum((record.key or b"").decode() in ids for record in records)


async def asked(client: httpx2.AsyncClient, mine: str, other: str) -> httpx2.Response:
    return await client.post("/v1/matches", json={"profile_id": mine, "partner_id": other})


async def declined(world: World) -> Seen:
    mine, other = await pair(world, "pushy-firm", "declining-firm")
    pushy = await world.client("matching", "pushy-firm")
    declining = await world.client("matching", "declining-firm", replica=1)
    world.ready()
    said, ids = Counter[str](), set[str]()
    for _ in range(ACTS):
        answer = await asked(pushy, mine, other)
        said[kind(answer)] += 1
        if answer.status_code == 201:
            ids.add(id := answer.json()["match_id"])
            await ok(declining.post(f"/v1/matches/{id}/decline", json={"reason": "other"}), 200)
    return await _bounded(world, "matches", ids, said, declines=len(ids))


async def meetings(world: World) -> Seen:
    mine, other = await pair(world, "busy-firm", "patient-firm")
    busy, patient = await world.client("matching", "busy-firm"), await world.client("matching", "patient-firm")
    match_id = str((await ok(asked(busy, mine, other), 201))["match_id"])
    await ok(patient.post(f"/v1/matches/{match_id}/accept"), 200)
    slots = (await ok(busy.get("/v1/slots", params={"match_id": match_id, "from": TOMORROW}), 200))["items"]
    world.ready()
    said, ids = Counter[str](), set[str]()
    for slot in slots[:ACTS]:
        body = {"match_id": match_id, "start": slot["start"], "venue": HALL}
        answer = await busy.post("/v1/meetings", json=body)
        said[kind(answer)] += 1
        if answer.status_code == 201:
            ids.add(id := answer.json()["meeting_id"])
            said[kind(await busy.post(f"/v1/meetings/{id}/cancel"))] += 1
    return await _bounded(world, "meetings", ids, said)


def kind(answer: httpx2.Response) -> str:
    """The status, and of a refusal its name."""
    if answer.status_code < 400:
        return str(answer.status_code)
    return f"{answer.status_code} {str(answer.json().get('type')).rsplit('/', 1)[-1]}"


async def _bounded(world: World, topic: str, ids: set[str], said: Counter[str], *, declines: int = 0) -> Seen:
    """The events of the refused acts are counted too: there must be none."""
    acts = said["201"] + said["200"] + declines

    async def told() -> bool:
        return await events(world, topic, ids) >= acts

    await eventually(told, "the events of the acts are on the topic")
    many = await events(world, topic, ids)
    seen = Seen(f"answers {dict(said)}; {many} events on {topic}")
    seen.expect(0 < many < ACTS, f"{many} events are not fewer than {ACTS}")
    seen.expect(any(name.startswith("4") for name in said), "nothing was refused")
    return seen


async def crowding(world: World) -> Seen:
    many = world.many(20, 4)
    victim = await world.published("victim-firm")
    await world.published("fair-firm", chinese())
    await eventually(lambda: proposals(world, victim, "fair-firm"), "another organisation's proposal", 60)
    pearls = apart(chinese(), "zh", "提供淡水珍珠养殖与加工的成熟技术。")
    ids = [await world.published("crowd-firm", pearls) for _ in range(many)]
    await eventually(lambda: projected(world, ids), "all are in matching")
    crowd = await world.client("matching", "crowd-firm")
    world.ready()
    said = Counter([kind(await asked(crowd, id, victim)) for id in ids])
    theirs = await proposals(world, victim, "crowd-firm")
    asks = sum(match["origin"] == "request" and len(match["accepted_by"]) == 1 for match in theirs)
    fair = len(await proposals(world, victim, "fair-firm"))
    seen = Seen(f"answers {dict(said)}; {asks} asks and {len(theirs)} matches stand, {fair} of another organisation")
    seen.expect(asks <= MAX_ASKS, f"{asks} asks of one organisation stand")
    seen.expect(len(theirs) <= MAX_MATCHES, f"{len(theirs)} matches of one organisation stand")
    seen.expect(said["201"] > 0 and asks > 0, "no ask was taken at all")
    seen.expect(fair > 0, "another organisation's proposal was displaced")
    return seen


async def proposals(world: World, victim: str, org: str) -> list[dict[str, Any]]:
    """Open matches of this organisation at the victim."""
    query = {"parties": victim, "state": {"$in": ["proposed", "accepted", "agreed"]}}
    return [match for match in await world.found("matching", "matches", query) if org in match["owners"].values()]
