"""A Korean and a Chinese side that meet, on a whole system."""

from __future__ import annotations

from typing import Any

from tests.support.days import TOMORROW
from tests.support.waiting import eventually
from tests.support.whole import Whole

HALL = {"kind": "onsite", "place": "전시장 A-12"}


def a_recipient(
    profile_id: str, zone: str = "Asia/Seoul", lang: str = "ko", mail: str = "kim@hanbit.example"
) -> dict[str, Any]:
    return {
        "profile_id": profile_id,
        "lang": lang,
        "zone": zone,
        "email": mail,
        "channels": ["inbox", "email"],
        "quiet_hours": {"start": "22:00", "end": "08:00"},
    }


class Forum:
    """A Korean and a Chinese side at the four services."""

    def __init__(self, system: Whole) -> None:
        self.system = system
        self.kr = {s: system.client(s, "hanbit", sub="kim-1") for s in ("profiles", "matching", "notifications")}
        self.cn = {s: system.client(s, "huaqiao", sub="wang-1") for s in ("profiles", "matching", "notifications")}
        self.organiser = system.client("translation", "kic-office", role="organiser", sub="kic-1")
        self.ids: dict[str, str] = {}

    async def publish(self, side: dict[str, Any], body: dict[str, Any]) -> str:
        id = str((await ok(side["profiles"].post("/v1/profiles", json=body), 201))["profile_id"])
        await ok(side["profiles"].post(f"/v1/profiles/{id}/publish"), 200)
        return id

    async def replace(self, profile_id: str, body: dict[str, Any]) -> None:
        """Another revision of hanbit's profile."""
        path = f"/v1/profiles/{profile_id}"
        present = await self.kr["profiles"].get(path)
        await ok(self.kr["profiles"].put(path, json=body, headers={"If-Match": present.headers["etag"]}), 200)

    async def excluded(self, profile_id: str, exclusions: dict[str, Any]) -> None:
        async def kept() -> bool:
            answer = await self.kr["matching"].put(f"/v1/profiles/{profile_id}/exclusions", json=exclusions)
            return answer.status_code == 200

        await eventually(kept, "matching knows the profile, and keeps its exclusions")

    async def agreed(self, profile_id: str) -> str:
        async def proposed() -> Any:
            answer = await self.kr["matching"].get("/v1/matches", params={"profile_id": profile_id})
            return answer.status_code == 200 and answer.json()["items"]

        match_id = str((await eventually(proposed, "a match"))[0]["match_id"])
        for side in (self.kr, self.cn):
            await ok(side["matching"].post(f"/v1/matches/{match_id}/accept"), 200)
        return match_id

    async def requested(self, match_id: str) -> str:
        query = {"match_id": match_id, "from": TOMORROW}
        slots = (await ok(self.kr["matching"].get("/v1/slots", params=query), 200))["items"]
        body = {"match_id": match_id, "start": slots[5]["start"], "venue": HALL}
        return str((await ok(self.kr["matching"].post("/v1/meetings", json=body), 201))["meeting_id"])

    async def registered(self, profile_id: str, client: Any, sub: str, **how: str) -> None:
        async def is_in() -> bool:
            answer = await client.put(f"/v1/recipients/{sub}", json=a_recipient(profile_id, **how))
            return answer.status_code in (200, 201)

        await eventually(is_in, f"{sub} registered")

    async def inbox(self, client: Any, sub: str, template: str) -> Any:
        async def there() -> Any:
            items = (await client.get(f"/v1/recipients/{sub}/inbox")).json()["items"]
            return [item for item in items if item["template"] == template]

        return await eventually(there, f"{template} in the inbox of {sub}")


async def ok(asked: Any, *statuses: int) -> dict[str, Any]:
    answer = await asked
    assert answer.status_code in statuses, (answer.request.url.path, answer.text)
    found: dict[str, Any] = answer.json()
    return found
