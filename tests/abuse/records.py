"""Records on our topics that none of our services wrote."""

from __future__ import annotations

import json

from schemas.profiles import ProfileErased, ProfilePublished
from tests.support.contract import korean_profile
from tests.support.kafka import Headers, ce_headers, read_all, send
from tests.support.profiles import korean
from tests.support.two_sides import ok
from tests.support.waiting import eventually

from .attack import Seen
from .people import projected
from .world import World

READERS = ("matching", "notifications", "translation")
OWNER = {"ce_source": "/magpie/profiles"}
ERASED, PUBLISHED = ProfileErased.event_type, ProfilePublished.event_type


def forged(id: str) -> list[tuple[bytes, bytes | None, Headers]]:
    body = json.loads(korean_profile(id, owner="forged-firm").model_dump_json(exclude_none=True))
    body["offers"][0]["expires_at"] = "not a time"
    return [
        (id.encode(), None, ce_headers("abuse-foreign", ERASED, 2**63 - 1, ce_source="/evil")),
        (id.encode(), None, ce_headers("abuse-largest", ERASED, 2**63 - 1, **OWNER)),
        (id.encode(), None, ce_headers("abuse-nines", ERASED, int("9" * 20), **OWNER)),
        (id.encode(), json.dumps(body).encode(), ce_headers("abuse-instant", PUBLISHED, 3, **OWNER)),
    ]


async def records(world: World) -> Seen:
    id = await world.published("forged-firm")
    await eventually(lambda: projected(world, [id]), "the profile is in matching")
    bootstrap, sent = world.system.servers.bootstrap, forged(id)
    world.ready()
    await send(bootstrap, "magpie.profiles.v1", sent)
    owner = await world.client("profiles", "forged-firm")
    etag = (await owner.get(f"/v1/profiles/{id}")).headers["etag"]
    answer = await owner.put(f"/v1/profiles/{id}", json=korean(languages=["ko"]), headers={"If-Match": etag})
    sequence = int(answer.headers["etag"].strip('"'))
    seen, dead = Seen(), {}
    for service in READERS:
        taken = await _taken(world, service, id, sequence)
        seen.expect(taken, f"{service} does not take the next true event")
        letters = await read_all(bootstrap, f"magpie.dlq.{service}")
        found = {dict(letter.headers)["ce_id"] for letter in letters} & {dict(h)["ce_id"] for _, _, h in sent}
        dead[service] = len(found)
        seen.expect(len(found) == len(sent), f"{service}: {len(found)} of {len(sent)} became dead letters")
    matches = await world.client("matching", "forged-firm")
    await ok(matches.get("/v1/matches", params={"profile_id": id}), 200)
    paused = await world.paused()
    seen.expect(not paused, f"{paused} partitions are paused")
    seen.text = f"dead letters {dead}; the profile stays readable, revision {sequence} is taken, {paused} paused"
    return seen


async def _taken(world: World, service: str, id: str, sequence: int) -> bool:
    query = {"_id": id, "sequence": sequence}
    try:
        await eventually(lambda: world.found(service, "profiles", query), f"{service} has revision {sequence}")
    except AssertionError:
        return False
    return True
