"""Two sides that find each other, for tests."""

from __future__ import annotations

from typing import Any

from services.matching import store
from tests.support.contract import chinese_profile, korean_profile, publish
from tests.support.days import TOMORROW
from tests.support.services import Running
from tests.support.waiting import eventually

HALL = {"kind": "onsite", "place": "전시장 A-12 / 展位 A-12"}


class Bridge:
    """Two sides that were proposed to each other."""

    def __init__(self, matching: Running) -> None:
        self.matching = matching
        self.hanbit = matching.client("hanbit", sub="kim-1")
        self.huaqiao = matching.client("huaqiao", sub="wang-1")

    async def publish(self, event: Any, *, key: str, sequence: int = 1) -> None:
        settings = self.matching.service.settings
        await publish(settings.kafka_bootstrap, settings.topic_prefix, event, key=key, sequence=sequence)

    async def proposed(self) -> dict[str, Any]:
        await self.publish(korean_profile("p-kr"), key="p-kr")
        await self.publish(chinese_profile("p-cn"), key="p-cn")

        async def found() -> Any:
            answer = await self.hanbit.get("/v1/matches", params={"profile_id": "p-kr"})
            return answer.status_code == 200 and answer.json()["items"]

        matches: list[dict[str, Any]] = await eventually(found, "a match proposed")
        return matches[0]

    async def agreed(self) -> str:
        match_id: str = (await self.proposed())["match_id"]
        for side in (self.hanbit, self.huaqiao):
            assert (await side.post(f"/v1/matches/{match_id}/accept")).status_code == 200
        return match_id

    async def free(self, match_id: str, **since: str) -> list[str]:
        query = {"match_id": match_id, **(since or {"from": TOMORROW})}
        answer = await self.hanbit.get("/v1/slots", params=query)
        return [item["start"] for item in answer.json()["items"]]

    async def requested(self, match_id: str, start: str) -> dict[str, Any]:
        body = {"match_id": match_id, "start": start, "venue": HALL}
        answer = await self.hanbit.post("/v1/meetings", json=body)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def booked(self, match_id: str, start: str) -> dict[str, Any]:
        meeting = await self.requested(match_id, start)
        answer = await self.huaqiao.post(f"/v1/meetings/{meeting['meeting_id']}/confirm")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def claims(self) -> int:
        return len(await self.matching.service.database.find(store.CLAIMS, {}))

    async def state(self, kind: str, id: str) -> str:
        return str((await self.hanbit.get(f"/v1/{kind}/{id}")).json()["state"])
