"""Many clients want the same person at the same moment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from deploy.local.system import Servers
from services.matching import store
from services.matching.app import build
from services.matching.encoder import Encoder
from services.matching.settings import MatchingSettings
from tests.integration.matching.bridge import HALL, Bridge
from tests.support.contract import chinese_profile, korean_profile
from tests.support.days import TOMORROW
from tests.support.services import Running, chassis_settings, running
from tests.support.waiting import eventually

CLIENTS = 50


async def asked_for(matching: Running) -> list[str]:
    """Fifty firms have each agreed with one, and ask for the same hour of its Mr Wang."""
    bridge = Bridge(matching)
    await bridge.publish(chinese_profile("p-cn", needs=[], offers=[]), key="p-cn")
    firms = {f"kr-{n}": matching.client(f"kr-{n}", sub=f"kim-{n}") for n in range(CLIENTS)}
    for firm in firms:
        profile = korean_profile(f"p-{firm}", owner=firm, needs=[], offers=[])
        await bridge.publish(profile, key=profile.profile_id)
    start = None
    meetings = []
    for firm, client in firms.items():
        body = {"profile_id": f"p-{firm}", "partner_id": "p-cn"}

        async def asked(client: Any = client, body: Any = body) -> Any:
            answer = await client.post("/v1/matches", json=body)
            return answer.status_code in (200, 201) and answer.json()["match_id"]

        match_id = await eventually(asked, f"{firm} asks")
        assert (await bridge.huaqiao.post(f"/v1/matches/{match_id}/accept")).json()["state"] == "agreed"
        if start is None:
            slots = await client.get("/v1/slots", params={"match_id": match_id, "from": TOMORROW})
            start = slots.json()["items"][0]["start"]
        answer = await client.post("/v1/meetings", json={"match_id": match_id, "start": start, "venue": HALL})
        assert answer.status_code == 201, answer.text
        meetings.append(answer.json()["meeting_id"])
    return meetings


async def test_of_fifty_who_confirm_the_same_time_at_once_one_wins(
    servers: Servers, run_id: str, tmp_path: Path, encoder: Encoder, matching: Running
) -> None:
    """On two replicas. The others hear `taken`, with other times, and their requests stay open."""
    second = build(chassis_settings(servers, run_id, tmp_path), MatchingSettings(), encoder=encoder)
    async with running(second, make_topics=False) as replica:
        meetings = await asked_for(matching)
        clients = [(matching, replica)[n % 2].client("huaqiao", sub=f"wang-{n}") for n in range(CLIENTS)]
        answers = await asyncio.gather(
            *(client.post(f"/v1/meetings/{id}/confirm") for client, id in zip(clients, meetings, strict=True))
        )
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * (CLIENTS - 1)
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert {answer["type"].rsplit("/")[-1] for answer in refused} == {"taken"}
        assert all(answer["slots"] for answer in refused)
        states = [m.state for m in await matching.service.database.find(store.MEETINGS, {})]
        assert sorted(states) == ["booked"] + ["requested"] * (CLIENTS - 1)
        assert len(await matching.service.database.find(store.CLAIMS, {})) == 4
        booked = [e for e in await matching.events("meetings") if type(e).__name__ == "MeetingBooked"]
        assert len(booked) == 1
