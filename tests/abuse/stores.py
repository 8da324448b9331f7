"""What one organisation can leave in the databases."""

from __future__ import annotations

from collections import Counter

from bson import encode

from deploy.local.services import PORTS
from tests.support.profiles import entry, korean
from tests.support.waiting import eventually

from .attack import Seen
from .world import World

MOST_BYTES = 8 * 1024
"""A stored answer of 4 KiB at most, with its key and its fields."""
LONG = [entry("technology", f"{n} " + "가나다라마바사 " * 240) for n in range(10)]
MATCHES, ROWS_OF_A_MATCH = 2, 7
"""A profile that was public for a moment may have been proposed to the two others of this run that fit: a match, a pair
of profiles and one of organisations, a desk, a budget, a job that lets it expire, and a row in notifications."""
GRAVESTONES = len(PORTS) + MATCHES * ROWS_OF_A_MATCH
"""Rows that an erased profile may leave: one in each service that knew it, and those of its matches."""
PER_DAY, OF_THE_FIRM = 40, 12
"""Erased profiles count against the day's 40; what an organisation has once, however many profiles it erases."""


async def repeats(world: World) -> Seen:
    many = world.many(400, 60)
    client = await world.client("profiles", "repeat-firm")
    created = await client.post("/v1/profiles", json=korean(offers=LONG))
    id = created.json()["profile_id"]
    world.ready()
    said = Counter[int]()
    for n in range(many):
        key = {"Idempotency-Key": f"abuse-{n}"}
        said[(await client.post(f"/v1/profiles/{id}/publish", headers=key)).status_code] += 1
    stored = [len(encode(one)) for one in await world.found("profiles", "answers", {"org": "repeat-firm"})]
    seen = Seen(
        f"answers {dict(said)} of {len(created.content)} bytes; stored {len(stored)} rows, "
        f"{sum(stored)} bytes, {max(stored, default=0)} at most"
    )
    # A quick machine repeats it faster than an organisation may.
    seen.expect(said[200] + said[429] == many and said[200] > 0, f"not all were answered 200 or 429: {dict(said)}")
    seen.expect(len(stored) <= many and max(stored, default=0) <= MOST_BYTES, "more is stored than some KiB a key")
    return seen


async def erasures(world: World) -> Seen:
    many = world.many(PER_DAY, 10)
    before = await world.rows()
    client = await world.client("profiles", "fickle-firm")
    world.ready()
    said = Counter[int]()
    for _ in range(many + (0 if world.short else 5)):
        created = await client.post("/v1/profiles", json=korean())
        said[created.status_code] += 1
        if created.status_code == 201:
            path = f"/v1/profiles/{created.json()['profile_id']}"
            await client.post(f"{path}/publish")
            said[(await client.delete(path)).status_code] += 1
    most = GRAVESTONES * said[201] + OF_THE_FIRM
    seen = Seen()
    try:
        await eventually(lambda: _few(world, before, most), f"at most {most} rows are left", 30)
    except AssertionError as error:
        seen.expect(False, str(error))
    left = grown(before, await world.rows())
    seen.text = f"answers {dict(said)}; left {sum(left.values())} rows (at most {most} may be): {left}"
    seen.expect(said[201] <= PER_DAY, "more were created than a day allows")
    seen.expect(said[201] == said[204] == many, f"not all were made and erased: {dict(said)}")
    return seen


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """Only growth: what is removed meanwhile, of earlier attacks, must not hide what this one leaves."""
    return {name: n - before.get(name, 0) for name, n in sorted(after.items()) if n > before.get(name, 0)}


async def _few(world: World, before: dict[str, int], most: int) -> bool:
    """What is told is told, and what remains is bounded. Jobs may remain: a match has one that lets it expire."""
    left = grown(before, await world.rows())
    return not any(name.endswith(".outbox") for name in left) and sum(left.values()) <= most
