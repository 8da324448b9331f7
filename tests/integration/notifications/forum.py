"""Two profiles, a recipient at each, and what the other services tell of them."""

from __future__ import annotations

from typing import Any

from schemas.common import text_id
from schemas.matches import Evidence, EvidenceEntry
from schemas.meetings import Venue
from services.notifications.domain.recipients import recipient_id
from tests.support.contract import chinese_profile, korean_profile, publish
from tests.support.services import Running
from tests.support.waiting import eventually

KOREAN, CHINESE = korean_profile("p-kr"), chinese_profile("p-cn")
assert KOREAN.needs and CHINESE.offers
NEED, OFFER = KOREAN.needs[0], CHINESE.offers[0]
MATCH: dict[str, Any] = {
    "match_id": "m-1",
    "parties": ["p-cn", "p-kr"],
    "revisions": {"p-cn": 1, "p-kr": 1},
    "score": 0.6,
    "interest": {"p-cn": 0.6, "p-kr": 0.6},
    "evidence": [
        Evidence(
            need=EvidenceEntry(profile_id="p-kr", id=NEED.id, text_id=text_id(NEED.text)),
            offer=EvidenceEntry(profile_id="p-cn", id=OFFER.id, text_id=text_id(OFFER.text)),
            fit=0.6,
        )
    ],
    "state": "proposed",
    "origin": "live",
    "expires_at": "2037-12-15T01:00:00.000+00:00",
}
MEETING: dict[str, Any] = {
    "meeting_id": "t-1",
    "match_id": "m-1",
    "parties": ["p-cn", "p-kr"],
    "sides": {"p-kr": "kim-1", "p-cn": "wang-1"},
    "members": ["kim-1", "wang-1"],
    "asked_by": "p-kr",
    "start": "2037-12-01T01:00:00.000+00:00",
    "end": "2037-12-01T01:20:00.000+00:00",
    "venue": Venue(kind="onsite", place="A-12"),
    "state": "requested",
    "lapses_at": "2037-11-30T01:00:00.000+00:00",
}
KIM = {"profile_id": "p-kr", "lang": "ko", "zone": "Asia/Seoul"}
WANG = {"profile_id": "p-cn", "lang": "zh", "zone": "Asia/Shanghai"}


ORGANISATIONS = {"kim-1": "hanbit", "lee-1": "hanbit", "wang-1": "huaqiao"}


def stored_id(member_id: str) -> str:
    """The id under which a member of this forum is stored and published."""
    return recipient_id(ORGANISATIONS[member_id], member_id)


class Forum:
    """Two profiles and a recipient at each."""

    def __init__(self, notifications: Running) -> None:
        self.notifications = notifications
        self.kim = notifications.client("hanbit", sub="kim-1")
        self.wang = notifications.client("huaqiao", sub="wang-1")

    async def tell(self, event: Any, key: str, sequence: int, *, id: str | None = None, time: str = "") -> None:
        settings = self.notifications.service.settings
        time = time or self.notifications.service.database.now().isoformat()
        bootstrap, prefix = settings.kafka_bootstrap, settings.topic_prefix
        await publish(bootstrap, prefix, event, key=key, sequence=sequence, id=id, time=time)

    async def opened(self, kim: Any = None, wang: Any = None) -> None:
        """`kim` and `wang`: what they wish beside profile, language and zone."""
        await self.tell(KOREAN, "p-kr", 1)
        await self.tell(CHINESE, "p-cn", 1)
        wishes = (
            (self.kim, "kim-1", KIM | (kim or {})),
            (self.wang, "wang-1", WANG | (wang or {})),
        )
        for client, id, body in wishes:

            async def registered(client: Any = client, id: str = id, body: Any = body) -> bool:
                answer = await client.put(f"/v1/recipients/{id}", json=body)
                assert answer.status_code in (201, 404), answer.text
                return bool(answer.status_code == 201)

            await eventually(registered, "registered, once the profile has arrived")

    async def inbox(self, client: Any, id: str, **params: Any) -> list[dict[str, Any]]:
        answer = await client.get(f"/v1/recipients/{id}/inbox", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def told(self, client: Any, id: str, n: int) -> list[dict[str, Any]]:
        async def there() -> bool:
            return len(await self.inbox(client, id)) >= n

        await eventually(there, f"{n} notices for {id}")
        return await self.inbox(client, id)
