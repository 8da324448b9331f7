"""What a caller writes into headers, cursors and names of a body."""

from __future__ import annotations

import json

from tests.support.kafka import read_all
from tests.support.profiles import korean
from tests.support.waiting import eventually

from .attack import Seen
from .world import World

HOSTILE = (
    "abuse-mark@people.example 010-1234-5678",
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01abuse-mark",
)
CURSORS = ("9" * 30, '["\\ud800", "seal"]', "W10", "null", "%00", "e30", "-" * 2000, "[[[[[[", "")
MARK = b"abuse-mark"


async def headers(world: World) -> Seen:
    seen = Seen()
    parts = [await _traces(world, seen), await _hosts(world, seen), await _cursors(world, seen)]
    seen.text = ", ".join([*parts, await _doubled(world, seen)])
    return seen


async def _traces(world: World, seen: Seen) -> str:
    client = await world.client("profiles", "trace-firm")
    ids = set()
    for text in HOSTILE:
        created = await client.post("/v1/profiles", json=korean(), headers={"traceparent": text})
        ids.add(id := created.json()["profile_id"])
        published = await client.post(f"/v1/profiles/{id}/publish", headers={"traceparent": text})
        seen.expect(published.status_code == 200, f"a hostile trace was answered {published.status_code}")

    async def told() -> bool:
        records = await read_all(world.system.servers.bootstrap, "magpie.profiles.v1")
        return ids <= {(record.key or b"").decode() for record in records}

    await eventually(told, "the events of the hostile traces")
    records = await read_all(world.system.servers.bootstrap, "magpie.profiles.v1")
    marked = sum(MARK in value for record in records for _, value in record.headers)
    seen.expect(not marked, f"{marked} headers of a topic hold what a caller wrote")
    return f"{marked} hostile traces on the topic"


async def _hosts(world: World, seen: Seen) -> str:
    client = await world.client("profiles", "host-firm")
    paths = ("/v1/profiles/", "//v1/profiles", "/livez/", "/docs/")
    for path in paths:
        answer = await client.get(path, headers={"host": "evil.example"})
        leads = "location" in answer.headers or "evil" in answer.text
        seen.expect(answer.status_code == 404 and not leads, f"{path} of a foreign host: {answer.status_code}")
    created = await client.post("/v1/profiles", json=korean(), headers={"host": "evil.example"})
    seen.expect("evil" not in created.headers.get("location", ""), "a Location leads to the host of the caller")
    return f"{len(paths) + 1} foreign hosts"


async def _cursors(world: World, seen: Seen) -> str:
    client, said = await world.client("profiles", "cursor-firm"), set[int]()
    for cursor in CURSORS:
        answer = await client.get("/v1/profiles", params={"cursor": cursor})
        said.add(answer.status_code)
        seen.expect(400 <= answer.status_code < 500, f"the cursor {cursor[:20]!r}: {answer.status_code}")
    return f"{len(CURSORS)} cursors {sorted(said)}"


async def _doubled(world: World, seen: Seen) -> str:
    body, client = json.dumps(korean()), await world.client("profiles", "twice-firm")
    nested = body.replace('"type": "company"', '"type": "company", "type": "agency"')
    said = []
    for text in (body[:-1] + ', "languages": ["en"]}', nested):
        answer = await client.post("/v1/profiles", content=text, headers={"content-type": "application/json"})
        said.append(answer.status_code)
        seen.expect(answer.status_code == 422, f"a name that comes twice: {answer.status_code}")
    return f"doubled names {said}"
