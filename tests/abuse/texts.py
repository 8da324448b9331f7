"""Texts that once took a pattern seconds."""

from __future__ import annotations

import time
from typing import Any

from tests.support.profiles import entry, korean

from .attack import Seen
from .world import World

MARKS = "a" + "\u0301" * 64_000
OFFERS = {"blanks before a mark": "QQ" + " " * 1500 + "!", "blanks": " " * 7990}


async def exploding(world: World) -> Seen:
    client = await world.client("profiles", "texts-firm")
    id = (await client.post("/v1/profiles", json=korean())).json()["profile_id"]
    kim = await world.client("profiles", "texts-firm", sub="kim-1")
    name = {"full_native": "김하나", "script": "Hang"}
    member = {"name": name, "email": MARKS + "@hanbit.example", "languages": ["ko"]}
    requests: list[tuple[str, Any, str, str, Any]] = [
        (what, client, "POST", "/v1/profiles", korean(offers=[entry("technology", text)]))
        for what, text in OFFERS.items()
    ]
    requests.append(("an address of marks", kim, "PUT", f"/v1/profiles/{id}/members/kim-1", member))
    seen = Seen()
    said = []
    for what, caller, method, path, body in requests:
        await caller.request(method, path, json=body)  # what is compiled at its first use is no attack
        began = time.monotonic()
        answer = await caller.request(method, path, json=body)
        took = (time.monotonic() - began) * 1000
        said.append(f"{what}: {answer.status_code} in {took:.0f} ms")
        seen.expect(answer.status_code in (201, 422), f"{what} was answered {answer.status_code}")
        seen.expect(took <= world.longest_ms, f"{what} took {took:.0f} ms")
    seen.text = ", ".join(said)
    return seen
